// SPDX-License-Identifier: Apache-2.0
// CreateAcls, API key 30, v1-3, flexible from v2.
// Adds access rules (KIP-140).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct CreateAclsResponse;

struct CreateAclsRequest {
    struct AclCreation {
        std::int8_t resource_type = 0;
        std::string resource_name{};
        std::int8_t resource_pattern_type = 3;
        std::string principal{};
        std::string host{};
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = CreateAclsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<AclCreation> creations{};
    UnknownTags unknown_tags{};
};

struct CreateAclsResponse {
    struct AclCreationResult {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<AclCreationResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
