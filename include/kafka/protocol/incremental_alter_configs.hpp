// SPDX-License-Identifier: Apache-2.0
// IncrementalAlterConfigs, API key 44, v0-1, flexible from v1.
// Sets, deletes, appends to or subtracts from single configuration values (KIP-339).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct IncrementalAlterConfigsResponse;

struct IncrementalAlterConfigsRequest {
    struct AlterableConfig {
        std::string name{};
        std::int8_t config_operation = 0;
        std::optional<std::string> value = "";
        UnknownTags unknown_tags{};
    };

    struct AlterConfigsResource {
        std::int8_t resource_type = 0;
        std::string resource_name{};
        std::vector<AlterableConfig> configs{};
        UnknownTags unknown_tags{};
    };

    using response_type = IncrementalAlterConfigsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<AlterConfigsResource> resources{};
    bool validate_only = false;
    UnknownTags unknown_tags{};
};

struct IncrementalAlterConfigsResponse {
    struct AlterConfigsResourceResponse {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::int8_t resource_type = 0;
        std::string resource_name{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
