// SPDX-License-Identifier: Apache-2.0
// UnregisterBroker, API key 64, v0, flexible from v0.
// Removes a broker's registration (KIP-631).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct UnregisterBrokerResponse;

struct UnregisterBrokerRequest {
    using response_type = UnregisterBrokerResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t broker_id = 0;
    UnknownTags unknown_tags{};
};

struct UnregisterBrokerResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
