// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/sync_group.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{14, "SyncGroup", {0, 5}, 4, Listener::broker};

template <>
struct Schema<SyncGroupRequest::Assignment> {
    using T = SyncGroupRequest::Assignment;
    static constexpr const char* name = "SyncGroupRequestAssignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("assignment", assignment),
    };
};
template <>
struct Schema<SyncGroupRequest> {
    using T = SyncGroupRequest;
    static constexpr const char* name = "SyncGroupRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("generationId", generation_id),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(3).nullable(3)),
        KAFKA_FIELD("protocolType", protocol_type, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("protocolName", protocol_name, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("assignments", assignments),
    };
};
constexpr MessageInfo SyncGroupRequest::info = request_of<SyncGroupRequest>(api);

template <>
struct Schema<SyncGroupResponse> {
    using T = SyncGroupResponse;
    static constexpr const char* name = "SyncGroupResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("protocolType", protocol_type, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("protocolName", protocol_name, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("assignment", assignment),
    };
};
constexpr MessageInfo SyncGroupResponse::info = response_of<SyncGroupResponse>(api);

}  // namespace kafka::protocol
