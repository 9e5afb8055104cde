// SPDX-License-Identifier: Apache-2.0
// DescribeClientQuotas, API key 48, v0-1, flexible from v1.
// Lists quotas by filter (KIP-546).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeClientQuotasResponse;

struct DescribeClientQuotasRequest {
    struct ComponentData {
        std::string entity_type{};
        std::int8_t match_type = 0;
        std::optional<std::string> match = "";
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeClientQuotasResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<ComponentData> components{};
    bool strict = false;
    UnknownTags unknown_tags{};
};

struct DescribeClientQuotasResponse {
    struct EntityData {
        std::string entity_type{};
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags{};
    };

    struct ValueData {
        std::string key{};
        double value = 0;
        UnknownTags unknown_tags{};
    };

    struct EntryData {
        std::vector<EntityData> entity{};
        std::vector<ValueData> values{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::optional<std::vector<EntryData>> entries = std::vector<EntryData>{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
