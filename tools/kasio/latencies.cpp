// SPDX-License-Identifier: Apache-2.0
#include "latencies.hpp"

#include <algorithm>

namespace kasio {

double Latencies::middle_of(std::size_t index) noexcept {
    if (index < exact) return static_cast<double>(index);
    const auto shift = static_cast<unsigned>((index - exact) / steps) + 1;
    const auto first = static_cast<std::uint64_t>(steps + (index - exact) % steps) << shift;
    const auto width = std::uint64_t{1} << shift;
    return static_cast<double>(first) + static_cast<double>(width - 1) / 2;
}

double Latencies::quantile(double share) const noexcept {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    const auto place = std::min(wanted, count_ - 1);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen > place) return std::min(middle_of(i), static_cast<double>(max_));
    }
    return static_cast<double>(max_);
}

}  // namespace kasio
