// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/api_versions.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{18, "ApiVersions", {0, 5}, 3, Listener::both};

template <>
struct Schema<ApiVersionsRequest> {
    using T = ApiVersionsRequest;
    static constexpr const char* name = "ApiVersionsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clientSoftwareName", client_software_name, since(3).ignorable()),
        KAFKA_FIELD("clientSoftwareVersion", client_software_version, since(3).ignorable()),
        KAFKA_FIELD("clusterId", cluster_id, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("nodeId", node_id, since(5).ignorable()),
    };
};
constexpr MessageInfo ApiVersionsRequest::info = request_of<ApiVersionsRequest>(api);

template <>
struct Schema<ApiVersionsResponse::ApiVersion> {
    using T = ApiVersionsResponse::ApiVersion;
    static constexpr const char* name = "ApiVersion";
    static constexpr Field fields[] = {
        KAFKA_FIELD("apiKey", api_key, map_key()),
        KAFKA_FIELD("minVersion", min_version),
        KAFKA_FIELD("maxVersion", max_version),
    };
};
template <>
struct Schema<ApiVersionsResponse::SupportedFeatureKey> {
    using T = ApiVersionsResponse::SupportedFeatureKey;
    static constexpr const char* name = "SupportedFeatureKey";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(3).map_key()),
        KAFKA_FIELD("minVersion", min_version, since(3)),
        KAFKA_FIELD("maxVersion", max_version, since(3)),
    };
};
template <>
struct Schema<ApiVersionsResponse::FinalizedFeatureKey> {
    using T = ApiVersionsResponse::FinalizedFeatureKey;
    static constexpr const char* name = "FinalizedFeatureKey";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(3).map_key()),
        KAFKA_FIELD("maxVersionLevel", max_version_level, since(3)),
        KAFKA_FIELD("minVersionLevel", min_version_level, since(3)),
    };
};
template <>
struct Schema<ApiVersionsResponse> {
    using T = ApiVersionsResponse;
    static constexpr const char* name = "ApiVersionsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("apiKeys", api_keys),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("supportedFeatures", supported_features, since(3).tag(0).ignorable()),
        KAFKA_FIELD("finalizedFeaturesEpoch", finalized_features_epoch,
                    since(3).tag(1).ignorable()),
        KAFKA_FIELD("finalizedFeatures", finalized_features, since(3).tag(2).ignorable()),
        KAFKA_FIELD("zkMigrationReady", zk_migration_ready, since(3).tag(3).ignorable()),
    };
};
constexpr MessageInfo ApiVersionsResponse::info = response_of<ApiVersionsResponse>(api);

}  // namespace kafka::protocol
