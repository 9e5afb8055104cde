// SPDX-License-Identifier: Apache-2.0
// JoinGroup, API key 11, v0-9, flexible from v6.
// Enters a classic consumer group and waits for the rebalance; the leader gets all subscriptions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct JoinGroupResponse;

struct JoinGroupRequest {
    struct Protocol {
        std::string name{};
        Bytes metadata{};
        UnknownTags unknown_tags{};
    };

    using response_type = JoinGroupResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::int32_t session_timeout_ms = 0;     ///< milliseconds
    std::int32_t rebalance_timeout_ms = -1;  ///< milliseconds
    std::string member_id{};
    std::optional<std::string> group_instance_id{};  ///< static membership (KIP-345); null: none
    std::string protocol_type{};
    std::vector<Protocol> protocols{};
    std::optional<std::string> reason{};
    UnknownTags unknown_tags{};
};

struct JoinGroupResponse {
    struct Member {
        std::string member_id{};
        std::optional<std::string>
            group_instance_id{};  ///< static membership (KIP-345); null: none
        Bytes metadata{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::int32_t generation_id = -1;
    std::optional<std::string> protocol_type{};
    std::optional<std::string> protocol_name = "";
    std::string leader{};
    bool skip_assignment = false;
    std::string member_id{};
    std::vector<Member> members{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
