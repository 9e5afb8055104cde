// SPDX-License-Identifier: Apache-2.0
// DeleteRecords, API key 21, v0-2, flexible from v2.
// Moves the log start offset forward, which deletes older records (KIP-107).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DeleteRecordsResponse;

struct DeleteRecordsRequest {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t offset = 0;
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = DeleteRecordsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<Topic> topics{};
    std::int32_t timeout_ms = 0;  ///< milliseconds
    UnknownTags unknown_tags{};
};

struct DeleteRecordsResponse {
    struct PartitionResult {
        std::int32_t partition_index = 0;
        std::int64_t low_watermark = 0;
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicResult {
        std::string name{};
        std::vector<PartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<TopicResult> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
