// SPDX-License-Identifier: Apache-2.0
#include "io/off_loop.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>

namespace kafka::io {

asio::execution_context::id OffLoop::id;

struct OffLoop::Shared {
    struct Pending {
        asio::any_io_executor executor;  // the strand's, and work for it
        std::function<void()> then;
    };

    std::mutex mutex;
    std::unordered_map<std::uint64_t, Pending> pending;
    std::uint64_t last = 0;
};

void OffLoop::Return::operator()() const {
    if (!shared_) return;
    // Posted under the lock: shutdown() waits for it, so that the context is still there.
    const std::lock_guard lock(shared_->mutex);
    const auto found = shared_->pending.find(number_);
    if (found == shared_->pending.end()) return;
    auto pending = std::move(found->second);
    shared_->pending.erase(found);
    asio::post(pending.executor, std::move(pending.then));
}

void OffLoop::Return::forget() {
    const auto shared = std::exchange(shared_, nullptr);
    if (!shared) return;
    // Destroyed outside the lock: its owner may be the last of something that uses this.
    std::optional<Shared::Pending> pending;
    const std::lock_guard lock(shared->mutex);
    if (const auto found = shared->pending.find(number_); found != shared->pending.end()) {
        pending.emplace(std::move(found->second));
        shared->pending.erase(found);
    }
}

OffLoop::OffLoop(asio::execution_context& context)
    : asio::execution_context::service(context), shared_(std::make_shared<Shared>()) {}
OffLoop::~OffLoop() = default;

OffLoop::Return OffLoop::expect(const Strand& strand, std::function<void()> then) {
    Shared::Pending pending{
        asio::prefer(asio::any_io_executor(strand), asio::execution::outstanding_work.tracked),
        std::move(then)};
    Return way;
    way.shared_ = shared_;
    const std::lock_guard lock(shared_->mutex);
    way.number_ = ++shared_->last;
    shared_->pending.emplace(way.number_, std::move(pending));
    return way;
}

bool OffLoop::run(const asio::any_io_executor& where, std::function<void()> work,
                  const Return& then) {
    auto both = [work = std::move(work), then]() mutable {
        std::exchange(work, nullptr)();  // what it held goes first
        then();
    };
    try {
        if (where) {
            asio::post(where, std::move(both));
            return true;
        }
        const std::lock_guard lock(mutex_);
        if (!thread_) thread_ = std::make_unique<asio::thread_pool>(1);
        asio::post(*thread_, std::move(both));
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

void OffLoop::shutdown() {
    std::unordered_map<std::uint64_t, Shared::Pending> pending;
    {
        const std::lock_guard lock(shared_->mutex);
        pending.swap(shared_->pending);
    }
    pending.clear();
    if (thread_) {
        thread_->stop();
        thread_->join();
    }
}

}  // namespace kafka::io
