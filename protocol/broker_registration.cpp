// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/broker_registration.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{62, "BrokerRegistration", {0, 4}, 0, Listener::controller};

template <>
struct Schema<BrokerRegistrationRequest::Listener> {
    using T = BrokerRegistrationRequest::Listener;
    static constexpr const char* name = "Listener";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
        KAFKA_FIELD("securityProtocol", security_protocol),
    };
};
template <>
struct Schema<BrokerRegistrationRequest::Feature> {
    using T = BrokerRegistrationRequest::Feature;
    static constexpr const char* name = "Feature";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("minSupportedVersion", min_supported_version),
        KAFKA_FIELD("maxSupportedVersion", max_supported_version),
    };
};
template <>
struct Schema<BrokerRegistrationRequest> {
    using T = BrokerRegistrationRequest;
    static constexpr const char* name = "BrokerRegistrationRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, entity("brokerId")),
        KAFKA_FIELD("clusterId", cluster_id),
        KAFKA_FIELD("incarnationId", incarnation_id),
        KAFKA_FIELD("listeners", listeners),
        KAFKA_FIELD("features", features),
        KAFKA_FIELD("rack", rack, nullable()),
        KAFKA_FIELD("isMigratingZkBroker", is_migrating_zk_broker, since(1)),
        KAFKA_FIELD("logDirs", log_dirs, since(2).ignorable()),
        KAFKA_FIELD("previousBrokerEpoch", previous_broker_epoch, since(3).ignorable()),
    };
};
constexpr MessageInfo BrokerRegistrationRequest::info = request_of<BrokerRegistrationRequest>(api);

template <>
struct Schema<BrokerRegistrationResponse> {
    using T = BrokerRegistrationResponse;
    static constexpr const char* name = "BrokerRegistrationResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("brokerEpoch", broker_epoch),
    };
};
constexpr MessageInfo BrokerRegistrationResponse::info =
    response_of<BrokerRegistrationResponse>(api);

}  // namespace kafka::protocol
