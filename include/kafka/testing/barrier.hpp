// SPDX-License-Identifier: Apache-2.0
// Barrier: a place in the development broker where requests wait until a test lets them go on.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include <kafka/export.hpp>

namespace kafka::testing {

struct BarrierState;

/// Rules hold requests at it: Rule::hold(), Rule::hold_answer(). Copies are the same barrier.
/// Thread-safe.
///
///     Barrier barrier;
///     broker.add(Rule::on<ProduceRequest>().once().hold(barrier));
///     ... produce, without waiting for it ...
///     CHECK(barrier.wait_entered(1, 5s));   // the broker has the request, and does nothing with
///     it barrier.release();
class KAFKA_API Barrier {
public:
    Barrier();

    /// How many requests have come to it, those that went on included.
    [[nodiscard]] std::size_t entered() const;
    /// How many wait there now.
    [[nodiscard]] std::size_t waiting() const;
    /// Waits until that many have come; false if the time is over first.
    [[nodiscard]] bool wait_entered(std::size_t count, std::chrono::milliseconds timeout) const;
    /// Lets everything pass, also what comes later.
    void release();
    /// Lets the next `count` requests pass, in the order in which they came.
    void release(std::size_t count);

    /// The broker's side.
    [[nodiscard]] const std::shared_ptr<BarrierState>& state() const noexcept { return state_; }

private:
    std::shared_ptr<BarrierState> state_;
};

}  // namespace kafka::testing
