// SPDX-License-Identifier: Apache-2.0
// What a measurement of producing counts, while records come back on the loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include <kafka/writer_config.hpp>

#include "delivery_failures.hpp"
#include "latencies.hpp"
#include "perf_lines.hpp"

namespace kasio {

/// Takes the ends of records. Times are those of the steady clock. Thread-safe.
class PerfStats {
public:
    using Clock = std::chrono::steady_clock;
    /// Of one value.
    static constexpr std::uint64_t most_bytes = (std::uint64_t{1} << 25) - 1;

    explicit PerfStats(Clock::time_point start) : start_(start), window_start_(start) {}

    /// Says of a record when it was handed over, and how large it is.
    [[nodiscard]] std::uint64_t cookie(Clock::time_point now, std::uint64_t bytes,
                                       bool steady) const noexcept;
    /// Records came to their end at `now`.
    void take(const kafka::WrittenRecords& records, Clock::time_point now);
    /// One that was never taken.
    void refused(std::uint64_t cookie, std::int32_t partition, const std::error_code& error);

    /// Warm-up is over: records with such cookies are counted for themselves from now on.
    void begin_steady_state(Clock::time_point now);

    struct Interval {
        PerfCounts counts;
        double seconds = 0;
        bool first_steady = false;  ///< the first one since warm-up was over
    };
    /// What came since the last call.
    [[nodiscard]] Interval next_interval(Clock::time_point now);

    struct Total {
        PerfCounts counts;
        Latencies latencies;
        double seconds = 0;
    };
    [[nodiscard]] Total total(Clock::time_point now) const;
    /// Nothing without warm-up.
    [[nodiscard]] std::optional<Total> steady_state(Clock::time_point now) const;
    [[nodiscard]] DeliveryFailures failures() const;

private:
    struct Part {
        PerfCounts counts;
        Latencies latencies;
    };

    const Clock::time_point start_;
    mutable std::mutex mutex_;
    Part all_, steady_;
    std::optional<Clock::time_point> steady_start_;
    bool steady_shown_ = false;
    PerfCounts window_;
    Clock::time_point window_start_;
    DeliveryFailures failures_;
};

}  // namespace kasio
