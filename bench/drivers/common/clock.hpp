// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace kafka_bench {

using Clock = std::chrono::steady_clock;

/// Nanoseconds of the monotonic clock.
[[nodiscard]] inline std::int64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Open loop: record `i` is due at start + i / rate, whatever became of the ones before it.
class Pacer {
public:
    /// No sleep is shorter, in every driver alike: below this a pacer measures the timer.
    static constexpr std::int64_t shortest_sleep_ns = 50'000;

    Pacer(std::int64_t start_ns, double rate) : start_{start_ns}, gap_{1e9 / rate} {}

    [[nodiscard]] std::int64_t due_ns(std::uint64_t i) const {
        return start_ + static_cast<std::int64_t>(gap_ * static_cast<double>(i));
    }

    /// How long to sleep before record `i`: 0 when it is due already, at least 50 us otherwise.
    [[nodiscard]] std::int64_t sleep_ns(std::uint64_t i, std::int64_t now) const {
        const std::int64_t left = due_ns(i) - now;
        return left <= 0 ? 0 : left < shortest_sleep_ns ? shortest_sleep_ns : left;
    }

    /// Blocks until record `i` is due, for drivers whose producing thread may sleep.
    void wait(std::uint64_t i) const {
        for (std::int64_t left = 0; (left = sleep_ns(i, now_ns())) > 0;) {
            const timespec time{left / 1'000'000'000, left % 1'000'000'000};
            clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
        }
    }

private:
    std::int64_t start_;
    double gap_;
};

}  // namespace kafka_bench
