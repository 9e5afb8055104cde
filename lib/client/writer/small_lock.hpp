// SPDX-License-Identifier: Apache-2.0
// SmallLock: a mutex of a byte for work of some nanoseconds. HandOver: a stack without a lock.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace kafka::client {

/// One atomic operation and a store while nobody else is there. Unlocking knows of no waiters, so
/// these look for themselves: at once, then between other threads, and if the owner was interrupted
/// every few microseconds.
class SmallLock {
public:
    void lock() noexcept {
        if (locked_.exchange(true, std::memory_order_acquire)) [[unlikely]]
            wait();
    }
    void unlock() noexcept { locked_.store(false, std::memory_order_release); }

private:
    static constexpr int spins = 100, yields = 20;
    static constexpr std::chrono::microseconds nap{20};

    // Apart: its locals are in memory, and would put a stack protector into whoever locks.
    [[gnu::noinline]] void wait() noexcept {
        for (int tries = 0;; ++tries) {
            if (!locked_.load(std::memory_order_relaxed) &&
                !locked_.exchange(true, std::memory_order_acquire))
                return;
            if (tries < spins) continue;
            if (tries < spins + yields)
                std::this_thread::yield();
            else
                std::this_thread::sleep_for(nap);
        }
    }

    std::atomic<bool> locked_{false};
};

/// A stack that many push to and one takes whole. `T::next` is its link.
template <class T>
class HandOver {
public:
    void push(T& element) noexcept {
        auto* top = top_.load(std::memory_order_relaxed);
        do {
            element.next = top;
        } while (!top_.compare_exchange_weak(top, &element, std::memory_order_release,
                                             std::memory_order_relaxed));
    }
    [[nodiscard]] bool empty() const noexcept {
        return top_.load(std::memory_order_relaxed) == nullptr;
    }
    /// All of it, oldest first.
    [[nodiscard]] T* take() noexcept {
        auto* top = top_.exchange(nullptr, std::memory_order_acquire);
        T* first = nullptr;
        while (top) {
            auto* below = top->next;
            top->next = first;
            first = top;
            top = below;
        }
        return first;
    }

private:
    std::atomic<T*> top_{nullptr};
};

}  // namespace kafka::client
