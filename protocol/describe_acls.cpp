// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_acls.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{29, "DescribeAcls", {1, 3}, 2, Listener::both};

template <>
struct Schema<DescribeAclsRequest> {
    using T = DescribeAclsRequest;
    static constexpr const char* name = "DescribeAclsRequest";
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
constexpr MessageInfo DescribeAclsRequest::info = request_of<DescribeAclsRequest>(api);

template <>
struct Schema<DescribeAclsResponse::AclDescription> {
    using T = DescribeAclsResponse::AclDescription;
    static constexpr const char* name = "AclDescription";
    static constexpr Field fields[] = {
        KAFKA_FIELD("principal", principal),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("operation", operation),
        KAFKA_FIELD("permissionType", permission_type),
    };
};
template <>
struct Schema<DescribeAclsResponse::Resource> {
    using T = DescribeAclsResponse::Resource;
    static constexpr const char* name = "DescribeAclsResource";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
        KAFKA_FIELD("patternType", pattern_type, since(1)),
        KAFKA_FIELD("acls", acls),
    };
};
template <>
struct Schema<DescribeAclsResponse> {
    using T = DescribeAclsResponse;
    static constexpr const char* name = "DescribeAclsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("resources", resources),
    };
};
constexpr MessageInfo DescribeAclsResponse::info = response_of<DescribeAclsResponse>(api);

}  // namespace kafka::protocol
