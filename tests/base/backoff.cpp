// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"

#include <chrono>
#include <limits>

#include <doctest/doctest.h>

using kafka::Backoff;
using namespace std::chrono_literals;

TEST_CASE("without jitter each wait is the last one times the factor, up to the maximum") {
    const Backoff backoff{.base = 100ms, .max = 1s, .factor = 2, .jitter = 0};
    CHECK(backoff.delay(0, 0.5) == 0ms);
    CHECK(backoff.delay(1, 0.5) == 100ms);
    CHECK(backoff.delay(2, 0.5) == 200ms);
    CHECK(backoff.delay(3, 0.5) == 400ms);
    CHECK(backoff.delay(4, 0.5) == 800ms);
    CHECK(backoff.delay(5, 0.5) == 1s);
    CHECK(backoff.delay(6, 0.5) == 1s);
    CHECK(backoff.delay(std::numeric_limits<unsigned>::max(), 0.5) == 1s);
}

TEST_CASE("jitter spreads a wait by 20 % to both sides") {
    const Backoff backoff{.base = 100ms, .max = 10s};
    CHECK(backoff.delay(1, 0) == 80ms);
    CHECK(backoff.delay(1, 0.5) == 100ms);
    CHECK(backoff.delay(1, 0.999'999) > 119ms);
    CHECK(backoff.delay(1, 0.999'999) < 120ms);
    CHECK(backoff.delay(3, 0) == 320ms);
}

TEST_CASE("at the maximum waits are still spread, but never beyond it") {
    const Backoff backoff{.base = 100ms, .max = 1s};
    CHECK(backoff.delay(50, 0) == 800ms);
    CHECK(backoff.delay(50, 0.5) == 900ms);
    CHECK(backoff.delay(50, 1) == 1s);
    // 800 ms strays up to 960 ms, which the maximum allows; 1.6 s would, too, were it not for it.
    CHECK(backoff.delay(4, 1) == 960ms);
    CHECK(backoff.delay(5, 1) == 1s);
}

TEST_CASE("a later wait is never shorter for the same random value") {
    const Backoff backoff;
    for (const double random : {0.0, 0.25, 0.5, 0.75, 0.999}) {
        for (unsigned failures = 0; failures < 80; ++failures) {
            CHECK(backoff.delay(failures + 1, random) >= backoff.delay(failures, random));
        }
    }
}

TEST_CASE("values outside their ranges are clamped and never overflow") {
    CHECK(Backoff{.base = 0ms}.delay(3, 0.5) == 0ms);
    CHECK(Backoff{.base = -5ms}.delay(3, 0.5) == 0ms);
    CHECK(Backoff{.base = 100ms, .max = 0ms}.delay(3, 0.5) == 0ms);
    CHECK(Backoff{.base = 5s, .max = 1s, .jitter = 0}.delay(1, 0.5) == 1s);
    CHECK(Backoff{.base = 100ms, .factor = 0.1, .jitter = 0}.delay(3, 0.5) == 100ms);
    CHECK(Backoff{.base = 100ms, .jitter = 7}.delay(1, 0) == 0ms);
    CHECK(Backoff{.base = 100ms, .jitter = -1}.delay(1, 0) == 100ms);
    CHECK(Backoff{}.delay(1, -3) == 80ms);
    CHECK(Backoff{}.delay(1, 42) == 120ms);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(Backoff{}.delay(1, nan) == 80ms);
    CHECK(Backoff{.factor = nan, .jitter = nan}.delay(4, 0.5) == 100ms);
    const auto longest = Backoff::Duration::max();
    CHECK(Backoff{.base = longest, .max = longest}.delay(1000, 0.999) <= longest);
    CHECK(Backoff{.base = 1ms, .max = longest, .factor = 1e300}.delay(1000, 1) == longest);
}
