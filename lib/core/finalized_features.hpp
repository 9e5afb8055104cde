// SPDX-License-Identifier: Apache-2.0
// FinalizedFeatures: what a cluster as a whole has agreed on (KIP-584), by its brokers' words.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <kafka/protocol/api_versions.hpp>

namespace kafka::core {

class FinalizedFeatures {
public:
    /// Brokers hear of a change one after the other: who is behind does not take it back.
    void take(const protocol::ApiVersionsResponse& answer);
    /// 0: not finalized, or not known yet.
    [[nodiscard]] std::int16_t level(std::string_view name) const noexcept;

private:
    std::int64_t epoch_ = -1;
    std::map<std::string, std::int16_t, std::less<>> levels_;
};

}  // namespace kafka::core
