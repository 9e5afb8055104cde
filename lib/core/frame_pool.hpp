// SPDX-License-Identifier: Apache-2.0
// FramePool: the memory of requests that were written, for those to come.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

#include <kafka/protocol/gather.hpp>

namespace kafka::core {

/// Thread-safe. Whoever meets another thread here goes without: memory comes from the heap then.
class FramePool {
public:
    /// Keeps this many, of at most this many bytes each.
    static constexpr std::size_t most = 8;
    static constexpr std::size_t largest = 4096;

    FramePool() = default;
    FramePool(const FramePool&) = delete;
    FramePool& operator=(const FramePool&) = delete;

    /// An empty one with memory, if there is one.
    void take(protocol::Gather& frame) noexcept {
        if (busy_.test_and_set(std::memory_order_acquire)) return;
        if (count_ > 0) frame = std::move(frames_[--count_]);
        busy_.clear(std::memory_order_release);
    }
    void give(protocol::Gather&& frame) noexcept {
        if (frame.own().capacity() > largest) return;
        frame.clear();
        if (busy_.test_and_set(std::memory_order_acquire)) return;
        if (count_ < most) frames_[count_++] = std::move(frame);
        busy_.clear(std::memory_order_release);
    }

private:
    std::atomic_flag busy_;
    std::size_t count_ = 0;
    std::array<protocol::Gather, most> frames_;
};

}  // namespace kafka::core
