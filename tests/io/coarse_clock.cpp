// SPDX-License-Identifier: Apache-2.0
#include "io/coarse_clock.hpp"

#include <thread>

#include <doctest/doctest.h>

TEST_CASE("the coarse clock is the steady one, never ahead and hardly behind") {
    using Clock = std::chrono::steady_clock;
    for (int i = 0; i < 50; ++i) {
        const auto before = Clock::now();
        const auto coarse = kafka::io::coarse_now();
        CHECK(coarse <= Clock::now());
        CHECK(coarse >= before - kafka::io::coarse_lag);
        std::this_thread::sleep_for(std::chrono::microseconds(700));
    }
}
