// SPDX-License-Identifier: Apache-2.0
// ReadTurns: lets reads of one position follow one another.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "io/executor.hpp"

namespace kafka::client {

/// Those that wait, wait on a timer of their own, which is cancelled when their turn comes; this
/// holds no operation, so that an event loop that goes takes all of them with it. On one strand.
class ReadTurns {
public:
    /// A part of an operation. Whoever has the turn gives it back once, whatever becomes of it.
    struct Waiter {
        explicit Waiter(const io::Strand& strand) : timer(strand) {}
        io::Timer timer;
        bool has_turn = false;
    };

    /// Without the turn: wait until the timer is cancelled.
    void take(const std::shared_ptr<Waiter>& waiter) {
        if (taken_) return waiting_.push_back(waiter);
        taken_ = waiter->has_turn = true;
    }
    /// The next one that still waits has it.
    void give_back(Waiter& waiter) {
        if (!std::exchange(waiter.has_turn, false)) return;
        taken_ = false;
        while (!taken_ && !waiting_.empty()) {
            const auto next = waiting_.front().lock();
            waiting_.pop_front();
            // Cancels nothing for one that does not wait any more.
            if (next && next->timer.cancel() > 0) taken_ = next->has_turn = true;
        }
    }

private:
    bool taken_ = false;
    std::deque<std::weak_ptr<Waiter>> waiting_;
};

}  // namespace kafka::client
