// SPDX-License-Identifier: Apache-2.0
// ListOffsets, API key 2, v1-11, flexible from v6.
// Finds offsets by time, or the first, last and other special ones, on each partition's leader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ListOffsetsResponse;

struct ListOffsetsRequest {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int32_t current_leader_epoch = -1;  ///< -1: not checked (KIP-320)
        /// Milliseconds since 1970; negative values ask for special offsets.
        std::int64_t timestamp = 0;
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ListOffsetsResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t replica_id = 0;      ///< -1: a consumer
    std::int8_t isolation_level = 0;  ///< 0: read_uncommitted, 1: read_committed
    std::vector<Topic> topics{};
    std::int32_t timeout_ms = 0;  ///< milliseconds
    UnknownTags unknown_tags{};
};

struct ListOffsetsResponse {
    struct PartitionResponse {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        /// Milliseconds since 1970; negative values ask for special offsets.
        std::int64_t timestamp = -1;
        std::int64_t offset = -1;
        std::int32_t leader_epoch = -1;  ///< -1: not known
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
