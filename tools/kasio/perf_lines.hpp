// SPDX-License-Identifier: Apache-2.0
// What a measurement of producing prints, in the form of Apache's producer-performance tool.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "latencies.hpp"

namespace kasio {

/// What happened during a time.
struct PerfCounts {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;    ///< of values
    std::uint64_t latency = 0;  ///< microseconds, of all records together
    std::uint64_t slowest = 0;  ///< microseconds

    void add(std::uint64_t size, std::uint64_t microseconds) noexcept {
        ++records;
        bytes += size;
        latency += microseconds;
        slowest = std::max(slowest, microseconds);
    }
    /// Milliseconds; 0 without records.
    [[nodiscard]] double mean() const noexcept {
        if (records == 0) return 0;
        return static_cast<double>(latency) / static_cast<double>(records) / 1000;
    }
};

/// "100 records sent, 20.0 records/sec (0.01 MB/sec), 3.1 ms avg latency, 7.0 ms max latency.\n"
/// A MB is 1,048,576 bytes, as it is there.
[[nodiscard]] std::string interval_line(const PerfCounts& counts, double seconds);
/// The same over all, with percentiles in whole milliseconds; `what` stands behind the number of
/// records: "" or " steady state".
[[nodiscard]] std::string total_line(const PerfCounts& counts, const Latencies& latencies,
                                     double seconds, const char* what = "");

/// The same for programs, as an object on one line. Latencies are in milliseconds.
[[nodiscard]] std::string interval_json(const PerfCounts& counts, double seconds);
/// `type` is "total" or "steady_state".
[[nodiscard]] std::string total_json(const PerfCounts& counts, const Latencies& latencies,
                                     double seconds, std::uint64_t failed, const char* type);

}  // namespace kasio
