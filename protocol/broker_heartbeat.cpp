// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/broker_heartbeat.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{63, "BrokerHeartbeat", {0, 2}, 0, Listener::controller};

template <>
struct Schema<BrokerHeartbeatRequest> {
    using T = BrokerHeartbeatRequest;
    static constexpr const char* name = "BrokerHeartbeatRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, entity("brokerId")),
        KAFKA_FIELD("brokerEpoch", broker_epoch),
        KAFKA_FIELD("currentMetadataOffset", current_metadata_offset),
        KAFKA_FIELD("wantFence", want_fence),
        KAFKA_FIELD("wantShutDown", want_shut_down),
        KAFKA_FIELD("offlineLogDirs", offline_log_dirs, since(1).tag(0)),
        KAFKA_FIELD("cordonedLogDirs", cordoned_log_dirs, since(2).nullable(2).tag(1)),
    };
};
constexpr MessageInfo BrokerHeartbeatRequest::info = request_of<BrokerHeartbeatRequest>(api);

template <>
struct Schema<BrokerHeartbeatResponse> {
    using T = BrokerHeartbeatResponse;
    static constexpr const char* name = "BrokerHeartbeatResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms), KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("isCaughtUp", is_caught_up),         KAFKA_FIELD("isFenced", is_fenced),
        KAFKA_FIELD("shouldShutDown", should_shut_down),
    };
};
constexpr MessageInfo BrokerHeartbeatResponse::info = response_of<BrokerHeartbeatResponse>(api);

}  // namespace kafka::protocol
