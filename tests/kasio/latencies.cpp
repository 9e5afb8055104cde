// SPDX-License-Identifier: Apache-2.0
#include "latencies.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using kasio::Latencies;

TEST_CASE("without values every latency is 0") {
    const Latencies none;
    CHECK(none.count() == 0);
    CHECK(none.mean() == 0);
    CHECK(none.quantile(0.99) == 0);
}

TEST_CASE("small values are counted exactly, by their place in the sorted list") {
    Latencies latencies;
    for (std::uint64_t value = 1; value <= 200; ++value)
        latencies.add(value);
    CHECK(latencies.quantile(0) == 1);
    CHECK(latencies.quantile(0.5) == 101);
    CHECK(latencies.quantile(0.99) == 199);
    CHECK(latencies.quantile(1) == 200);
    CHECK(latencies.max() == 200);
    CHECK(latencies.mean() == doctest::Approx(100.5));
}

TEST_CASE("a quantile of any value is off by less than half a percent") {
    std::mt19937_64 random(7);
    for (unsigned bits = 1; bits <= 40; ++bits) {
        CAPTURE(bits);
        Latencies latencies;
        std::vector<std::uint64_t> values;
        for (int i = 0; i < 1001; ++i) {
            values.push_back(random() & ((std::uint64_t{1} << bits) - 1));
            latencies.add(values.back());
        }
        std::sort(values.begin(), values.end());
        for (const double share : {0.001, 0.1, 0.5, 0.95, 0.99, 0.999}) {
            CAPTURE(share);
            const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
            const auto exact = static_cast<double>(values[place]);
            CHECK(std::abs(latencies.quantile(share) - exact) <= exact * 0.005);
        }
    }
}

TEST_CASE("values around each power of two have a bucket of about their size") {
    for (unsigned bits = 0; bits < 40; ++bits) {
        for (const std::int64_t beside : {-1, 0, 1}) {
            const auto value = static_cast<std::uint64_t>((std::int64_t{1} << bits) + beside);
            CAPTURE(value);
            Latencies latencies;
            latencies.add(value);
            latencies.add(Latencies::largest);  // so that the largest one does not bound it
            const auto found = latencies.quantile(0);
            CHECK(std::abs(found - static_cast<double>(value)) <=
                  static_cast<double>(value) * 0.005);
        }
    }
}

TEST_CASE("what is beyond all bounds counts as the largest value") {
    Latencies latencies;
    latencies.add(UINT64_MAX);
    CHECK(latencies.max() == Latencies::largest);
    CHECK(latencies.quantile(0.5) <= static_cast<double>(Latencies::largest));
}
