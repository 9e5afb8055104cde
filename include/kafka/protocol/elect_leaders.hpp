// SPDX-License-Identifier: Apache-2.0
// ElectLeaders, API key 43, v0-2, flexible from v2.
// Elects preferred or unclean leaders (KIP-183, KIP-460).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ElectLeadersResponse;

struct ElectLeadersRequest {
    struct TopicPartitions {
        std::string topic{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ElectLeadersResponse;
    KAFKA_API static const MessageInfo info;

    std::int8_t election_type = 0;
    std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
    std::int32_t timeout_ms = 60000;  ///< milliseconds
    UnknownTags unknown_tags{};
};

struct ElectLeadersResponse {
    struct PartitionResult {
        std::int32_t partition_id = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags{};
    };

    struct ReplicaElectionResult {
        std::string topic{};
        std::vector<PartitionResult> partition_result{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<ReplicaElectionResult> replica_election_results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
