// SPDX-License-Identifier: Apache-2.0
// Metadata, API key 3, v0-13, flexible from v9.
// Asks any broker for the brokers of the cluster and for topics, partitions and their leaders.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct MetadataResponse;

struct MetadataRequest {
    struct Topic {
        Uuid topic_id{};
        std::optional<std::string> name = "";
        UnknownTags unknown_tags{};
    };

    using response_type = MetadataResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::vector<Topic>> topics = std::vector<Topic>{};
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;
    UnknownTags unknown_tags{};
};

struct MetadataResponse {
    struct Broker {
        std::int32_t node_id = 0;
        std::string host{};
        std::int32_t port = 0;
        std::optional<std::string> rack{};
        UnknownTags unknown_tags{};
    };

    struct Partition {
        std::int16_t error_code = 0;
        std::int32_t partition_index = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = -1;  ///< -1: not known
        std::vector<std::int32_t> replica_nodes{};
        std::vector<std::int32_t> isr_nodes{};
        std::vector<std::int32_t> offline_replicas{};
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::int16_t error_code = 0;
        std::optional<std::string> name = "";
        Uuid topic_id{};
        bool is_internal = false;
        std::vector<Partition> partitions{};
        /// Bits by AclOperation; the minimum: not asked for (KIP-430).
        std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Broker> brokers{};
    std::optional<std::string> cluster_id{};
    std::int32_t controller_id = -1;
    std::vector<Topic> topics{};
    /// Bits by AclOperation; the minimum: not asked for (KIP-430).
    std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();
    std::int16_t error_code = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
