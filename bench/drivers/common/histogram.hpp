// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace kafka_bench {

/// Latencies in nanoseconds, kept to within 0.8 %. Recording allocates nothing. Not thread-safe:
/// one a thread, merged at the end.
class Histogram {
public:
    void record(std::int64_t nanoseconds) {
        const std::uint64_t value =
            nanoseconds < 0 ? 0 : static_cast<std::uint64_t>(nanoseconds) & largest;
        ++counts_[bucket(value)];
        ++count_;
        sum_ += static_cast<double>(value);
        most_ = value > most_ ? value : most_;
    }

    void merge(const Histogram& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            counts_[i] += other.counts_[i];
        }
        count_ += other.count_;
        sum_ += other.sum_;
        most_ = other.most_ > most_ ? other.most_ : most_;
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] double max_us() const { return static_cast<double>(most_) / 1e3; }
    [[nodiscard]] double mean_us() const {
        return count_ == 0 ? 0 : sum_ / static_cast<double>(count_) / 1e3;
    }

    /// `share` from 0 to 1: 0.999 is p99.9.
    [[nodiscard]] double percentile_us(double share) const {
        const double wanted = share * static_cast<double>(count_);
        double seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += static_cast<double>(counts_[i]);
            if (counts_[i] != 0 && seen >= wanted) {
                return static_cast<double>(middle(i)) / 1e3;
            }
        }
        return 0;
    }

private:
    static constexpr unsigned sub_bits = 6;  // 64 buckets for each power of two
    static constexpr std::uint64_t sub = 1U << sub_bits;
    static constexpr unsigned powers = 42;  // up to an hour
    static constexpr std::uint64_t largest = (std::uint64_t{1} << powers) - 1;

    static std::size_t bucket(std::uint64_t value) {
        if (value < sub) {
            return value;
        }
        const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;
        return (power - sub_bits + 1) * sub + ((value >> (power - sub_bits)) - sub);
    }

    static std::uint64_t middle(std::size_t index) {
        if (index < sub) {
            return index;
        }
        const auto shift = static_cast<unsigned>(index / sub - 1);
        return ((index % sub + sub) << shift) + ((std::uint64_t{1} << shift) >> 1);
    }

    std::array<std::uint64_t, (powers - sub_bits + 1) * sub> counts_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::uint64_t most_ = 0;
};

}  // namespace kafka_bench
