// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/incremental_alter_configs.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{44, "IncrementalAlterConfigs", {0, 1}, 1, Listener::both};

template <>
struct Schema<IncrementalAlterConfigsRequest::AlterableConfig> {
    using T = IncrementalAlterConfigsRequest::AlterableConfig;
    static constexpr const char* name = "AlterableConfig";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("configOperation", config_operation, map_key()),
        KAFKA_FIELD("value", value, nullable().sensitive()),
    };
};
template <>
struct Schema<IncrementalAlterConfigsRequest::AlterConfigsResource> {
    using T = IncrementalAlterConfigsRequest::AlterConfigsResource;
    static constexpr const char* name = "AlterConfigsResource";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceType", resource_type, map_key()),
        KAFKA_FIELD("resourceName", resource_name, map_key()),
        KAFKA_FIELD("configs", configs),
    };
};
template <>
struct Schema<IncrementalAlterConfigsRequest> {
    using T = IncrementalAlterConfigsRequest;
    static constexpr const char* name = "IncrementalAlterConfigsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resources", resources),
        KAFKA_FIELD("validateOnly", validate_only),
    };
};
constexpr MessageInfo IncrementalAlterConfigsRequest::info =
    request_of<IncrementalAlterConfigsRequest>(api);

template <>
struct Schema<IncrementalAlterConfigsResponse::AlterConfigsResourceResponse> {
    using T = IncrementalAlterConfigsResponse::AlterConfigsResourceResponse;
    static constexpr const char* name = "AlterConfigsResourceResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
    };
};
template <>
struct Schema<IncrementalAlterConfigsResponse> {
    using T = IncrementalAlterConfigsResponse;
    static constexpr const char* name = "IncrementalAlterConfigsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("responses", responses),
    };
};
constexpr MessageInfo IncrementalAlterConfigsResponse::info =
    response_of<IncrementalAlterConfigsResponse>(api);

}  // namespace kafka::protocol
