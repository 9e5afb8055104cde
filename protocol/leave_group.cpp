// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/leave_group.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{13, "LeaveGroup", {0, 5}, 4, Listener::broker};

template <>
struct Schema<LeaveGroupRequest::MemberIdentity> {
    using T = LeaveGroupRequest::MemberIdentity;
    static constexpr const char* name = "MemberIdentity";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id, since(3)),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(3).nullable(3)),
        KAFKA_FIELD("reason", reason, since(5).nullable(5).ignorable()),
    };
};
template <>
struct Schema<LeaveGroupRequest> {
    using T = LeaveGroupRequest;
    static constexpr const char* name = "LeaveGroupRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("memberId", member_id, between(0, 2)),
        KAFKA_FIELD("members", members, since(3)),
    };
};
constexpr MessageInfo LeaveGroupRequest::info = request_of<LeaveGroupRequest>(api);

template <>
struct Schema<LeaveGroupResponse::MemberResponse> {
    using T = LeaveGroupResponse::MemberResponse;
    static constexpr const char* name = "MemberResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id, since(3)),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(3).nullable(3)),
        KAFKA_FIELD("errorCode", error_code, since(3)),
    };
};
template <>
struct Schema<LeaveGroupResponse> {
    using T = LeaveGroupResponse;
    static constexpr const char* name = "LeaveGroupResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("members", members, since(3)),
    };
};
constexpr MessageInfo LeaveGroupResponse::info = response_of<LeaveGroupResponse>(api);

}  // namespace kafka::protocol
