// SPDX-License-Identifier: Apache-2.0
// DescribeAcls, API key 29, v1-3, flexible from v2.
// Lists access rules by filter (KIP-140).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeAclsResponse;

struct DescribeAclsRequest {
    using response_type = DescribeAclsResponse;
    KAFKA_API static const MessageInfo info;

    std::int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = "";
    std::int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = "";
    std::optional<std::string> host_filter = "";
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    UnknownTags unknown_tags{};
};

struct DescribeAclsResponse {
    struct AclDescription {
        std::string principal{};
        std::string host{};
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;
        UnknownTags unknown_tags{};
    };

    struct Resource {
        std::int8_t resource_type = 0;
        std::string resource_name{};
        std::int8_t pattern_type = 3;
        std::vector<AclDescription> acls{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<Resource> resources{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
