// SPDX-License-Identifier: Apache-2.0
#include "core/finalized_features.hpp"

namespace kafka::core {

void FinalizedFeatures::take(const protocol::ApiVersionsResponse& answer) {
    if (answer.finalized_features_epoch <= epoch_) return;
    epoch_ = answer.finalized_features_epoch;
    levels_.clear();
    for (const auto& one : answer.finalized_features)
        levels_[one.name] = one.max_version_level;
}

std::int16_t FinalizedFeatures::level(std::string_view name) const noexcept {
    const auto at = levels_.find(name);
    return at == levels_.end() ? std::int16_t{0} : at->second;
}

}  // namespace kafka::core
