// SPDX-License-Identifier: Apache-2.0
// AlterPartitionReassignments, API key 45, v0-1, flexible from v0.
// Moves partitions to other brokers, or cancels that (KIP-455).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterPartitionReassignmentsResponse;

struct AlterPartitionReassignmentsRequest {
    struct ReassignablePartition {
        std::int32_t partition_index = 0;
        std::optional<std::vector<std::int32_t>> replicas{};
        UnknownTags unknown_tags{};
    };

    struct ReassignableTopic {
        std::string name{};
        std::vector<ReassignablePartition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterPartitionReassignmentsResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t timeout_ms = 60000;  ///< milliseconds
    bool allow_replication_factor_change = true;
    std::vector<ReassignableTopic> topics{};
    UnknownTags unknown_tags{};
};

struct AlterPartitionReassignmentsResponse {
    struct ReassignablePartitionResponse {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags{};
    };

    struct ReassignableTopicResponse {
        std::string name{};
        std::vector<ReassignablePartitionResponse> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    bool allow_replication_factor_change = true;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<ReassignableTopicResponse> responses{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
