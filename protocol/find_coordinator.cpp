// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/find_coordinator.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{10, "FindCoordinator", {0, 6}, 3, Listener::broker};

template <>
struct Schema<FindCoordinatorRequest> {
    using T = FindCoordinatorRequest;
    static constexpr const char* name = "FindCoordinatorRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("key", key, between(0, 3)),
        KAFKA_FIELD("keyType", key_type, since(1)),
        KAFKA_FIELD("coordinatorKeys", coordinator_keys, since(4)),
    };
};
constexpr MessageInfo FindCoordinatorRequest::info = request_of<FindCoordinatorRequest>(api);

template <>
struct Schema<FindCoordinatorResponse::Coordinator> {
    using T = FindCoordinatorResponse::Coordinator;
    static constexpr const char* name = "Coordinator";
    static constexpr Field fields[] = {
        KAFKA_FIELD("key", key, since(4)),
        KAFKA_FIELD("nodeId", node_id, since(4).entity("brokerId")),
        KAFKA_FIELD("host", host, since(4)),
        KAFKA_FIELD("port", port, since(4)),
        KAFKA_FIELD("errorCode", error_code, since(4)),
        KAFKA_FIELD("errorMessage", error_message, since(4).nullable(4).ignorable()),
    };
};
template <>
struct Schema<FindCoordinatorResponse> {
    using T = FindCoordinatorResponse;
    static constexpr const char* name = "FindCoordinatorResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code, between(0, 3)),
        KAFKA_FIELD("errorMessage", error_message, between(1, 3).nullable(1, 3).ignorable()),
        KAFKA_FIELD("nodeId", node_id, between(0, 3).entity("brokerId")),
        KAFKA_FIELD("host", host, between(0, 3)),
        KAFKA_FIELD("port", port, between(0, 3)),
        KAFKA_FIELD("coordinators", coordinators, since(4)),
    };
};
constexpr MessageInfo FindCoordinatorResponse::info = response_of<FindCoordinatorResponse>(api);

}  // namespace kafka::protocol
