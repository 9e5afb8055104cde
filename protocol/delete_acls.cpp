// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/delete_acls.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{31, "DeleteAcls", {1, 3}, 2, Listener::both};

template <>
struct Schema<DeleteAclsRequest::Filter> {
    using T = DeleteAclsRequest::Filter;
    static constexpr const char* name = "DeleteAclsFilter";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceTypeFilter", resource_type_filter),
        KAFKA_FIELD("resourceNameFilter", resource_name_filter, nullable()),
        KAFKA_FIELD("patternTypeFilter", pattern_type_filter, since(1)),
        KAFKA_FIELD("principalFilter", principal_filter, nullable()),
        KAFKA_FIELD("hostFilter", host_filter, nullable()),
        KAFKA_FIELD("operation", operation),
        KAFKA_FIELD("permissionType", permission_type),
    };
};
template <>
struct Schema<DeleteAclsRequest> {
    using T = DeleteAclsRequest;
    static constexpr const char* name = "DeleteAclsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("filters", filters),
    };
};
constexpr MessageInfo DeleteAclsRequest::info = request_of<DeleteAclsRequest>(api);

template <>
struct Schema<DeleteAclsResponse::MatchingAcl> {
    using T = DeleteAclsResponse::MatchingAcl;
    static constexpr const char* name = "DeleteAclsMatchingAcl";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
        KAFKA_FIELD("patternType", pattern_type, since(1)),
        KAFKA_FIELD("principal", principal),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("operation", operation),
        KAFKA_FIELD("permissionType", permission_type),
    };
};
template <>
struct Schema<DeleteAclsResponse::FilterResult> {
    using T = DeleteAclsResponse::FilterResult;
    static constexpr const char* name = "DeleteAclsFilterResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("matchingAcls", matching_acls),
    };
};
template <>
struct Schema<DeleteAclsResponse> {
    using T = DeleteAclsResponse;
    static constexpr const char* name = "DeleteAclsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("filterResults", filter_results),
    };
};
constexpr MessageInfo DeleteAclsResponse::info = response_of<DeleteAclsResponse>(api);

}  // namespace kafka::protocol
