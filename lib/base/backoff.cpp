// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace kafka {
namespace {

/// As std::clamp, with NaN at the low end.
double clamped(double value, double low, double high) noexcept {
    if (!(value > low)) return low;
    return value < high ? value : high;
}

}  // namespace

Backoff::Duration Backoff::delay(unsigned failures, double random) const noexcept {
    if (failures == 0 || base <= Duration::zero() || max <= Duration::zero()) {
        return Duration::zero();
    }
    const auto cap = static_cast<double>(max.count());
    // Grows to infinity at worst, which the cap takes back.
    const double growth = std::pow(clamped(factor, 1, 1e9), static_cast<double>(failures - 1));
    const double wait = std::min(cap, static_cast<double>(base.count()) * growth);
    const double stray = clamped(jitter, 0, 1) * wait;
    const double low = wait - stray;
    const double high = std::min(wait + stray, cap);
    const double chosen = low + clamped(random, 0, 1) * (high - low);
    if (chosen >= cap) return max;
    return Duration(static_cast<Duration::rep>(chosen));
}

}  // namespace kafka
