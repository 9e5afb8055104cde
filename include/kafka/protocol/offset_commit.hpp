// SPDX-License-Identifier: Apache-2.0
// OffsetCommit, API key 8, v2-10, flexible from v8.
// Stores a group's positions; sent to the group's coordinator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct OffsetCommitResponse;

struct OffsetCommitRequest {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;  ///< -1: not known
        std::optional<std::string> committed_metadata = "";
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        Uuid topic_id{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = OffsetCommitResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::int32_t generation_id_or_member_epoch = -1;
    std::string member_id{};
    std::optional<std::string> group_instance_id{};  ///< static membership (KIP-345); null: none
    std::int64_t retention_time_ms = -1;             ///< -1: the broker's setting
    std::vector<Topic> topics{};
    UnknownTags unknown_tags{};
};

struct OffsetCommitResponse {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        Uuid topic_id{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
