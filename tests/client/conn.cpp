// SPDX-License-Identifier: Apache-2.0
// Conn with plain callbacks: what it sends, what it answers, how it fails.
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <kafka/conn.hpp>
#include <kafka/version.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataResponse;

namespace {

/// A client and its loop, run by the test itself.
struct Client {
    explicit Client(ConnConfig config = {}) : conn(io, std::move(config)) {}

    std::error_code connect(const std::string& address, ConnectOptions options = {}) {
        std::error_code result = asio::error::in_progress;
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        conn.async_connect(address, options, [&](std::error_code ec) { result = ec; });
        CHECK(result == asio::error::in_progress);  // never inside the initiating function
        run([&] { return result != asio::error::in_progress; });
        return result;
    }
    std::error_code call(std::string topic, CallOptions options = {}) {
        std::error_code result = asio::error::in_progress;
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        conn.async_call(metadata_of(std::move(topic)), options,
                        [&](std::error_code ec, MetadataResponse r) {
                            result = ec;
                            response = std::move(r);
                        });
        CHECK(result == asio::error::in_progress);
        run([&] { return result != asio::error::in_progress; });
        return result;
    }
    template <class Done>
    void run(Done done) {
        io.restart();
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < end)
            io.run_one_for(100ms);
        REQUIRE(done());
    }

    asio::io_context io;
    Conn conn;
    Diagnostics diagnostics;
    MetadataResponse response;
};

bool has(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(text);
    return found;
}

}  // namespace

TEST_CASE("a Conn connects, negotiates and calls") {
    ScriptedServer server(serve);
    Client c;
    CHECK(!c.conn.is_open());
    CHECK(c.conn.peer().empty());
    CHECK(c.conn.version_for(protocol::MetadataRequest::info).failure().code ==
          errc::not_connected);
    REQUIRE(!c.connect(server.address()));
    CHECK(c.conn.is_open());
    CHECK(c.conn.peer() == server.address() + " (127.0.0.1)");
    CHECK(c.conn.api_versions().api_keys.size() == 4);
    CHECK(*c.conn.version_for(protocol::MetadataRequest::info) ==
          protocol::MetadataRequest::info.stable().max);
    REQUIRE(!c.call("hello"));
    REQUIRE(c.response.brokers.size() == 1);
    CHECK(c.response.brokers[0].host == "hello");
    const auto stats = c.conn.stats();
    CHECK(stats.requests == 2);
    CHECK(stats.responses == 2);
    CHECK(stats.bytes_in > 0);
    CHECK(stats.bytes_out > 0);
    CHECK(stats.in_flight == 0);
}

TEST_CASE("the broker learns the client id, the software's name and its version (KIP-511)") {
    Seen first, second;
    {
        ScriptedServer server([&](ScriptedPeer& peer) {
            first = peer.negotiate();
            second = peer.read();
            peer.answer(second, ScriptedPeer::echo(second));
        });
        ConnConfig config;
        config.client_id = "tester";
        Client c(config);
        REQUIRE(!c.connect(server.address()));
        REQUIRE(!c.call("x"));
    }
    CHECK(first.header.client_id == "tester");
    CHECK(second.header.client_id == "tester");
    protocol::ApiVersionsRequest request;
    REQUIRE(!protocol::decode(request, first.header.request_api_version, first.body));
    CHECK(request.client_software_name == "kafka-asio");
    CHECK(request.client_software_version == KAFKA_ASIO_VERSION_STRING);
}

TEST_CASE("a broker that lacks our ApiVersions is asked again with a version that it has") {
    ScriptedServer server([](ScriptedPeer& peer) {
        auto seen = peer.read();
        auto refusal = ScriptedPeer::offer();
        refusal.error_code = 35;
        refusal.api_keys.back().max_version = 2;
        peer.answer(seen, refusal, 0);
        seen = peer.read();
        if (seen.header.request_api_version != 2) return;
        peer.answer(seen, ScriptedPeer::offer());
        peer.serve_metadata();
    });
    Client c;
    CHECK(!c.connect(server.address()));
    CHECK(!c.call("x"));
}

TEST_CASE("a version can be pinned, and one that is not common is refused") {
    Seen seen;
    {
        ScriptedServer server([&](ScriptedPeer& peer) {
            peer.negotiate();
            seen = peer.read();
            peer.answer(seen, ScriptedPeer::echo(seen));
            peer.drain();
        });
        Client c;
        REQUIRE(!c.connect(server.address()));
        CHECK(!c.call("x", {.version = std::int16_t{5}}));
        CHECK(c.call("x", {.version = std::int16_t{99}}) == errc::unsupported_version);
        CHECK(c.diagnostics.api == "Metadata");
        CHECK(has(c.diagnostics.detail, "v99"));
    }
    CHECK(seen.header.request_api_version == 5);
}

