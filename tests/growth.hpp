// SPDX-License-Identifier: Apache-2.0
// Is the time of something linear in the size of its input?
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <limits>

namespace kafka::test {

/// Seconds that this thread has computed, whatever else the machine does.
[[nodiscard]] inline double thread_seconds() {
    std::timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// An input is made `times` larger; linear work then takes `times` as long, quadratic work
/// times * times.
constexpr std::size_t times = 8;
/// Between the two, with room for caches that the larger input does not fit.
constexpr double most_growth = 24;

/// How many times longer work(make(times * size)) takes than work(make(size)): of both the best of
/// several runs. `make` is not measured. Where the small one takes below a millisecond, it is
/// measured over several calls.
template <class Make, class Work>
[[nodiscard]] double growth(std::size_t size, Make make, Work work) {
    const auto best = [&](const auto& input) {
        auto seconds = std::numeric_limits<double>::max();
        for (int run = 0; run < 5; ++run) {
            const auto begin = thread_seconds();
            int calls = 0;
            double passed = 0;
            do {
                // Else a compiler may see that each call does the same, and do it once.
                asm volatile("" : : "g"(&input) : "memory");
                work(input);
                ++calls;
                passed = thread_seconds() - begin;
            } while (passed < 0.001);
            seconds = std::min(seconds, passed / calls);
        }
        return seconds;
    };
    const auto small = make(size);
    const auto large = make(times * size);
    // A busy neighbour may slow the one and not the other down: what was once linear is.
    auto ratio = best(large) / best(small);
    for (int again = 0; again < 3 && ratio > most_growth; ++again)
        ratio = std::min(ratio, best(large) / best(small));
    return ratio;
}

}  // namespace kafka::test
