// SPDX-License-Identifier: Apache-2.0
// ListConfigResources, API key 74, v0-1, flexible from v0.
// Lists resources that have configurations (KIP-714; all types from v1, KIP-1142).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ListConfigResourcesResponse;

struct ListConfigResourcesRequest {
    using response_type = ListConfigResourcesResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::int8_t> resource_types{};
    UnknownTags unknown_tags{};
};

struct ListConfigResourcesResponse {
    struct ConfigResource {
        std::string resource_name{};
        std::int8_t resource_type = 16;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<ConfigResource> config_resources{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
