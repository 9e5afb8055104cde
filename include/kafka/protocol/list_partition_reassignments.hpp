// SPDX-License-Identifier: Apache-2.0
// ListPartitionReassignments, API key 46, v0, flexible from v0.
// Lists the moves of partitions under way (KIP-455).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ListPartitionReassignmentsResponse;

struct ListPartitionReassignmentsRequest {
    struct Topics {
        std::string name{};
        std::vector<std::int32_t> partition_indexes{};
        UnknownTags unknown_tags{};
    };

    using response_type = ListPartitionReassignmentsResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t timeout_ms = 60000;  ///< milliseconds
    std::optional<std::vector<Topics>> topics{};
    UnknownTags unknown_tags{};
};

struct ListPartitionReassignmentsResponse {
    struct OngoingPartitionReassignment {
        std::int32_t partition_index = 0;
        std::vector<std::int32_t> replicas{};
        std::vector<std::int32_t> adding_replicas{};
        std::vector<std::int32_t> removing_replicas{};
        UnknownTags unknown_tags{};
    };

    struct OngoingTopicReassignment {
        std::string name{};
        std::vector<OngoingPartitionReassignment> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<OngoingTopicReassignment> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
