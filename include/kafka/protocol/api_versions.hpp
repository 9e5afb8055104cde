// SPDX-License-Identifier: Apache-2.0
// ApiVersions, API key 18, v0-5, flexible from v3.
// Asks which APIs, versions and features a broker has (KIP-35, KIP-511, KIP-584); from v5 checks
// whom one talks to (KIP-1242).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ApiVersionsResponse;

struct ApiVersionsRequest {
    using response_type = ApiVersionsResponse;
    KAFKA_API static const MessageInfo info;

    std::string client_software_name{};
    std::string client_software_version{};
    std::optional<std::string> cluster_id{};
    std::int32_t node_id = -1;
    UnknownTags unknown_tags{};
};

struct ApiVersionsResponse {
    struct ApiVersion {
        std::int16_t api_key = 0;
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;
        UnknownTags unknown_tags{};
    };

    struct SupportedFeatureKey {
        std::string name{};
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;
        UnknownTags unknown_tags{};
    };

    struct FinalizedFeatureKey {
        std::string name{};
        std::int16_t max_version_level = 0;
        std::int16_t min_version_level = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::vector<ApiVersion> api_keys{};
    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<SupportedFeatureKey> supported_features{};
    std::int64_t finalized_features_epoch = -1;
    std::vector<FinalizedFeatureKey> finalized_features{};
    bool zk_migration_ready = false;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
