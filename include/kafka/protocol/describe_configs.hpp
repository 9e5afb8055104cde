// SPDX-License-Identifier: Apache-2.0
// DescribeConfigs, API key 32, v1-4, flexible from v4.
// Reads the configuration of topics, brokers, groups and more (KIP-133).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeConfigsResponse;

struct DescribeConfigsRequest {
    struct Resource {
        std::int8_t resource_type = 0;
        std::string resource_name{};
        std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeConfigsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<Resource> resources{};
    bool include_synonyms = false;
    bool include_documentation = false;
    UnknownTags unknown_tags{};
};

struct DescribeConfigsResponse {
    struct Synonym {
        std::string name{};
        std::optional<std::string> value = "";
        std::int8_t source = 0;
        UnknownTags unknown_tags{};
    };

    struct ResourceResult {
        std::string name{};
        std::optional<std::string> value = "";
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;
        std::vector<Synonym> synonyms{};
        std::int8_t config_type = 0;
        std::optional<std::string> documentation = "";
        UnknownTags unknown_tags{};
    };

    struct Result {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::int8_t resource_type = 0;
        std::string resource_name{};
        std::vector<ResourceResult> configs{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Result> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
