// SPDX-License-Identifier: Apache-2.0
// Sockets, a timer and perhaps a thread around the core.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
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

class TlsServer;

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
    /// Waits until `holds(core)`; false if the time is over first.
    template <class Holds>
    bool wait(std::chrono::milliseconds timeout, Holds&& holds) {
        std::unique_lock lock(mutex_);
        ++waiters_;
        const bool held = happened_.wait_for(lock, timeout, [&] { return holds(core_); });
        --waiters_;
        return held;
    }

    [[nodiscard]] Result<RuleId> add_rule(const Rule& rule);
    [[nodiscard]] Failure stop_broker(std::int32_t id, Ending ending);
    [[nodiscard]] Failure start_broker(std::int32_t id, bool on_new_port);
    [[nodiscard]] Failure resume_broker(std::int32_t id);
    void advance(std::chrono::milliseconds time);

private:
    struct Client;
    struct Listener;

    void accept(const std::shared_ptr<Listener>& listener);
    void welcome(const std::shared_ptr<Client>& client, std::int32_t broker_id);
    [[nodiscard]] std::shared_ptr<Listener> listen(Node& node, std::uint16_t port);
    void read(const std::shared_ptr<Client>& client);
    void took(const std::shared_ptr<Client>& client, std::size_t count);
    void feed(const std::shared_ptr<Client>& client);
    void write(const std::shared_ptr<Client>& client);
    void drop(const std::shared_ptr<Client>& client, Ending ending = Ending::close);
    void finish_tls(const std::shared_ptr<Client>& client);
    void act();
    void act_on(const std::shared_ptr<Client>& client, Action& action);
    void set_timer();
    void report(std::string_view message, const std::string& detail);
    [[nodiscard]] Now now() const;

    std::mutex mutex_;
    std::condition_variable happened_;
    int waiters_ = 0;
    std::atomic<std::int64_t> ahead_ms_ = 0;  // of the real clocks
    BrokerOptions options_;
    std::shared_ptr<TlsServer> tls_;
    BrokerCore core_;
    std::unique_ptr<asio::io_context> own_context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::thread thread_;
    asio::strand<asio::any_io_executor> strand_;
    asio::steady_timer timer_;
    Time timer_set_ = never;
    std::map<std::int32_t, std::shared_ptr<Listener>> listeners_;  // by broker
    std::unordered_map<ConnectionId, std::shared_ptr<Client>> clients_;
    ConnectionId next_client_ = 1;
    bool stopped_ = false;                // known to the handlers
    std::atomic<bool> stopping_ = false;  // stop() was called
};

}  // namespace kafka::testing
