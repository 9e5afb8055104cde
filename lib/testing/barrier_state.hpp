// SPDX-License-Identifier: Apache-2.0
// What a Barrier shares with the brokers that hold requests at it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include <kafka/testing/barrier.hpp>

namespace kafka::testing {

/// The lock is taken for single steps only, and nothing is called under it.
struct BarrierState {
    /// A request comes. Returns its ticket.
    std::size_t enter();
    /// Whether the request with that ticket may go on.
    [[nodiscard]] bool open_for(std::size_t ticket) const;
    /// The request went on, or its connection is gone.
    void leave();
    /// What to call when requests may go on; for each broker that has the barrier in a rule.
    void on_release(std::function<void()> call);

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::size_t entered = 0, left = 0;
    std::size_t passes = 0;
    bool open = false;
    std::vector<std::function<void()>> calls;
};

}  // namespace kafka::testing
