// SPDX-License-Identifier: Apache-2.0
// SyncGroup, API key 14, v0-5, flexible from v4.
// Hands the leader's assignment to the members of a classic group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct SyncGroupResponse;

struct SyncGroupRequest {
    struct Assignment {
        std::string member_id{};
        Bytes assignment{};
        UnknownTags unknown_tags{};
    };

    using response_type = SyncGroupResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::int32_t generation_id = 0;
    std::string member_id{};
    std::optional<std::string> group_instance_id{};  ///< static membership (KIP-345); null: none
    std::optional<std::string> protocol_type{};
    std::optional<std::string> protocol_name{};
    std::vector<Assignment> assignments{};
    UnknownTags unknown_tags{};
};

struct SyncGroupResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> protocol_type{};
    std::optional<std::string> protocol_name{};
    Bytes assignment{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
