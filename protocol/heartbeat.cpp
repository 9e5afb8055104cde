// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/heartbeat.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{12, "Heartbeat", {0, 4}, 4, Listener::broker};

template <>
struct Schema<HeartbeatRequest> {
    using T = HeartbeatRequest;
    static constexpr const char* name = "HeartbeatRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("generationId", generation_id),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(3).nullable(3)),
    };
};
constexpr MessageInfo HeartbeatRequest::info = request_of<HeartbeatRequest>(api);

template <>
struct Schema<HeartbeatResponse> {
    using T = HeartbeatResponse;
    static constexpr const char* name = "HeartbeatResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
    };
};
constexpr MessageInfo HeartbeatResponse::info = response_of<HeartbeatResponse>(api);

}  // namespace kafka::protocol
