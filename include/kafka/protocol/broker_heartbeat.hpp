// SPDX-License-Identifier: Apache-2.0
// BrokerHeartbeat, API key 63, v0-2, flexible from v0.
// Keeps a broker's registration alive and asks to fence or stop (KIP-631).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct BrokerHeartbeatResponse;

struct BrokerHeartbeatRequest {
    using response_type = BrokerHeartbeatResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::int64_t current_metadata_offset = 0;
    bool want_fence = false;
    bool want_shut_down = false;
    std::vector<Uuid> offline_log_dirs{};
    std::optional<std::vector<Uuid>> cordoned_log_dirs{};
    UnknownTags unknown_tags{};
};

struct BrokerHeartbeatResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    bool is_caught_up = false;
    bool is_fenced = true;
    bool should_shut_down = false;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
