// SPDX-License-Identifier: Apache-2.0
// DescribeShareGroupOffsets, API key 90, v0-1, flexible from v0.
// Reads the start offsets of share groups (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeShareGroupOffsetsResponse;

struct DescribeShareGroupOffsetsRequest {
    struct Topic {
        std::string topic_name{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Group {
        std::string group_id{};
        std::optional<std::vector<Topic>> topics = std::vector<Topic>{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeShareGroupOffsetsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<Group> groups{};
    UnknownTags unknown_tags{};
};

struct DescribeShareGroupOffsetsResponse {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t start_offset = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        std::int64_t lag = -1;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string topic_name{};
        Uuid topic_id{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Group {
        std::string group_id{};
        std::vector<Topic> topics{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Group> groups{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
