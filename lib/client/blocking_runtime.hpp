// SPDX-License-Identifier: Apache-2.0
// The inside of blocking::Runtime, and the way to wait for an operation that runs on it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <kafka/blocking/runtime.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/error.hpp>

namespace kafka::blocking {

struct Runtime::Impl {
    using Guard = asio::executor_work_guard<asio::io_context::executor_type>;

    Impl();
    ~Impl();

    // Shared with the thread, which may have to outlive the handles (a log sink held the last).
    std::shared_ptr<asio::io_context> loop;
    Guard guard;
    std::thread thread;
};

/// One operation, waited for by one thread. It ends once: by end(), or when the Ending that was
/// made for it is destroyed without.
class Waiting {
public:
    std::error_code wait() {
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [this] { return done_; });
        return code_;
    }
    void end(const std::error_code& ec) {
        // Notified under the lock: the waiter destroys this object as soon as it can see `done_`.
        const std::lock_guard lock(mutex_);
        code_ = ec;
        done_ = true;
        ended_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable ended_;
    bool done_ = false;
    std::error_code code_;
};

/// A completion handler that ends a Waiting, also when the event loop drops it. Move-only.
class Ending {
public:
    explicit Ending(Waiting& waiting) noexcept : waiting_(&waiting) {}
    Ending(Ending&& other) noexcept : waiting_(std::exchange(other.waiting_, nullptr)) {}
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
        if (waiting_) waiting_->end(errc::connection_closed);
    }
    void operator()(const std::error_code& ec) {
        if (auto* waiting = std::exchange(waiting_, nullptr)) waiting->end(ec);
    }

private:
    Waiting* waiting_;
};

/// A call whose answer goes straight into the caller's object: the caller waits until it is over.
class BlockingCall final : public detail::PendingCall {
public:
    BlockingCall(const protocol::MessageInfo& info, void* response, Waiting& waiting)
        : PendingCall(info, response), ending_(waiting) {}
    void complete(const std::error_code& ec) override { ending_(ec); }

private:
    Ending ending_;
};

}  // namespace kafka::blocking
