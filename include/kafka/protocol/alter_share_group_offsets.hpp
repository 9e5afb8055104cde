// SPDX-License-Identifier: Apache-2.0
// AlterShareGroupOffsets, API key 91, v0, flexible from v0.
// Moves the start offsets of a share group (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterShareGroupOffsetsResponse;

struct AlterShareGroupOffsetsRequest {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t start_offset = 0;
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string topic_name{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterShareGroupOffsetsResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<Topic> topics{};
    UnknownTags unknown_tags{};
};

struct AlterShareGroupOffsetsResponse {
    struct Partition {
        std::int32_t partition_index = 0;
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

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::vector<Topic> responses{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