TEST_CASE("a request that the negotiated version cannot carry fails before it is sent") {
    ScriptedServer server(hold);
    Client c;
    REQUIRE(!c.connect(server.address()));
    protocol::MetadataRequest request;
    request.topics.reset();
    request.allow_auto_topic_creation = false;  // since v4
    std::error_code result;
    c.conn.async_call(request, {.version = std::int16_t{1}, .diagnostics = &c.diagnostics},
                      [&](std::error_code ec, MetadataResponse) { result = ec; });
    c.run([&] { return !!result; });
    CHECK(result == errc::not_in_version);
    CHECK(c.diagnostics.api == "Metadata v1");
    CHECK(has(c.diagnostics.detail, "allowAutoTopicCreation"));
    CHECK(c.conn.is_open());
}

TEST_CASE("calls are pipelined and answered in order") {
    std::atomic<int> most{0};
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate();
        std::string all;
        for (int i = 0; i < 20; ++i) {  // no answer before all 20 have come
            const auto seen = peer.read();
            if (seen.end) return;
            ++most;
            all += ScriptedPeer::framed(seen, ScriptedPeer::echo(seen));
        }
        peer.write(all);
        peer.drain();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    std::vector<std::string> hosts;
    for (int i = 0; i < 20; ++i)
        c.conn.async_call(metadata_of(std::to_string(i)),
                          [&](std::error_code ec, MetadataResponse r) {
                              CHECK(!ec);
                              hosts.push_back(r.brokers.at(0).host);
                          });
    c.run([&] { return hosts.size() == 20; });
    CHECK(most == 20);
    for (std::size_t i = 0; i < 20; ++i)
        CHECK(hosts[i] == std::to_string(i));
}

TEST_CASE("answers may come a byte at a time") {
    ScriptedServer server([](ScriptedPeer& peer) {
        auto seen = peer.read();
        for (char byte : ScriptedPeer::framed(seen, ScriptedPeer::offer()))
            peer.write({&byte, 1});
        seen = peer.read();
        for (char byte : ScriptedPeer::framed(seen, ScriptedPeer::echo(seen)))
            peer.write({&byte, 1});
        peer.drain();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    REQUIRE(!c.call("slowly"));
    CHECK(c.response.brokers.at(0).host == "slowly");
}

TEST_CASE("the records of a Fetch answer are not copied out of its frame") {
    const std::string payload(5'000'000, 'r');
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate();
        const auto seen = peer.read();
        protocol::FetchResponse response;
        auto& partition = response.responses.emplace_back().partitions.emplace_back();
        partition.records = Slice::copy_of(as_bytes(payload));
        peer.answer(seen, response);
        peer.drain();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    std::error_code result = asio::error::in_progress;
    protocol::FetchResponse got;
    c.conn.async_call(protocol::FetchRequest(), {.version = std::int16_t{12}},
                      [&](std::error_code ec, protocol::FetchResponse r) {
                          result = ec;
                          got = std::move(r);
                      });
    c.run([&] { return result != asio::error::in_progress; });
    REQUIRE(!result);
    const auto& records = got.responses.at(0).partitions.at(0).records;
    REQUIRE(!records.null());
    CHECK(records.owner() != nullptr);
    CHECK(as_text(records.bytes()) == payload);
}

TEST_CASE("a Produce request with acks=0 completes when it is written") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        peer.read();  // Produce: no answer
        peer.serve_metadata();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    std::error_code result = asio::error::in_progress;
    protocol::ProduceRequest request;
    request.acks = 0;
    c.conn.async_call(request, [&](std::error_code ec, protocol::ProduceResponse r) {
        result = ec;
        CHECK(r.responses.empty());
    });
    c.run([&] { return result != asio::error::in_progress; });
    CHECK(!result);
    CHECK(!c.call("next"));
}

TEST_CASE("a time-out has its own error, and the connection goes on") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        const auto late = peer.read();
        const auto next = peer.read();
        peer.answer(late, ScriptedPeer::echo(late));
        peer.answer(next, ScriptedPeer::echo(next));
        peer.drain();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    CHECK(c.call("late", {.timeout = 30ms}) == errc::request_timed_out);
    CHECK(c.diagnostics.api ==
          "Metadata v" + std::to_string(protocol::MetadataRequest::info.stable().max));
    CHECK(has(c.diagnostics.peer, "127.0.0.1"));
    CHECK(!c.call("next"));
    CHECK(c.response.brokers.at(0).host == "next");
    CHECK(c.conn.stats().timed_out == 1);
}

