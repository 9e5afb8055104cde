// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_client_quotas.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{48, "DescribeClientQuotas", {0, 1}, 1, Listener::broker};

template <>
struct Schema<DescribeClientQuotasRequest::ComponentData> {
    using T = DescribeClientQuotasRequest::ComponentData;
    static constexpr const char* name = "ComponentData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entityType", entity_type),
        KAFKA_FIELD("matchType", match_type),
        KAFKA_FIELD("match", match, nullable()),
    };
};
template <>
struct Schema<DescribeClientQuotasRequest> {
    using T = DescribeClientQuotasRequest;
    static constexpr const char* name = "DescribeClientQuotasRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("components", components),
        KAFKA_FIELD("strict", strict),
    };
};
constexpr MessageInfo DescribeClientQuotasRequest::info =
    request_of<DescribeClientQuotasRequest>(api);

template <>
struct Schema<DescribeClientQuotasResponse::EntityData> {
    using T = DescribeClientQuotasResponse::EntityData;
    static constexpr const char* name = "EntityData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entityType", entity_type),
        KAFKA_FIELD("entityName", entity_name, nullable()),
    };
};
template <>
struct Schema<DescribeClientQuotasResponse::ValueData> {
    using T = DescribeClientQuotasResponse::ValueData;
    static constexpr const char* name = "ValueData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("key", key),
        KAFKA_FIELD("value", value),
    };
};
template <>
struct Schema<DescribeClientQuotasResponse::EntryData> {
    using T = DescribeClientQuotasResponse::EntryData;
    static constexpr const char* name = "EntryData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entity", entity),
        KAFKA_FIELD("values", values),
    };
};
template <>
struct Schema<DescribeClientQuotasResponse> {
    using T = DescribeClientQuotasResponse;
    static constexpr const char* name = "DescribeClientQuotasResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("entries", entries, nullable()),
    };
};
constexpr MessageInfo DescribeClientQuotasResponse::info =
    response_of<DescribeClientQuotasResponse>(api);

}  // namespace kafka::protocol
