// SPDX-License-Identifier: Apache-2.0
// The event loop of a command, on a thread of its own, and signals.
#pragma once

#include <atomic>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include "exit_status.hpp"

namespace kasio {

/// Runs an io_context in one thread: what lives there needs no locks. The program's own thread
/// reads, decodes, prints and waits.
class Runtime {
public:
    Runtime();
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    [[nodiscard]] asio::io_context& context() noexcept { return context_; }

    /// Runs a coroutine on the loop and waits for it. Not from the loop's own thread.
    template <class T>
    T run(asio::awaitable<T> work) {
        auto promise = std::make_shared<std::promise<T>>();
        auto result = promise->get_future();
        asio::co_spawn(context_, std::move(work), [promise](std::exception_ptr error, T value) {
            if (error) {
                promise->set_exception(error);
            } else {
                promise->set_value(std::move(value));
            }
        });
        return result.get();
    }

    /// From now on the first SIGINT or SIGTERM only sets interrupted(): the command ends in good
    /// order, within `grace` seconds. Before, and for a second signal, the program ends at once.
    void be_graceful(int grace = 10);
    /// The status to end with, once a signal has come; Exit::ok before. Thread-safe.
    [[nodiscard]] Exit interrupted() const noexcept {
        return interrupted_.load(std::memory_order_relaxed);
    }
    /// A descriptor that is readable once a signal has come, or wake() was called.
    [[nodiscard]] int wake_descriptor() const noexcept { return wake_; }
    /// Ends waiting for input. Thread-safe.
    void wake() const noexcept;

private:
    void wait_for_signal();
    void on_signal(int number);

    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    asio::signal_set signals_{context_};
    asio::steady_timer grace_timer_{context_};
    int wake_ = -1;
    std::atomic<int> grace_{0};  // seconds; 0: not graceful
    std::atomic<Exit> interrupted_{Exit::ok};
    std::thread thread_;
};

/// Wakes the coroutines of the loop that wait for something to change.
class Event {
public:
    explicit Event(asio::io_context& context)
        : timer_(context, asio::steady_timer::time_point::max()) {}

    void notify() { timer_.cancel(); }
    asio::awaitable<void> wait();

private:
    asio::steady_timer timer_;
};

}  // namespace kasio
