// SPDX-License-Identifier: Apache-2.0
#include "perf_stats.hpp"

#include <algorithm>

namespace kasio {

namespace {

// A cookie, from its low end: the bytes, whether it counts as steady, and the microseconds since
// the start, which may begin again at 0 after 76 hours.
constexpr unsigned size_bits = 25;
constexpr std::uint64_t steady_bit = std::uint64_t{1} << size_bits;
constexpr unsigned time_shift = size_bits + 1;
constexpr std::uint64_t time_mask = ~std::uint64_t{0} >> time_shift;

std::uint64_t micros(PerfStats::Clock::duration time) noexcept {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(time).count(), 0));
}
double seconds(PerfStats::Clock::duration time) noexcept {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

std::uint64_t PerfStats::cookie(Clock::time_point now, std::uint64_t bytes,
                                bool steady) const noexcept {
    return ((micros(now - start_) & time_mask) << time_shift) | (steady ? steady_bit : 0) |
           std::min(bytes, most_bytes);
}

void PerfStats::take(const kafka::WrittenRecords& records, Clock::time_point now) {
    const auto at = micros(now - start_);
    const std::lock_guard lock(mutex_);
    for (const auto cookie : records.cookies) {
        const auto bytes = cookie & most_bytes;
        if (records.error) {
            failures_.add(records.partition, 0, bytes, records.error, records.detail);
            continue;
        }
        const auto latency = (at - (cookie >> time_shift)) & time_mask;
        all_.counts.add(bytes, latency);
        all_.latencies.add(latency);
        const bool steady = (cookie & steady_bit) != 0;
        if (steady) {
            steady_.counts.add(bytes, latency);
            steady_.latencies.add(latency);
        }
        if (steady || !steady_start_) window_.add(bytes, latency);
    }
}

void PerfStats::refused(std::uint64_t cookie, std::int32_t partition,
                        const std::error_code& error) {
    const std::lock_guard lock(mutex_);
    failures_.add(partition, 0, cookie & most_bytes, error, {});
}

void PerfStats::begin_steady_state(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    steady_start_ = window_start_ = now;
    window_ = {};
}

PerfStats::Interval PerfStats::next_interval(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    Interval interval{window_, seconds(now - window_start_), steady_start_ && !steady_shown_};
    steady_shown_ = steady_start_.has_value();
    window_ = {};
    window_start_ = now;
    return interval;
}

PerfStats::Total PerfStats::total(Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    return {all_.counts, all_.latencies, seconds(now - start_)};
}

std::optional<PerfStats::Total> PerfStats::steady_state(Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    if (!steady_start_) return std::nullopt;
    return Total{steady_.counts, steady_.latencies, seconds(now - *steady_start_)};
}

DeliveryFailures PerfStats::failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
}

}  // namespace kasio