TEST_CASE("a cancelled call ends at once, and the connection goes on") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        const auto first = peer.read();
        const auto next = peer.read();
        peer.answer(first, ScriptedPeer::echo(first));
        peer.answer(next, ScriptedPeer::echo(next));
        peer.drain();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    asio::cancellation_signal signal;
    std::error_code result = asio::error::in_progress;
    c.conn.async_call(
        metadata_of("given up"),
        asio::bind_cancellation_slot(signal.slot(),
                                     [&](std::error_code ec, MetadataResponse) { result = ec; }));
    c.run([&] { return c.conn.stats().in_flight == 1; });
    SUBCASE("total cancellation leaves what was sent alone") {
        signal.emit(asio::cancellation_type::total);
        CHECK(!c.call("next"));
        CHECK(!result);
    }
    SUBCASE("terminal cancellation abandons it") {
        signal.emit(asio::cancellation_type::terminal);
        c.run([&] { return result != asio::error::in_progress; });
        CHECK(result == asio::error::operation_aborted);
        CHECK(!c.call("next"));
        CHECK(c.conn.stats().cancelled == 1);
    }
    signal.emit(asio::cancellation_type::all);  // the slot was cleared: nothing happens
    CHECK(c.conn.is_open());
}

TEST_CASE("connecting can be cancelled") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.drain(); });
    Client c;
    asio::cancellation_signal signal;
    std::error_code result = asio::error::in_progress;
    c.conn.async_connect(
        server.address(),
        asio::bind_cancellation_slot(signal.slot(), [&](std::error_code ec) { result = ec; }));
    asio::steady_timer timer(c.io, 20ms);
    timer.async_wait([&](std::error_code) { signal.emit(asio::cancellation_type::terminal); });
    c.run([&] { return result != asio::error::in_progress; });
    CHECK(result == asio::error::operation_aborted);
    CHECK(!c.conn.is_open());
}

TEST_CASE("a handler runs on its own executor") {
    ScriptedServer server(serve);
    Client c;
    REQUIRE(!c.connect(server.address()));
    asio::io_context other;
    bool called = false;
    c.conn.async_call(
        metadata_of("x"),
        asio::bind_executor(other.get_executor(), [&](std::error_code ec, MetadataResponse) {
            CHECK(!ec);
            called = true;
        }));
    for (int i = 0; i < 100 && !called; ++i) {
        c.io.restart();
        c.io.run_for(10ms);
        CHECK(!called);
        other.restart();
        other.poll();
    }
    CHECK(called);
}

TEST_CASE("a Conn connects once") {
    ScriptedServer server(serve);
    Client c;
    CHECK(c.call("x") == errc::not_connected);
    REQUIRE(!c.connect(server.address()));
    CHECK(c.connect(server.address()) == errc::already_connected);
    CHECK(!c.call("still open"));
    c.conn.close();
    c.run([&] { return !c.conn.is_open(); });
    CHECK(c.connect(server.address()) == errc::connection_closed);
    CHECK(c.call("x") == errc::connection_closed);
    CHECK(server.connections() == 1);
}

TEST_CASE("close fails everything in flight") {
    ScriptedServer server(hold);
    Client c;
    REQUIRE(!c.connect(server.address()));
    int closed = 0;
    for (int i = 0; i < 5; ++i)
        c.conn.async_call(metadata_of("x"), [&](std::error_code ec, MetadataResponse) {
            CHECK(ec == errc::connection_closed);
            ++closed;
        });
    c.conn.close();
    c.conn.close();
    c.run([&] { return closed == 5; });
}

TEST_CASE("close before and while connecting fails the connecting") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.drain(); });
    Client c;
    std::error_code result;
    SUBCASE("before") {
        c.conn.close();
        CHECK(c.connect(server.address()) == errc::connection_closed);
    }
    SUBCASE("while") {
        c.conn.async_connect(server.address(), [&](std::error_code ec) { result = ec; });
        c.io.run_for(20ms);
        c.conn.close();
        c.run([&] { return !!result; });
        CHECK(result == errc::connection_closed);
    }
}

