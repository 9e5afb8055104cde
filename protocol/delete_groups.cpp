// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/delete_groups.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{42, "DeleteGroups", {0, 3}, 2, Listener::broker};

template <>
struct Schema<DeleteGroupsRequest> {
    using T = DeleteGroupsRequest;
    static constexpr const char* name = "DeleteGroupsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupsNames", groups_names, entity("groupId")),
    };
};
constexpr MessageInfo DeleteGroupsRequest::info = request_of<DeleteGroupsRequest>(api);

template <>
struct Schema<DeleteGroupsResponse::DeletableGroupResult> {
    using T = DeleteGroupsResponse::DeletableGroupResult;
    static constexpr const char* name = "DeletableGroupResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, map_key().entity("groupId")),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, since(3).nullable(3).ignorable()),
    };
};
template <>
struct Schema<DeleteGroupsResponse> {
    using T = DeleteGroupsResponse;
    static constexpr const char* name = "DeleteGroupsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo DeleteGroupsResponse::info = response_of<DeleteGroupsResponse>(api);

}  // namespace kafka::protocol
