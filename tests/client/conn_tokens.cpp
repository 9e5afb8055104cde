// SPDX-License-Identifier: Apache-2.0
// Conn with every completion token. The coroutines of the client's tests are all in this file.
#include <atomic>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <asio/version.hpp>
#include <doctest/doctest.h>
#if ASIO_VERSION < 102600
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/deferred.hpp>
namespace asio {
using experimental::as_tuple;
using experimental::deferred;
}  // namespace asio
#else
#include <asio/as_tuple.hpp>
#include <asio/deferred.hpp>
#endif
#if ASIO_VERSION >= 103000
#include <asio/cancel_after.hpp>
#endif
#include <future>

#include <asio/awaitable.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/system_executor.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <kafka/conn.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using protocol::MetadataResponse;

namespace {

/// Answers Metadata, except for the topic "held".
void serve_or_hold(ScriptedPeer& peer) {
    peer.negotiate();
    std::vector<Seen> held;
    for (auto seen = peer.read(); !seen.end; seen = peer.read()) {
        const auto response = ScriptedPeer::echo(seen);
        held.push_back(seen);
        if (response.brokers[0].host == "held") continue;
        for (const auto& one : held)
            peer.answer(one, ScriptedPeer::echo(one));
        held.clear();
    }
}

const std::string& host_of(const MetadataResponse& response) {
    return response.brokers.at(0).host;
}

/// Allocations of a handler's own allocator that are alive.
int handler_allocations = 0;
template <class T>
struct CountingAllocator {
    using value_type = T;
    CountingAllocator() = default;
    template <class U>
    CountingAllocator(const CountingAllocator<U>&) {}
    T* allocate(std::size_t n) {
        ++handler_allocations;
        return static_cast<T*>(::operator new(n * sizeof(T)));
    }
    void deallocate(T* p, std::size_t) {
        --handler_allocations;
        ::operator delete(p);
    }
    bool operator==(const CountingAllocator&) const { return true; }
};
struct AllocatingHandler {
    using allocator_type = CountingAllocator<char>;
    allocator_type get_allocator() const noexcept { return {}; }
    void operator()(std::error_code ec, const MetadataResponse&) const {
        CHECK(!ec);
        CHECK(handler_allocations == 0);
        *called = true;
    }
    bool* called;
};

asio::awaitable<void> tokens(Conn& conn, std::string address) {
    co_await conn.async_connect(address, asio::use_awaitable);
    const auto one = co_await conn.async_call(metadata_of("one"), asio::use_awaitable);
    CHECK(host_of(one) == "one");

    // Temporaries in a co_await expression: g++ 12 has miscompiled some.
    const auto all = co_await conn.async_call(protocol::MetadataRequest(), asio::use_awaitable);
    CHECK(host_of(all).empty());

    auto [ec, two] =
        co_await conn.async_call(metadata_of("two"), asio::as_tuple(asio::use_awaitable));
    CHECK(!ec);
    CHECK(host_of(two) == "two");

    auto operation = conn.async_call(metadata_of("three"), asio::deferred);
    const auto three = co_await std::move(operation)(asio::use_awaitable);
    CHECK(host_of(three) == "three");

    const auto four =
        co_await conn.async_call(metadata_of("four"), {.timeout = 5s}, asio::use_awaitable);
    CHECK(host_of(four) == "four");
}

asio::awaitable<void> operators(Conn& conn, std::string address) {
    co_await conn.async_connect(address, asio::use_awaitable);
    asio::steady_timer timer(co_await asio::this_coro::executor, 20ms);
    // The call loses, is cancelled, and its connection lives on.
    auto winner =
        co_await (conn.async_call(metadata_of("held"), asio::as_tuple(asio::use_awaitable)) ||
                  timer.async_wait(asio::use_awaitable));
    CHECK(winner.index() == 1);
    CHECK(conn.is_open());
    timer.expires_after(10s);
    auto other = co_await (conn.async_call(metadata_of("quick"), asio::use_awaitable) ||
                           timer.async_wait(asio::use_awaitable));
    REQUIRE(other.index() == 0);
    CHECK(host_of(std::get<0>(other)) == "quick");
    auto both = co_await (conn.async_call(metadata_of("a"), asio::use_awaitable) &&
                          conn.async_call(metadata_of("b"), asio::use_awaitable));
    CHECK(host_of(std::get<0>(both)) == "a");
    CHECK(host_of(std::get<1>(both)) == "b");
    CHECK(conn.stats().cancelled == 1);
}

asio::awaitable<void> failing(Conn& conn, std::string address) {
    co_await conn.async_connect(address, asio::use_awaitable);
    std::error_code thrown;
    try {
        co_await conn.async_call(metadata_of("held"), {.timeout = 20ms}, asio::use_awaitable);
    } catch (const std::system_error& e) {
        thrown = e.code();
    }
    CHECK(thrown == errc::request_timed_out);
#if ASIO_VERSION >= 103000
    auto [ec, r] = co_await conn.async_call(
        metadata_of("held"), asio::cancel_after(20ms, asio::as_tuple(asio::use_awaitable)));
    CHECK(ec == asio::error::operation_aborted);
#endif
}

asio::awaitable<void> wait_for_ever(std::shared_ptr<int> alive, std::string address) {
    Conn conn(co_await asio::this_coro::executor);
    co_await conn.async_connect(address, asio::use_awaitable);
    co_await conn.async_call(metadata_of("held"), asio::use_awaitable);
    FAIL("answered " << *alive);
}

}  // namespace

