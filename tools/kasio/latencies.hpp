// SPDX-License-Identifier: Apache-2.0
// How long things took: a histogram of bounded memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kasio {

/// Counts values (microseconds) in buckets: one a value up to 255, then 128 for each power of two.
/// A quantile is off by less than 0.5 %. Takes 35 kB, however many values there are.
class Latencies {
public:
    /// Larger values count as this one: 12 days of microseconds.
    static constexpr std::uint64_t largest = (std::uint64_t{1} << 40) - 1;

    void add(std::uint64_t value) noexcept {
        if (value > largest) value = largest;
        ++buckets_[index_of(value)];
        ++count_;
        sum_ += value;
        if (value > max_) max_ = value;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    /// 0 while there are none.
    [[nodiscard]] double mean() const noexcept {
        return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
    }
    /// The value with `share` (0 to below 1) of all others below it, as Java's tool counts: the
    /// one at place floor(share * count) of the sorted list. 0 while there are none.
    [[nodiscard]] double quantile(double share) const noexcept;

private:
    static constexpr std::size_t exact = 256;  // values with a bucket of their own
    static constexpr std::size_t steps = 128;  // buckets of a power of two
    static constexpr std::size_t powers = 40 - 8;

    static std::size_t index_of(std::uint64_t value) noexcept {
        if (value < exact) return static_cast<std::size_t>(value);
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - 8;
        return exact + (shift - 1) * steps + static_cast<std::size_t>(value >> shift) - steps;
    }
    static double middle_of(std::size_t index) noexcept;

    std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(exact + powers * steps);
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace kasio
