// SPDX-License-Identifier: Apache-2.0
// Time as the broker's core sees it: always an argument, never asked for.
#pragma once

#include <chrono>
#include <cstdint>

namespace kafka::testing {

using Time = std::chrono::steady_clock::time_point;

/// No deadline.
constexpr Time never = Time::max();

struct Now {
    Time time;                 // for deadlines
    std::int64_t wall_ms = 0;  // for timestamps: milliseconds since 1970
};

}  // namespace kafka::testing
