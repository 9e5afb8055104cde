// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/create_acls.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{30, "CreateAcls", {1, 3}, 2, Listener::both};

template <>
struct Schema<CreateAclsRequest::AclCreation> {
    using T = CreateAclsRequest::AclCreation;
    static constexpr const char* name = "AclCreation";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
        KAFKA_FIELD("resourcePatternType", resource_pattern_type, since(1)),
        KAFKA_FIELD("principal", principal),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("operation", operation),
        KAFKA_FIELD("permissionType", permission_type),
    };
};
template <>
struct Schema<CreateAclsRequest> {
    using T = CreateAclsRequest;
    static constexpr const char* name = "CreateAclsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("creations", creations),
    };
};
constexpr MessageInfo CreateAclsRequest::info = request_of<CreateAclsRequest>(api);

template <>
struct Schema<CreateAclsResponse::AclCreationResult> {
    using T = CreateAclsResponse::AclCreationResult;
    static constexpr const char* name = "AclCreationResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<CreateAclsResponse> {
    using T = CreateAclsResponse;
    static constexpr const char* name = "CreateAclsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo CreateAclsResponse::info = response_of<CreateAclsResponse>(api);

}  // namespace kafka::protocol
