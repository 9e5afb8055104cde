// SPDX-License-Identifier: Apache-2.0
// Heartbeat, API key 12, v0-4, flexible from v4.
// Keeps a member of a classic group alive and learns of rebalances.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct HeartbeatResponse;

struct HeartbeatRequest {
    using response_type = HeartbeatResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::int32_t generation_id = 0;
    std::string member_id{};
    std::optional<std::string> group_instance_id{};  ///< static membership (KIP-345); null: none
    UnknownTags unknown_tags{};
};

struct HeartbeatResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
