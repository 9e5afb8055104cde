// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <kafka/testing/barrier.hpp>

#include "testing/barrier_state.hpp"

namespace kafka::testing {

std::size_t BarrierState::enter() {
    const std::lock_guard lock(mutex);
    changed.notify_all();
    return entered++;
}

bool BarrierState::open_for(std::size_t ticket) const {
    const std::lock_guard lock(mutex);
    return open || ticket < passes;
}

void BarrierState::leave() {
    const std::lock_guard lock(mutex);
    ++left;
}

void BarrierState::on_release(std::function<void()> call) {
    const std::lock_guard lock(mutex);
    calls.push_back(std::move(call));
}

Barrier::Barrier() : state_(std::make_shared<BarrierState>()) {}

std::size_t Barrier::entered() const {
    const std::lock_guard lock(state_->mutex);
    return state_->entered;
}

std::size_t Barrier::waiting() const {
    const std::lock_guard lock(state_->mutex);
    return state_->entered - state_->left;
}

bool Barrier::wait_entered(std::size_t count, std::chrono::milliseconds timeout) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, timeout, [&] { return state_->entered >= count; });
}

void Barrier::release() {
    std::vector<std::function<void()>> calls;
    {
        const std::lock_guard lock(state_->mutex);
        state_->open = true;
        calls = state_->calls;
    }
    for (const auto& call : calls)
        call();
}

void Barrier::release(std::size_t count) {
    std::vector<std::function<void()>> calls;
    {
        const std::lock_guard lock(state_->mutex);
        // Those that were let through before, and so many more.
        state_->passes += count;
        calls = state_->calls;
    }
    for (const auto& call : calls)
        call();
}

}  // namespace kafka::testing
