// SPDX-License-Identifier: Apache-2.0
// ReadShareGroupStateSummary, API key 87, v0-1, flexible from v0.
// Reads the start offsets of share partitions; between brokers (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ReadShareGroupStateSummaryResponse;

struct ReadShareGroupStateSummaryRequest {
    struct PartitionData {
        std::int32_t partition = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct ReadStateSummaryData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ReadShareGroupStateSummaryResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<ReadStateSummaryData> topics{};
    UnknownTags unknown_tags{};
};

struct ReadShareGroupStateSummaryResponse {
    struct PartitionResult {
        std::int32_t partition = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::int32_t state_epoch = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        std::int64_t start_offset = 0;
        std::int32_t delivery_complete_count = -1;
        UnknownTags unknown_tags{};
    };

    struct ReadStateSummaryResult {
        Uuid topic_id{};
        std::vector<PartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<ReadStateSummaryResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
