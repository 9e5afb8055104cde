// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/controller_registration.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{70, "ControllerRegistration", {0, 0}, 0, Listener::controller};

template <>
struct Schema<ControllerRegistrationRequest::Listener> {
    using T = ControllerRegistrationRequest::Listener;
    static constexpr const char* name = "Listener";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
        KAFKA_FIELD("securityProtocol", security_protocol),
    };
};
template <>
struct Schema<ControllerRegistrationRequest::Feature> {
    using T = ControllerRegistrationRequest::Feature;
    static constexpr const char* name = "Feature";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("minSupportedVersion", min_supported_version),
        KAFKA_FIELD("maxSupportedVersion", max_supported_version),
    };
};
template <>
struct Schema<ControllerRegistrationRequest> {
    using T = ControllerRegistrationRequest;
    static constexpr const char* name = "ControllerRegistrationRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("controllerId", controller_id),
        KAFKA_FIELD("incarnationId", incarnation_id),
        KAFKA_FIELD("zkMigrationReady", zk_migration_ready),
        KAFKA_FIELD("listeners", listeners),
        KAFKA_FIELD("features", features),
    };
};
constexpr MessageInfo ControllerRegistrationRequest::info =
    request_of<ControllerRegistrationRequest>(api);

template <>
struct Schema<ControllerRegistrationResponse> {
    using T = ControllerRegistrationResponse;
    static constexpr const char* name = "ControllerRegistrationResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
constexpr MessageInfo ControllerRegistrationResponse::info =
    response_of<ControllerRegistrationResponse>(api);

}  // namespace kafka::protocol
