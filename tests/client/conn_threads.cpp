// SPDX-License-Identifier: Apache-2.0
// One Conn, many threads. Meant for TSan.
#include <atomic>
#include <future>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/use_future.hpp>
#include <doctest/doctest.h>

#include <kafka/conn.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataResponse;

namespace {

struct Loop {
    explicit Loop(int count) {
        for (int i = 0; i < count; ++i)
            threads.emplace_back([this] { io.run(); });
    }
    ~Loop() {
        guard.reset();
        for (auto& thread : threads)
            thread.join();
    }
    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(io);
    std::vector<std::thread> threads;
};

}  // namespace

TEST_CASE("several threads call on one Conn whose loop is run by four threads") {
    ScriptedServer server(serve);
    Loop loop(4);
    Conn conn(loop.io);
    conn.async_connect(server.address(), asio::use_future).get();
    std::atomic<int> right{0}, started{0};
    constexpr int callers = 4, calls = 200;
    std::vector<std::thread> threads;
    for (int t = 0; t < callers; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < calls; ++i) {
                const auto name = std::to_string(t) + '/' + std::to_string(i);
                ++started;
                conn.async_call(metadata_of(name),
                                [&, name](std::error_code ec, MetadataResponse r) {
                                    if (!ec && r.brokers.at(0).host == name) ++right;
                                    --started;
                                });
                (void)conn.stats();
                (void)conn.is_open();
                (void)conn.version_for(protocol::MetadataRequest::info);
                (void)conn.throttle_time();
            }
        });
    for (auto& thread : threads)
        thread.join();
    for (int i = 0; i < 2000 && started > 0; ++i)
        std::this_thread::sleep_for(10ms);
    CHECK(right == callers * calls);
    CHECK(conn.stats().responses == callers * calls + 1);
    conn.close();
}

TEST_CASE("calls, cancellations and a close may meet from several threads") {
    ScriptedServer server(serve);
    for (int round = 0; round < 5; ++round) {
        Loop loop(4);
        Conn conn(loop.io);
        conn.async_connect(server.address(), asio::use_future).get();
        std::atomic<int> open{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i) {
                    ++open;
                    // A signal and what it cancels belong on one strand.
                    auto strand = asio::make_strand(loop.io);
                    auto signal = std::make_shared<asio::cancellation_signal>();
                    asio::post(strand, [&, strand, signal] {
                        conn.async_call(
                            metadata_of("x"),
                            asio::bind_cancellation_slot(
                                signal->slot(),
                                asio::bind_executor(
                                    strand,
                                    [&, signal](std::error_code, MetadataResponse) { --open; })));
                        asio::post(strand,
                                   [signal] { signal->emit(asio::cancellation_type::terminal); });
                    });
                }
            });
        std::this_thread::sleep_for(std::chrono::milliseconds(round));
        conn.close();
        for (auto& thread : threads)
            thread.join();
        for (int i = 0; i < 2000 && open > 0; ++i)
            std::this_thread::sleep_for(10ms);
        CHECK(open == 0);
    }
}

TEST_CASE("a Conn may be destroyed while other threads run its loop") {
    ScriptedServer server(hold);
    for (int round = 0; round < 10; ++round) {
        Loop loop(2);
        std::atomic<int> closed{0};
        {
            Conn conn(loop.io);
            conn.async_connect(server.address(), asio::use_future).get();
            for (int i = 0; i < 3; ++i)
                conn.async_call(metadata_of("x"), [&](std::error_code ec, MetadataResponse) {
                    if (ec == errc::connection_closed) ++closed;
                });
        }
        for (int i = 0; i < 2000 && closed < 3; ++i)
            std::this_thread::sleep_for(5ms);
        CHECK(closed == 3);
    }
}
