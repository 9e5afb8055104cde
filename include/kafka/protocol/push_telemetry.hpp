// SPDX-License-Identifier: Apache-2.0
// PushTelemetry, API key 72, v0, flexible from v0.
// Sends the metrics that were asked for (KIP-714).
#pragma once

#include <cstdint>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct PushTelemetryResponse;

struct PushTelemetryRequest {
    using response_type = PushTelemetryResponse;
    KAFKA_API static const MessageInfo info;

    Uuid client_instance_id{};
    std::int32_t subscription_id = 0;
    bool terminating = false;
    std::int8_t compression_type = 0;
    Bytes metrics{};
    UnknownTags unknown_tags{};
};

struct PushTelemetryResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
