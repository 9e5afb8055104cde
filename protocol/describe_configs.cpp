// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_configs.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{32, "DescribeConfigs", {1, 4}, 4, Listener::both};

template <>
struct Schema<DescribeConfigsRequest::Resource> {
    using T = DescribeConfigsRequest::Resource;
    static constexpr const char* name = "DescribeConfigsResource";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
        KAFKA_FIELD("configurationKeys", configuration_keys, nullable()),
    };
};
template <>
struct Schema<DescribeConfigsRequest> {
    using T = DescribeConfigsRequest;
    static constexpr const char* name = "DescribeConfigsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("resources", resources),
        KAFKA_FIELD("includeSynonyms", include_synonyms, since(1)),
        KAFKA_FIELD("includeDocumentation", include_documentation, since(3)),
    };
};
constexpr MessageInfo DescribeConfigsRequest::info = request_of<DescribeConfigsRequest>(api);

template <>
struct Schema<DescribeConfigsResponse::Synonym> {
    using T = DescribeConfigsResponse::Synonym;
    static constexpr const char* name = "DescribeConfigsSynonym";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(1)),
        KAFKA_FIELD("value", value, since(1).nullable()),
        KAFKA_FIELD("source", source, since(1)),
    };
};
template <>
struct Schema<DescribeConfigsResponse::ResourceResult> {
    using T = DescribeConfigsResponse::ResourceResult;
    static constexpr const char* name = "DescribeConfigsResourceResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name),
        KAFKA_FIELD("value", value, nullable()),
        KAFKA_FIELD("readOnly", read_only),
        KAFKA_FIELD("configSource", config_source, since(1).ignorable()),
        KAFKA_FIELD("isSensitive", is_sensitive),
        KAFKA_FIELD("synonyms", synonyms, since(1).ignorable()),
        KAFKA_FIELD("configType", config_type, since(3).ignorable()),
        KAFKA_FIELD("documentation", documentation, since(3).nullable().ignorable()),
    };
};
template <>
struct Schema<DescribeConfigsResponse::Result> {
    using T = DescribeConfigsResponse::Result;
    static constexpr const char* name = "DescribeConfigsResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("resourceType", resource_type),
        KAFKA_FIELD("resourceName", resource_name),
        KAFKA_FIELD("configs", configs),
    };
};
template <>
struct Schema<DescribeConfigsResponse> {
    using T = DescribeConfigsResponse;
    static constexpr const char* name = "DescribeConfigsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo DescribeConfigsResponse::info = response_of<DescribeConfigsResponse>(api);

}  // namespace kafka::protocol
