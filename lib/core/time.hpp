// SPDX-License-Identifier: Apache-2.0
// Time as the cores see it: always an argument, never asked for.
#pragma once

#include <chrono>

namespace kafka::core {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

/// No deadline.
constexpr Time never = Time::max();

/// `start + span`, or never where that is beyond the clock's end.
constexpr Time after(Time start, milliseconds span) {
    return span >= std::chrono::duration_cast<milliseconds>(never - start) ? never : start + span;
}

}  // namespace kafka::core
