// SPDX-License-Identifier: Apache-2.0
// ReadShareGroupState, API key 84, v0, flexible from v0.
// Reads the durable state of share partitions; between brokers (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ReadShareGroupStateResponse;

struct ReadShareGroupStateRequest {
    struct PartitionData {
        std::int32_t partition = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct ReadStateData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ReadShareGroupStateResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<ReadStateData> topics{};
    UnknownTags unknown_tags{};
};

struct ReadShareGroupStateResponse {
    struct StateBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::int8_t delivery_state = 0;
        std::int16_t delivery_count = 0;
        UnknownTags unknown_tags{};
    };

    struct PartitionResult {
        std::int32_t partition = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::int32_t state_epoch = 0;
        std::int64_t start_offset = 0;
        std::vector<StateBatch> state_batches{};
        UnknownTags unknown_tags{};
    };

    struct ReadStateResult {
        Uuid topic_id{};
        std::vector<PartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<ReadStateResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
