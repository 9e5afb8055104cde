// SPDX-License-Identifier: Apache-2.0
// The time for those who ask for it with every call, and need it to a few milliseconds only.
#pragma once

#include <chrono>
#include <ctime>

#include "core/time.hpp"

namespace kafka::io {

/// How far coarse_now() may lag: a tick of a kernel with 100 Hz, the slowest.
constexpr std::chrono::milliseconds coarse_lag{10};

/// As std::chrono::steady_clock, of at most coarse_lag ago; a quarter of its cost.
inline core::Time coarse_now() noexcept {
#ifdef CLOCK_MONOTONIC_COARSE
    std::timespec time{};
    if (::clock_gettime(CLOCK_MONOTONIC_COARSE, &time) == 0)
        return core::Time(std::chrono::seconds(time.tv_sec) +
                          std::chrono::nanoseconds(time.tv_nsec));
#endif
    return std::chrono::steady_clock::now();
}

}  // namespace kafka::io
