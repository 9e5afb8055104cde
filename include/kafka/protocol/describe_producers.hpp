// SPDX-License-Identifier: Apache-2.0
// DescribeProducers, API key 61, v0, flexible from v0.
// Describes the producers that are active on partitions (KIP-664).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeProducersResponse;

struct DescribeProducersRequest {
    struct TopicRequest {
        std::string name{};
        std::vector<std::int32_t> partition_indexes{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeProducersResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<TopicRequest> topics{};
    UnknownTags unknown_tags{};
};

struct DescribeProducersResponse {
    struct ProducerState {
        std::int64_t producer_id = 0;
        std::int32_t producer_epoch = 0;
        std::int32_t last_sequence = -1;
        std::int64_t last_timestamp = -1;
        std::int32_t coordinator_epoch = 0;
        std::int64_t current_txn_start_offset = -1;
        UnknownTags unknown_tags{};
    };

    struct PartitionResponse {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::vector<ProducerState> active_producers{};
        UnknownTags unknown_tags{};
    };

    struct TopicResponse {
        std::string name{};
        std::vector<PartitionResponse> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<TopicResponse> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
