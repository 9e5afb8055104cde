// SPDX-License-Identifier: Apache-2.0
// OffsetFetch, API key 9, v1-10, flexible from v6.
// Reads the positions that groups have committed; from v8 for many groups at once (KIP-709).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct OffsetFetchResponse;

struct OffsetFetchRequest {
    struct Topic {
        std::string name{};
        std::vector<std::int32_t> partition_indexes{};
        UnknownTags unknown_tags{};
    };

    struct Topics {
        std::string name{};
        Uuid topic_id{};
        std::vector<std::int32_t> partition_indexes{};
        UnknownTags unknown_tags{};
    };

    struct Group {
        std::string group_id{};
        std::optional<std::string> member_id{};
        std::int32_t member_epoch = -1;
        std::optional<std::vector<Topics>> topics = std::vector<Topics>{};
        UnknownTags unknown_tags{};
    };

    using response_type = OffsetFetchResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::optional<std::vector<Topic>> topics = std::vector<Topic>{};
    std::vector<Group> groups{};
    bool require_stable = false;
    UnknownTags unknown_tags{};
};

struct OffsetFetchResponse {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;  ///< -1: not known
        std::optional<std::string> metadata = "";
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Partitions {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;  ///< -1: not known
        std::optional<std::string> metadata = "";
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct Topics {
        std::string name{};
        Uuid topic_id{};
        std::vector<Partitions> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Group {
        std::string group_id{};
        std::vector<Topics> topics{};
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics{};
    std::int16_t error_code = 0;
    std::vector<Group> groups{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
