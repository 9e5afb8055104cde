// SPDX-License-Identifier: Apache-2.0
// Runs a test with many seeds; a seed that fails is named, and can be run alone.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

namespace kafka::testing {

/// KAFKA_ASIO_SEED=n runs that seed only; KAFKA_ASIO_LONG=1 (tools/test --long) runs 20 times as
/// many. `run(seed)` returns what is wrong, or nothing.
template <class Run>
void for_each_seed(std::uint64_t count, Run&& run) {
    std::uint64_t first = 1;
    if (const char* one = std::getenv("KAFKA_ASIO_SEED")) {
        first = std::strtoull(one, nullptr, 10);
        count = 1;
    } else if (const char* more = std::getenv("KAFKA_ASIO_LONG"); more && *more == '1') {
        count *= 20;
    }
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const std::string wrong = run(seed);
        CHECK_MESSAGE(wrong.empty(), "seed " << seed << ": " << wrong
                                             << " (KAFKA_ASIO_SEED=" << seed << " repeats it)");
        if (!wrong.empty()) return;
    }
}

}  // namespace kafka::testing
