// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/push_telemetry.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{72, "PushTelemetry", {0, 0}, 0, Listener::broker};

template <>
struct Schema<PushTelemetryRequest> {
    using T = PushTelemetryRequest;
    static constexpr const char* name = "PushTelemetryRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clientInstanceId", client_instance_id),
        KAFKA_FIELD("subscriptionId", subscription_id),
        KAFKA_FIELD("terminating", terminating),
        KAFKA_FIELD("compressionType", compression_type),
        KAFKA_FIELD("metrics", metrics),
    };
};
constexpr MessageInfo PushTelemetryRequest::info = request_of<PushTelemetryRequest>(api);

template <>
struct Schema<PushTelemetryResponse> {
    using T = PushTelemetryResponse;
    static constexpr const char* name = "PushTelemetryResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
    };
};
constexpr MessageInfo PushTelemetryResponse::info = response_of<PushTelemetryResponse>(api);

}  // namespace kafka::protocol
