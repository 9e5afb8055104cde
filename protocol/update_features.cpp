// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/update_features.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{57, "UpdateFeatures", {0, 2}, 0, Listener::both};

template <>
struct Schema<UpdateFeaturesRequest::FeatureUpdateKey> {
    using T = UpdateFeaturesRequest::FeatureUpdateKey;
    static constexpr const char* name = "FeatureUpdateKey";
    static constexpr Field fields[] = {
        KAFKA_FIELD("feature", feature, map_key()),
        KAFKA_FIELD("maxVersionLevel", max_version_level),
        KAFKA_FIELD("allowDowngrade", allow_downgrade, between(0, 0)),
        KAFKA_FIELD("upgradeType", upgrade_type, since(1)),
    };
};
template <>
struct Schema<UpdateFeaturesRequest> {
    using T = UpdateFeaturesRequest;
    static constexpr const char* name = "UpdateFeaturesRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("featureUpdates", feature_updates),
        KAFKA_FIELD("validateOnly", validate_only, since(1)),
    };
};
constexpr MessageInfo UpdateFeaturesRequest::info = request_of<UpdateFeaturesRequest>(api);

template <>
struct Schema<UpdateFeaturesResponse::UpdatableFeatureResult> {
    using T = UpdateFeaturesResponse::UpdatableFeatureResult;
    static constexpr const char* name = "UpdatableFeatureResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("feature", feature, map_key()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<UpdateFeaturesResponse> {
    using T = UpdateFeaturesResponse;
    static constexpr const char* name = "UpdateFeaturesResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("results", results, between(0, 1).ignorable()),
    };
};
constexpr MessageInfo UpdateFeaturesResponse::info = response_of<UpdateFeaturesResponse>(api);

}  // namespace kafka::protocol