TEST_CASE("use_awaitable, as_tuple and deferred") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    Conn conn(io);
    asio::co_spawn(io, tokens(conn, server.address()), [&](std::exception_ptr e) {
        CHECK(!e);
        conn.close();
    });
    io.run_for(20s);
}

TEST_CASE("awaitable operators: the loser of || is cancelled, and && waits for both") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    Conn conn(io);
    asio::co_spawn(io, operators(conn, server.address()), [&](std::exception_ptr e) {
        CHECK(!e);
        conn.close();
    });
    io.run_for(20s);
}

TEST_CASE("failures are thrown in a coroutine, and cancel_after cancels") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    Conn conn(io);
    asio::co_spawn(io, failing(conn, server.address()), [&](std::exception_ptr e) {
        CHECK(!e);
        conn.close();
    });
    io.run_for(20s);
}

TEST_CASE("deferred starts nothing until it is called") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    Conn conn(io);
    std::string host;
    auto connecting = conn.async_connect(server.address(), asio::deferred);
    io.run_for(10ms);
    CHECK(server.connections() == 0);
    io.restart();
    std::move(connecting)([&](std::error_code ec) {
        REQUIRE(!ec);
        conn.async_call(metadata_of("x"),
                        asio::deferred)([&](std::error_code e, MetadataResponse r) {
            CHECK(!e);
            host = host_of(r);
            conn.close();
        });
    });
    io.run_for(20s);
    CHECK(host == "x");
}

TEST_CASE("use_future") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    auto guard = asio::make_work_guard(io);
    std::thread thread([&] { io.run(); });
    Conn conn(io);
    conn.async_connect(server.address(), asio::use_future).get();
    CHECK(host_of(conn.async_call(metadata_of("future"), asio::use_future).get()) == "future");
    std::error_code thrown;
    try {
        conn.async_call(metadata_of("held"), {.timeout = 20ms}, asio::use_future).get();
    } catch (const std::system_error& e) {
        thrown = e.code();
    }
    CHECK(thrown == errc::request_timed_out);
    conn.close();
    guard.reset();
    thread.join();
}

TEST_CASE("handlers with an executor of their own run on it, whatever its type") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    asio::thread_pool pool(1);
    auto strand = asio::make_strand(io);
    Conn conn(io);
    bool on_strand = false;
    std::atomic<bool> on_pool{false}, on_system{false};
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        conn.async_call(metadata_of("a"),
                        asio::bind_executor(strand, [&](std::error_code, MetadataResponse) {
                            on_strand = strand.running_in_this_thread();
                        }));
        conn.async_call(metadata_of("b"),
                        asio::bind_executor(pool, [&](std::error_code, MetadataResponse) {
                            on_pool = pool.get_executor().running_in_this_thread();
                        }));
        conn.async_call(
            metadata_of("c"),
            asio::bind_executor(asio::system_executor(), [&](std::error_code, MetadataResponse) {
                on_system = true;
                conn.close();
            }));
    });
    io.run_for(20s);
    pool.join();
    CHECK(on_strand);
    CHECK(on_pool);
    CHECK(on_system);
}

TEST_CASE("a handler's memory comes from its allocator and is free before it is called") {
    ScriptedServer server(serve_or_hold);
    asio::io_context io;
    Conn conn(io);
    bool called = false;
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        conn.async_call(metadata_of("x"), AllocatingHandler{&called});
        CHECK(handler_allocations == 1);
    });
    while (!called)
        io.run_one();
}

TEST_CASE("an event loop that is destroyed takes a coroutine and the Conn in its frame along") {
    ScriptedServer server(serve_or_hold);
    auto alive = std::make_shared<int>();
    {
        asio::io_context io;
        asio::co_spawn(io, wait_for_ever(alive, server.address()), [](std::exception_ptr) {});
        io.run_for(50ms);
    }
    CHECK(alive.use_count() == 1);
}
