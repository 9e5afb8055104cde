// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_client_quotas.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{49, "AlterClientQuotas", {0, 1}, 1, Listener::both};

template <>
struct Schema<AlterClientQuotasRequest::EntityData> {
    using T = AlterClientQuotasRequest::EntityData;
    static constexpr const char* name = "EntityData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entityType", entity_type),
        KAFKA_FIELD("entityName", entity_name, nullable()),
    };
};
template <>
struct Schema<AlterClientQuotasRequest::OpData> {
    using T = AlterClientQuotasRequest::OpData;
    static constexpr const char* name = "OpData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("key", key),
        KAFKA_FIELD("value", value),
        KAFKA_FIELD("remove", remove),
    };
};
template <>
struct Schema<AlterClientQuotasRequest::EntryData> {
    using T = AlterClientQuotasRequest::EntryData;
    static constexpr const char* name = "EntryData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entity", entity),
        KAFKA_FIELD("ops", ops),
    };
};
template <>
struct Schema<AlterClientQuotasRequest> {
    using T = AlterClientQuotasRequest;
    static constexpr const char* name = "AlterClientQuotasRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entries", entries),
        KAFKA_FIELD("validateOnly", validate_only),
    };
};
constexpr MessageInfo AlterClientQuotasRequest::info = request_of<AlterClientQuotasRequest>(api);

template <>
struct Schema<AlterClientQuotasResponse::EntityData> {
    using T = AlterClientQuotasResponse::EntityData;
    static constexpr const char* name = "EntityData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("entityType", entity_type),
        KAFKA_FIELD("entityName", entity_name, nullable()),
    };
};
template <>
struct Schema<AlterClientQuotasResponse::EntryData> {
    using T = AlterClientQuotasResponse::EntryData;
    static constexpr const char* name = "EntryData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("entity", entity),
    };
};
template <>
struct Schema<AlterClientQuotasResponse> {
    using T = AlterClientQuotasResponse;
    static constexpr const char* name = "AlterClientQuotasResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("entries", entries),
    };
};
constexpr MessageInfo AlterClientQuotasResponse::info = response_of<AlterClientQuotasResponse>(api);

}  // namespace kafka::protocol
