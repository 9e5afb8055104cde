// SPDX-License-Identifier: Apache-2.0
// AlterConfigs, API key 33, v0-2, flexible from v2.
// Replaces the whole configuration of resources (KIP-133); IncrementalAlterConfigs is the better
// way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterConfigsResponse;

struct AlterConfigsRequest {
    struct AlterableConfig {
        std::string name{};
        std::optional<std::string> value = "";
        UnknownTags unknown_tags{};
    };

    struct Resource {
        std::int8_t resource_type = 0;
        std::string resource_name{};
        std::vector<AlterableConfig> configs{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterConfigsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<Resource> resources{};
    bool validate_only = false;
    UnknownTags unknown_tags{};
};

struct AlterConfigsResponse {
    struct ResourceResponse {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::int8_t resource_type = 0;
        std::string resource_name{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<ResourceResponse> responses{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
