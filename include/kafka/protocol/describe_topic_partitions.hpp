// SPDX-License-Identifier: Apache-2.0
// DescribeTopicPartitions, API key 75, v0, flexible from v0.
// Describes topics page by page (KIP-966).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeTopicPartitionsResponse;

struct DescribeTopicPartitionsRequest {
    struct TopicRequest {
        std::string name{};
        UnknownTags unknown_tags{};
    };

    struct Cursor {
        std::string topic_name{};
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeTopicPartitionsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<TopicRequest> topics{};
    std::int32_t response_partition_limit = 2000;
    std::optional<Cursor> cursor{};
    UnknownTags unknown_tags{};
};

struct DescribeTopicPartitionsResponse {
    struct Partition {
        std::int16_t error_code = 0;
        std::int32_t partition_index = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = -1;  ///< -1: not known
        std::vector<std::int32_t> replica_nodes{};
        std::vector<std::int32_t> isr_nodes{};
        std::optional<std::vector<std::int32_t>> eligible_leader_replicas{};
        std::optional<std::vector<std::int32_t>> last_known_elr{};
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

    struct Cursor {
        std::string topic_name{};
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics{};
    std::optional<Cursor> next_cursor{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
