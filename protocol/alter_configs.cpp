// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_configs.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{33, "AlterConfigs", {0, 2}, 2, Listener::both};

template <>
struct Schema<AlterConfigsRequest::AlterableConfig> {
    using T = AlterConfigsRequest::AlterableConfig;
    static constexpr const char* name = "AlterableConfig";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("value", value, nullable().sensitive()),
    };
};
template <>
struct Schema<AlterConfigsRequest::Resource> {
    using T = AlterConfigsRequest::Resource;
    static constexpr const char* name = "AlterConfigsResource";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceType", resource_type, map_key()),
        KAFKA_FIELD("resourceName", resource_name, map_key()),
        KAFKA_FIELD("configs", configs),
    };
};
template <>
struct Schema<AlterConfigsRequest> {
    using T = AlterConfigsRequest;
    static constexpr const char* name = "AlterConfigsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resources", resources),
        KAFKA_FIELD("validateOnly", validate_only),
    };
};
constexpr MessageInfo AlterConfigsRequest::info = request_of<AlterConfigsRequest>(api);

template <>
struct Schema<AlterConfigsResponse::ResourceResponse> {
    using T = AlterConfigsResponse::ResourceResponse;
    static constexpr const char* name = "AlterConfigsResourceResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
    };
};
template <>
struct Schema<AlterConfigsResponse> {
    using T = AlterConfigsResponse;
    static constexpr const char* name = "AlterConfigsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("responses", responses),
    };
};
constexpr MessageInfo AlterConfigsResponse::info = response_of<AlterConfigsResponse>(api);

}  // namespace kafka::protocol
