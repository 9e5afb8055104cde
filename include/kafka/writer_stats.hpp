// SPDX-License-Identifier: Apache-2.0
// Counts of a writer since its creation. Plain data; nothing is ever reset.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kafka {

/// How often values occurred, by powers of two: bucket n counts those from 2^(n-1) to 2^n - 1,
/// bucket 0 the zeros.
struct Histogram {
    std::array<std::uint64_t, 48> buckets = {};
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    std::uint64_t max = 0;

    void add(std::uint64_t value) noexcept {
        auto bucket = static_cast<std::size_t>(std::bit_width(value));
        if (bucket >= buckets.size()) bucket = buckets.size() - 1;
        ++buckets[bucket];
        ++count;
        sum += value;
        if (value > max) max = value;
    }
    /// 0 while there are none.
    [[nodiscard]] double mean() const noexcept {
        return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
    }
    /// At most so large are `share` (0 to 1) of the values; right to a factor of two.
    [[nodiscard]] std::uint64_t quantile(double share) const noexcept {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            seen += buckets[i];
            if (seen >= wanted && seen > 0) {
                const auto most = (std::uint64_t{1} << i) - 1;
                return most < max ? most : max;
            }
        }
        return max;
    }
};

/// What waits for one partition.
struct PartitionBacklog {
    std::string topic;
    std::int32_t partition = -1;
    std::size_t batches = 0;  ///< closed ones, those in requests included
    std::size_t records = 0;  ///< of the batch that is open
};

struct WriterStats {
    // records
    std::uint64_t accepted = 0;  ///< in batches that were closed
    std::uint64_t acknowledged = 0;
    std::uint64_t failed = 0;   ///< certainly not stored
    std::uint64_t unknown = 0;  ///< nobody knows
    std::uint64_t dropped = 0;  ///< of the failed ones: for newer ones, or by abort_buffered()
    // batches and requests
    std::uint64_t batches = 0;
    std::uint64_t batch_bytes = 0;  ///< as they are sent, compressed
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;  ///< batches sent anew
    std::uint64_t splits = 0;   ///< batches cut because they were too large, or partly refused
    std::uint64_t expired = 0;  ///< batches that were not delivered in time
    std::uint64_t epochs = 0;   ///< of the producer id, begun after lost batches (KIP-360)
    std::uint64_t failed_callbacks = 0;  ///< calls of on_records that threw
    // now
    std::size_t buffered_bytes = 0;  ///< of WriterConfig::buffer_memory
    std::size_t waiting_writes = 0;  ///< calls that wait for room or for a topic's partitions
    unsigned in_flight = 0;          ///< requests
    // distributions
    Histogram batch_size;     ///< bytes
    Histogram batch_records;  ///< records
    /// Microseconds, from a batch's first record to its report.
    Histogram delivery_time;
    /// Microseconds, from request to answer.
    Histogram request_time;
    /// Partitions with something in them.
    std::vector<PartitionBacklog> backlog;
};

}  // namespace kafka
