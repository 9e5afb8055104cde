// SPDX-License-Identifier: Apache-2.0
// Sockets, a timer and perhaps a thread around the core.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include <kafka/testing/broker.hpp>

#include "testing/broker_core.hpp"
#include "testing/frame_cutter.hpp"

namespace kafka::testing {

/// Everything runs on one strand, under one lock: the public functions look at the core from
/// other threads. Handlers keep the shell alive.
class Broker::Shell : public std::enable_shared_from_this<Broker::Shell> {
public:
    /// With a null executor, on a thread of its own.
    Shell(const asio::any_io_executor* executor, BrokerOptions options);
    ~Shell();

    /// Begins to accept; throws std::system_error if a port cannot be had.
    void start();
    void stop();

    /// Runs `use(core)` under the lock, then what follows from it.
    template <class Use>
    auto with_core(Use&& use) {
        const std::lock_guard lock(mutex_);
        return use(core_);
    }
    /// After a change that answers may depend on.
    void changed();

private:
    struct Client;
    struct Listener;

    void accept(Listener& listener);
    void read(const std::shared_ptr<Client>& client);
    void took(const std::shared_ptr<Client>& client, std::size_t count);
    void feed(const std::shared_ptr<Client>& client);
    void write(const std::shared_ptr<Client>& client);
    void drop(const std::shared_ptr<Client>& client);
    void act();
    void set_timer();
    void report(std::string_view message, const std::string& detail);
    [[nodiscard]] static Now now();

    std::mutex mutex_;
    BrokerOptions options_;
    BrokerCore core_;
    std::unique_ptr<asio::io_context> own_context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::thread thread_;
    asio::strand<asio::any_io_executor> strand_;
    asio::steady_timer timer_;
    Time timer_set_ = never;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unordered_map<ConnectionId, std::shared_ptr<Client>> clients_;
    ConnectionId next_client_ = 1;
    bool stopped_ = false;                // known to the handlers
    std::atomic<bool> stopping_ = false;  // stop() was called
};

}  // namespace kafka::testing
