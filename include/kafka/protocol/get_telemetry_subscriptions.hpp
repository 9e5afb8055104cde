// SPDX-License-Identifier: Apache-2.0
// GetTelemetrySubscriptions, API key 71, v0, flexible from v0.
// Asks which metrics the broker wants from this client (KIP-714).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct GetTelemetrySubscriptionsResponse;

struct GetTelemetrySubscriptionsRequest {
    using response_type = GetTelemetrySubscriptionsResponse;
    KAFKA_API static const MessageInfo info;

    Uuid client_instance_id{};
    UnknownTags unknown_tags{};
};

struct GetTelemetrySubscriptionsResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    Uuid client_instance_id{};
    std::int32_t subscription_id = 0;
    std::vector<std::int8_t> accepted_compression_types{};
    std::int32_t push_interval_ms = 0;  ///< milliseconds
    std::int32_t telemetry_max_bytes = 0;
    bool delta_temporality = false;
    std::vector<std::string> requested_metrics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
