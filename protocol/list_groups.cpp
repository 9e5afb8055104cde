// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/list_groups.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{16, "ListGroups", {0, 5}, 3, Listener::broker};

template <>
struct Schema<ListGroupsRequest> {
    using T = ListGroupsRequest;
    static constexpr const char* name = "ListGroupsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("statesFilter", states_filter, since(4)),
        KAFKA_FIELD("typesFilter", types_filter, since(5)),
    };
};
constexpr MessageInfo ListGroupsRequest::info = request_of<ListGroupsRequest>(api);

template <>
struct Schema<ListGroupsResponse::ListedGroup> {
    using T = ListGroupsResponse::ListedGroup;
    static constexpr const char* name = "ListedGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("protocolType", protocol_type),
        KAFKA_FIELD("groupState", group_state, since(4).ignorable()),
        KAFKA_FIELD("groupType", group_type, since(5).ignorable()),
    };
};
template <>
struct Schema<ListGroupsResponse> {
    using T = ListGroupsResponse;
    static constexpr const char* name = "ListGroupsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo ListGroupsResponse::info = response_of<ListGroupsResponse>(api);

}  // namespace kafka::protocol
