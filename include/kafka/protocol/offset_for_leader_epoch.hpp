// SPDX-License-Identifier: Apache-2.0
// OffsetForLeaderEpoch, API key 23, v2-4, flexible from v4.
// Finds the end offset of a leader epoch, to notice truncated logs (KIP-101, KIP-320).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct OffsetForLeaderEpochResponse;

struct OffsetForLeaderEpochRequest {
    struct OffsetForLeaderPartition {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = -1;  ///< -1: not checked (KIP-320)
        std::int32_t leader_epoch = 0;           ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct OffsetForLeaderTopic {
        std::string topic{};
        std::vector<OffsetForLeaderPartition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = OffsetForLeaderEpochResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t replica_id = -2;  ///< -1: a consumer
    std::vector<OffsetForLeaderTopic> topics{};
    UnknownTags unknown_tags{};
};

struct OffsetForLeaderEpochResponse {
    struct EpochEndOffset {
        std::int16_t error_code = 0;
        std::int32_t partition = 0;
        std::int32_t leader_epoch = -1;  ///< -1: not known
        std::int64_t end_offset = -1;
        UnknownTags unknown_tags{};
    };

    struct OffsetForLeaderTopicResult {
        std::string topic{};
        std::vector<EpochEndOffset> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetForLeaderTopicResult> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
