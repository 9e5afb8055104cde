// SPDX-License-Identifier: Apache-2.0
// AlterClientQuotas, API key 49, v0-1, flexible from v1.
// Sets and removes quotas (KIP-546).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterClientQuotasResponse;

struct AlterClientQuotasRequest {
    struct EntityData {
        std::string entity_type{};
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags{};
    };

    struct OpData {
        std::string key{};
        double value = 0;
        bool remove = false;
        UnknownTags unknown_tags{};
    };

    struct EntryData {
        std::vector<EntityData> entity{};
        std::vector<OpData> ops{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterClientQuotasResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<EntryData> entries{};
    bool validate_only = false;
    UnknownTags unknown_tags{};
};

struct AlterClientQuotasResponse {
    struct EntityData {
        std::string entity_type{};
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags{};
    };

    struct EntryData {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::vector<EntityData> entity{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<EntryData> entries{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
