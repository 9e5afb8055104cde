// SPDX-License-Identifier: Apache-2.0
#include "growth.hpp"

#include <numeric>
#include <vector>

#include <doctest/doctest.h>

using kafka::test::growth;
using kafka::test::most_growth;

namespace {

std::vector<unsigned> numbers(std::size_t count) {
    std::vector<unsigned> all(count);
    std::iota(all.begin(), all.end(), 1u);
    return all;
}
void keep(unsigned sum) {
    asm volatile("" : : "r"(sum));
}

}  // namespace

TEST_CASE("work that is linear grows with its input") {
    const auto ratio = growth(20'000, numbers, [](const std::vector<unsigned>& all) {
        unsigned sum = 0;
        for (const auto each : all)
            sum ^= each * 7919;
        keep(sum);
    });
    CHECK(ratio < most_growth);
}

TEST_CASE("work that is quadratic is told from it") {
    const auto ratio = growth(300, numbers, [](const std::vector<unsigned>& all) {
        unsigned sum = 0;
        for (const auto a : all)
            for (const auto b : all)
                sum = (sum ^ a) * (b | 1);
        keep(sum);
    });
    CHECK(ratio > most_growth);
}
