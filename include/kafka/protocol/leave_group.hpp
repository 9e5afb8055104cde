// SPDX-License-Identifier: Apache-2.0
// LeaveGroup, API key 13, v0-5, flexible from v4.
// Leaves a classic group; from v3 several members, by instance id too (KIP-345).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct LeaveGroupResponse;

struct LeaveGroupRequest {
    struct MemberIdentity {
        std::string member_id{};
        std::optional<std::string>
            group_instance_id{};  ///< static membership (KIP-345); null: none
        std::optional<std::string> reason{};
        UnknownTags unknown_tags{};
    };

    using response_type = LeaveGroupResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::string member_id{};
    std::vector<MemberIdentity> members{};
    UnknownTags unknown_tags{};
};

struct LeaveGroupResponse {
    struct MemberResponse {
        std::string member_id{};
        /// Static membership (KIP-345); null: none.
        std::optional<std::string> group_instance_id = "";
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<MemberResponse> members{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
