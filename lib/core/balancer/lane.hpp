// SPDX-License-Identifier: Apache-2.0
// Lane: where one thread stands in one topic. All of it may be lost or stale: then a thread changes
// its partition a little early or late.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace kafka::core {

/// A thread's sticky partition, the bytes it has put there, and its random numbers. Threads may
/// share one: each step is a load and a store, without a lock's price, and of two at once one may
/// be lost. On a cache line of its own.
class alignas(64) Lane {
public:
    struct State {
        std::int32_t partition = -1;  ///< -1: none yet
        std::uint32_t bytes = 0;
    };

    Lane() = default;
    void seed(std::uint64_t seed) noexcept { random_.store(seed, std::memory_order_relaxed); }

    [[nodiscard]] State state() const noexcept {
        const auto both = state_.load(std::memory_order_relaxed);
        return {static_cast<std::int32_t>(static_cast<std::uint32_t>(both)),
                static_cast<std::uint32_t>(both >> 32)};
    }
    void set(State state) noexcept {
        state_.store(std::uint64_t{state.bytes} << 32 | static_cast<std::uint32_t>(state.partition),
                     std::memory_order_relaxed);
    }
    /// Adds to the bytes, if the partition is still `of`. False: there are `limit` or more then,
    /// and nothing was changed.
    [[nodiscard]] bool add(std::int32_t of, std::size_t bytes, std::uint32_t limit) noexcept {
        const auto both = state_.load(std::memory_order_relaxed);
        if (static_cast<std::uint32_t>(both) != static_cast<std::uint32_t>(of)) return true;
        std::uint64_t sum = 0;
        if (__builtin_add_overflow(both >> 32, bytes, &sum) || sum >= limit) return false;
        state_.store(sum << 32 | static_cast<std::uint32_t>(both), std::memory_order_relaxed);
        return true;
    }
    /// Of the candidates that the partition was last found among.
    [[nodiscard]] std::uint32_t epoch() const noexcept {
        return epoch_.load(std::memory_order_relaxed);
    }
    void set_epoch(std::uint32_t epoch) noexcept { epoch_.store(epoch, std::memory_order_relaxed); }
    /// SplitMix64: any seed is good, and a number costs less than a nanosecond.
    [[nodiscard]] std::uint64_t random() noexcept {
        auto x = random_.load(std::memory_order_relaxed) + 0x9e3779b97f4a7c15U;
        random_.store(x, std::memory_order_relaxed);
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
        x = (x ^ x >> 27) * 0x94d049bb133111ebU;
        return x ^ x >> 31;
    }

private:
    std::atomic<std::uint64_t> state_{std::numeric_limits<std::uint32_t>::max()};
    std::atomic<std::uint64_t> random_{0};
    std::atomic<std::uint32_t> epoch_{0};
};

}  // namespace kafka::core