TEST_CASE("destruction without close is a close, and loud if requests were in flight") {
    ScriptedServer server(hold);
    std::vector<std::string> lines;
    ConnConfig config;
    config.log = [&](const LogRecord& record) {
        if (record.level >= LogLevel::warning) lines.push_back(to_string(record));
    };
    asio::io_context io;
    int closed = 0;
    bool open = false;
    auto conn = std::make_unique<Conn>(io, config);
    conn->async_connect(server.address(), [&](std::error_code ec) { open = !ec; });
    while (!open)
        io.run_one();
    SUBCASE("idle") {
        conn.reset();
        io.run();
        CHECK(lines.empty());
    }
    SUBCASE("busy") {
        for (int i = 0; i < 2; ++i)
            conn->async_call(metadata_of("x"), [&](std::error_code ec, MetadataResponse) {
                CHECK(ec == errc::connection_closed);
                ++closed;
            });
        conn.reset();
        io.run();
        CHECK(closed == 2);
        REQUIRE(lines.size() == 1);
        CHECK(has(lines[0], "destroyed with requests in flight"));
        CHECK(has(lines[0], "in_flight=2"));
    }
}

TEST_CASE("a stopped and destroyed event loop destroys the handlers without calling them") {
    ScriptedServer server(hold);
    auto alive = std::make_shared<int>();
    {
        auto io = std::make_unique<asio::io_context>();
        auto conn = std::make_shared<Conn>(*io);
        bool open = false;
        conn->async_connect(server.address(), [&](std::error_code ec) { open = !ec; });
        while (!open)
            io->run_one();
        // The handlers own the Conn that holds them: only the loop's end can break the ring.
        for (int i = 0; i < 3; ++i)
            conn->async_call(metadata_of("x"),
                             [conn, alive](std::error_code, MetadataResponse) { FAIL("called"); });
        io->run_for(20ms);
        conn.reset();
        io->stop();
        CHECK(alive.use_count() == 4);
        io.reset();
    }
    CHECK(alive.use_count() == 1);
}

TEST_CASE("an event loop destroyed while connecting destroys the handler") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.drain(); });
    auto alive = std::make_shared<int>();
    for (int i = 0; i < 2; ++i) {
        auto io = std::make_unique<asio::io_context>();
        auto conn = std::make_shared<Conn>(*io);
        conn->async_connect(server.address(), [conn, alive](std::error_code) { FAIL("called"); });
        conn.reset();
        if (i == 1) io->run_for(20ms);
        io.reset();
        CHECK(alive.use_count() == 1);
    }
}

TEST_CASE("a Conn may be moved while it is open") {
    ScriptedServer server(serve);
    asio::io_context io;
    Conn first(io);
    bool open = false;
    first.async_connect(server.address(), [&](std::error_code ec) { open = !ec; });
    while (!open)
        io.run_one();
    Conn second(std::move(first));
    Conn third(io);
    third = std::move(second);
    bool answered = false;
    third.async_call(metadata_of("x"),
                     [&](std::error_code ec, MetadataResponse) { answered = !ec; });
    while (!answered)
        io.run_one();
    CHECK(third.is_open());
}

TEST_CASE("the broker's throttle time is kept and honoured (KIP-219)") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        for (auto seen = peer.read(); !seen.end; seen = peer.read()) {
            auto response = ScriptedPeer::echo(seen);
            response.throttle_time_ms = 150;
            peer.answer(seen, response);
        }
    });
    for (bool honour : {true, false}) {
        CAPTURE(honour);
        ConnConfig config;
        config.honour_throttle = honour;
        Client c(config);
        REQUIRE(!c.connect(server.address()));
        REQUIRE(!c.call("one"));
        CHECK(c.conn.throttle_time() == 150ms);
        const auto before = std::chrono::steady_clock::now();
        REQUIRE(!c.call("two"));
        const auto took = std::chrono::steady_clock::now() - before;
        if (honour) CHECK((took >= 140ms));
    }
}

TEST_CASE("a configuration that no broker takes is refused") {
    ConnConfig config;
    config.client_software_name = "two words";
    Client c(config);
    CHECK(c.connect("127.0.0.1:1") == errc::invalid_argument);
    CHECK(has(c.diagnostics.detail, "two words"));
}

TEST_CASE("an answer with bytes after its end is taken, and the bytes are counted") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        const auto seen = peer.read();
        auto bytes = ScriptedPeer::framed(seen, ScriptedPeer::echo(seen)) + "abc";
        bytes[3] = static_cast<char>(bytes[3] + 3);
        peer.write(bytes);
        peer.drain();
    });
    Client c;
    REQUIRE(!c.connect(server.address()));
    CHECK(!c.call("x"));
    CHECK(c.conn.stats().trailing_bytes == 3);
}
