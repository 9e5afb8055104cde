// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/get_telemetry_subscriptions.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{71, "GetTelemetrySubscriptions", {0, 0}, 0, Listener::broker};

template <>
struct Schema<GetTelemetrySubscriptionsRequest> {
    using T = GetTelemetrySubscriptionsRequest;
    static constexpr const char* name = "GetTelemetrySubscriptionsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clientInstanceId", client_instance_id),
    };
};
constexpr MessageInfo GetTelemetrySubscriptionsRequest::info =
    request_of<GetTelemetrySubscriptionsRequest>(api);

template <>
struct Schema<GetTelemetrySubscriptionsResponse> {
    using T = GetTelemetrySubscriptionsResponse;
    static constexpr const char* name = "GetTelemetrySubscriptionsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("clientInstanceId", client_instance_id),
        KAFKA_FIELD("subscriptionId", subscription_id),
        KAFKA_FIELD("acceptedCompressionTypes", accepted_compression_types),
        KAFKA_FIELD("pushIntervalMs", push_interval_ms),
        KAFKA_FIELD("telemetryMaxBytes", telemetry_max_bytes),
        KAFKA_FIELD("deltaTemporality", delta_temporality),
        KAFKA_FIELD("requestedMetrics", requested_metrics),
    };
};
constexpr MessageInfo GetTelemetrySubscriptionsResponse::info =
    response_of<GetTelemetrySubscriptionsResponse>(api);

}  // namespace kafka::protocol
