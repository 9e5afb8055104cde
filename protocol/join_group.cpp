// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/join_group.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{11, "JoinGroup", {0, 9}, 6, Listener::broker};

template <>
struct Schema<JoinGroupRequest::Protocol> {
    using T = JoinGroupRequest::Protocol;
    static constexpr const char* name = "JoinGroupRequestProtocol";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("metadata", metadata),
    };
};
template <>
struct Schema<JoinGroupRequest> {
    using T = JoinGroupRequest;
    static constexpr const char* name = "JoinGroupRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("sessionTimeoutMs", session_timeout_ms),
        KAFKA_FIELD("rebalanceTimeoutMs", rebalance_timeout_ms, since(1).ignorable()),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(5).nullable(5)),
        KAFKA_FIELD("protocolType", protocol_type),
        KAFKA_FIELD("protocols", protocols),
        KAFKA_FIELD("reason", reason, since(8).nullable(8).ignorable()),
    };
};
constexpr MessageInfo JoinGroupRequest::info = request_of<JoinGroupRequest>(api);

template <>
struct Schema<JoinGroupResponse::Member> {
    using T = JoinGroupResponse::Member;
    static constexpr const char* name = "JoinGroupResponseMember";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("metadata", metadata),
    };
};
template <>
struct Schema<JoinGroupResponse> {
    using T = JoinGroupResponse;
    static constexpr const char* name = "JoinGroupResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(2).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("generationId", generation_id),
        KAFKA_FIELD("protocolType", protocol_type, since(7).nullable(7).ignorable()),
        KAFKA_FIELD("protocolName", protocol_name, nullable(7)),
        KAFKA_FIELD("leader", leader),
        KAFKA_FIELD("skipAssignment", skip_assignment, since(9)),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("members", members),
    };
};
constexpr MessageInfo JoinGroupResponse::info = response_of<JoinGroupResponse>(api);

}  // namespace kafka::protocol
