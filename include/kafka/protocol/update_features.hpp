// SPDX-License-Identifier: Apache-2.0
// UpdateFeatures, API key 57, v0-2, flexible from v0.
// Finalizes feature levels (KIP-584, KIP-778, KIP-1022).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct UpdateFeaturesResponse;

struct UpdateFeaturesRequest {
    struct FeatureUpdateKey {
        std::string feature{};
        std::int16_t max_version_level = 0;
        bool allow_downgrade = false;
        std::int8_t upgrade_type = 1;
        UnknownTags unknown_tags{};
    };

    using response_type = UpdateFeaturesResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t timeout_ms = 60000;  ///< milliseconds
    std::vector<FeatureUpdateKey> feature_updates{};
    bool validate_only = false;
    UnknownTags unknown_tags{};
};

struct UpdateFeaturesResponse {
    struct UpdatableFeatureResult {
        std::string feature{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<UpdatableFeatureResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
