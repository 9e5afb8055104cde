// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/list_config_resources.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{74, "ListConfigResources", {0, 1}, 0, Listener::broker};

template <>
struct Schema<ListConfigResourcesRequest> {
    using T = ListConfigResourcesRequest;
    static constexpr const char* name = "ListConfigResourcesRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceTypes", resource_types, since(1)),
    };
};
constexpr MessageInfo ListConfigResourcesRequest::info =
    request_of<ListConfigResourcesRequest>(api);

template <>
struct Schema<ListConfigResourcesResponse::ConfigResource> {
    using T = ListConfigResourcesResponse::ConfigResource;
    static constexpr const char* name = "ConfigResource";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceName", resource_name),
        KAFKA_FIELD("resourceType", resource_type, since(1).ignorable()),
    };
};
template <>
struct Schema<ListConfigResourcesResponse> {
    using T = ListConfigResourcesResponse;
    static constexpr const char* name = "ListConfigResourcesResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("configResources", config_resources),
    };
};
constexpr MessageInfo ListConfigResourcesResponse::info =
    response_of<ListConfigResourcesResponse>(api);

}  // namespace kafka::protocol
