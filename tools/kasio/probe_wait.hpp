// SPDX-License-Identifier: Apache-2.0
// Waiting, as `kasio probe` needs it: for what blocks, and for several things at once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

namespace kasio {

/// A value that comes later, from any thread, perhaps never. Copies are the same. Whoever sets it
/// touches no executor, and so may do it when all else is gone.
template <class T>
class Later {
public:
    /// The first call counts.
    void set(T value) const {
        if (shared_->taken.exchange(true)) return;
        shared_->value.emplace(std::move(value));
        shared_->done = true;
        const std::uint64_t one = 1;
        static_cast<void>(!::write(shared_->event, &one, sizeof one));
    }
    /// Waits, but not longer than `limit`: nothing then.
    asio::awaitable<std::optional<T>> wait(std::chrono::milliseconds limit) const {
        const auto shared = shared_;
        auto executor = co_await asio::this_coro::executor;
        auto event =
            std::make_shared<asio::posix::stream_descriptor>(executor, ::dup(shared->event));
        asio::steady_timer timer(executor, limit);
        timer.async_wait([event](const asio::error_code& error) {
            if (!error) event->cancel();
        });
        asio::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await event->async_wait(asio::posix::stream_descriptor::wait_read, token);
        timer.cancel();
        if (!shared->done) co_return std::nullopt;
        co_return std::move(shared->value);
    }

private:
    struct Shared {
        Shared() = default;
        Shared(const Shared&) = delete;
        Shared& operator=(const Shared&) = delete;
        ~Shared() { ::close(event); }

        int event = ::eventfd(0, EFD_CLOEXEC);
        std::atomic<bool> taken{false}, done{false};
        std::optional<T> value;
    };
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

/// Runs what blocks on a thread of its own and waits for it, but not longer than `limit`: nothing
/// then, and the thread is left to itself. `work` must own what it uses and must not throw.
template <class T>
asio::awaitable<std::optional<T>> off_thread(std::function<T()> work,
                                             std::chrono::milliseconds limit) {
    const Later<T> result;
    std::thread([result, work = std::move(work)] { result.set(work()); }).detach();
    co_return co_await result.wait(limit);
}

/// Does all of them at the same time, on the executor of the coroutine that asks.
asio::awaitable<void> in_parallel(std::vector<std::function<asio::awaitable<void>()>> jobs);

}  // namespace kasio
