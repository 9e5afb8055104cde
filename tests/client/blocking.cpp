// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking.hpp>

// The facade's user needs no Asio; this file's server does, below.
#ifdef ASIO_VERSION
#error "kafka/blocking.hpp includes Asio"
#endif

#include <doctest/doctest.h>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

namespace {

template <class Function>
Error caught(Function function) {
    try {
        function();
    } catch (const Error& e) {
        return e;
    }
    FAIL("nothing was thrown");
    return Error({});
}

bool has(std::string_view text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(std::string(text));
    return found;
}

}  // namespace

TEST_CASE("a blocking Conn connects and calls without an event loop") {
    ScriptedServer server(serve);
    blocking::Conn conn;
    CHECK(!conn.is_open());
    conn.connect(server.address());
    CHECK(conn.is_open());
    CHECK(conn.peer() == server.address() + " (127.0.0.1)");
    CHECK(conn.api_versions().api_keys.size() == 4);
    CHECK(conn.call(metadata_of("blocking")).brokers.at(0).host == "blocking");
    CHECK(conn.stats().requests == 2);
    CHECK(conn.throttle_time() == 0ms);
    conn.close();
    CHECK(caught([&] { conn.call(metadata_of("x")); }).code() == errc::connection_closed);
}

TEST_CASE("failures are thrown as kafka::Error with the whole text") {
    ScriptedServer server(hold);
    blocking::Conn conn;
    CHECK(caught([&] { conn.call(metadata_of("x")); }).code() == errc::not_connected);
    conn.connect(server.address());
    Diagnostics diagnostics;
    const auto error = caught(
        [&] { conn.call(metadata_of("x"), {.timeout = 20ms, .diagnostics = &diagnostics}); });
    CHECK(error.code() == errc::request_timed_out);
    CHECK(has(error.what(), server.address()));
    CHECK(has(error.what(), "Metadata v"));
    CHECK(has(error.what(), "not answered"));
    CHECK(diagnostics.peer == error.diagnostics().peer);
    CHECK(conn.is_open());
    const std::system_error& base = error;
    CHECK(has(base.what(), "Metadata v"));
}

TEST_CASE("a failed connect is thrown") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.read();
        peer.shut();
    });
    blocking::Conn conn;
    CHECK(caught([&] { conn.connect(server.address()); }).code() == errc::connection_lost);
    CHECK(caught([&] { conn.connect(server.address()); }).code() == errc::connection_closed);
}

TEST_CASE("several Conns share one runtime") {
    ScriptedServer server(serve);
    blocking::Runtime runtime;
    blocking::Conn a({}, runtime), b({}, runtime);
    a.connect(server.address());
    b.connect(server.address());
    CHECK(a.call(metadata_of("a")).brokers.at(0).host == "a");
    CHECK(b.call(metadata_of("b")).brokers.at(0).host == "b");
    auto moved = std::move(a);
    CHECK(moved.call(metadata_of("a")).brokers.at(0).host == "a");
}

TEST_CASE("several threads call on one blocking Conn") {
    ScriptedServer server(serve);
    blocking::Conn conn;
    conn.connect(server.address());
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const auto name = std::to_string(t) + '/' + std::to_string(i);
                if (conn.call(metadata_of(name)).brokers.at(0).host == name) ++right;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(right == 200);
}

TEST_CASE("close on another thread ends a call that waits") {
    ScriptedServer server(hold);
    blocking::Conn conn;
    conn.connect(server.address());
    std::thread closer([&] {
        std::this_thread::sleep_for(20ms);
        conn.close();
    });
    CHECK(caught([&] { conn.call(metadata_of("x")); }).code() == errc::connection_closed);
    closer.join();
}

TEST_CASE("a blocking call on the runtime's own thread is refused, not hung") {
    ScriptedServer server(serve);
    blocking::Runtime runtime;
    blocking::Conn other({}, runtime);
    other.connect(server.address());
    std::error_code result;
    ConnConfig config;
    config.log = [&](const LogRecord&) {
        try {
            other.call(metadata_of("x"));
        } catch (const Error& e) {
            result = e.code();
        }
    };
    blocking::Conn conn(config, runtime);
    conn.connect(server.address());  // logs "connected"
    CHECK(result == errc::blocking_misuse);
    CHECK(!runtime.on_own_thread());
}
