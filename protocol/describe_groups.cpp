// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_groups.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{15, "DescribeGroups", {0, 6}, 5, Listener::broker};

template <>
struct Schema<DescribeGroupsRequest> {
    using T = DescribeGroupsRequest;
    static constexpr const char* name = "DescribeGroupsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groups", groups, entity("groupId")),
        KAFKA_FIELD("includeAuthorizedOperations", include_authorized_operations, since(3)),
    };
};
constexpr MessageInfo DescribeGroupsRequest::info = request_of<DescribeGroupsRequest>(api);

template <>
struct Schema<DescribeGroupsResponse::DescribedGroupMember> {
    using T = DescribeGroupsResponse::DescribedGroupMember;
    static constexpr const char* name = "DescribedGroupMember";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(4).nullable(4).ignorable()),
        KAFKA_FIELD("clientId", client_id),
        KAFKA_FIELD("clientHost", client_host),
        KAFKA_FIELD("memberMetadata", member_metadata),
        KAFKA_FIELD("memberAssignment", member_assignment),
    };
};
template <>
struct Schema<DescribeGroupsResponse::DescribedGroup> {
    using T = DescribeGroupsResponse::DescribedGroup;
    static constexpr const char* name = "DescribedGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, since(6).nullable(6)),
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("groupState", group_state),
        KAFKA_FIELD("protocolType", protocol_type),
        KAFKA_FIELD("protocolData", protocol_data),
        KAFKA_FIELD("members", members),
        KAFKA_FIELD("authorizedOperations", authorized_operations, since(3)),
    };
};
template <>
struct Schema<DescribeGroupsResponse> {
    using T = DescribeGroupsResponse;
    static constexpr const char* name = "DescribeGroupsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo DescribeGroupsResponse::info = response_of<DescribeGroupsResponse>(api);

}  // namespace kafka::protocol
