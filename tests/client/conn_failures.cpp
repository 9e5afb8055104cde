// SPDX-License-Identifier: Apache-2.0
// Conn against peers that fail at each step, and against addresses that lead nowhere.
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/conn.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataResponse;

namespace {

struct Ended {
    std::error_code code;
    Diagnostics diagnostics;
};

Ended connect(const std::string& address, ConnConfig config = {}) {
    asio::io_context io;
    Conn conn(io, std::move(config));
    Ended ended;
    conn.async_connect(address, {.diagnostics = &ended.diagnostics}, [&](std::error_code ec) {
        ended.code = ec;
        conn.close();
    });
    io.run_for(20s);
    return ended;
}

/// Connects, starts `calls` calls, and gives how each ended.
std::vector<Ended> call(const std::string& address, std::size_t calls, ConnConfig config = {}) {
    asio::io_context io;
    Conn conn(io, std::move(config));
    std::vector<Ended> ended(calls);
    std::size_t left = calls;
    conn.async_connect(address, [&](std::error_code ec) {
        REQUIRE(!ec);
        for (auto& one : ended)
            conn.async_call(metadata_of("x"), {.diagnostics = &one.diagnostics},
                            [&](std::error_code result, MetadataResponse) {
                                one.code = result;
                                if (--left == 0) conn.close();
                            });
    });
    io.run_for(20s);
    CHECK(left == 0);
    return ended;
}

bool has(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(text);
    return found;
}

std::string refused_address() {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
}

}  // namespace

TEST_CASE("a refused connection gives the system's error and names the address") {
    const auto address = refused_address();
    const auto ended = connect(address);
    CHECK(ended.code == asio::error::connection_refused);
    CHECK(has(ended.diagnostics.detail, address));
    CHECK(is_retriable(ended.code));
}

TEST_CASE("an address that is none is refused") {
    CHECK(connect("").code == errc::invalid_argument);
    CHECK(connect("localhost:0").code == errc::invalid_argument);
    CHECK(connect("localhost:70000").code == errc::invalid_argument);
}

TEST_CASE("a name without an address is resolve_failed") {
    const auto ended = connect("no-such-host.invalid:9092");
    CHECK(ended.code == errc::resolve_failed);
    CHECK(has(ended.diagnostics.detail, "no-such-host.invalid"));
}

TEST_CASE("IPv6 works with and without brackets") {
    std::unique_ptr<ScriptedServer> server;
    try {
        server = std::make_unique<ScriptedServer>(serve, "::1");
    } catch (const std::system_error&) {
        MESSAGE("no IPv6 here");
        return;
    }
    CHECK(!connect(server->address()).code);
    asio::io_context io;
    Conn conn(io);
    std::error_code result = asio::error::in_progress;
    conn.async_connect("::1", server->port(), [&](std::error_code ec) {
        result = ec;
        CHECK(conn.peer() == server->address() + " (::1)");
        conn.close();
    });
    io.run_for(20s);
    CHECK(!result);
}

TEST_CASE("of a name's addresses the second is tried when the first refuses") {
    // "localhost" is ::1 and 127.0.0.1 in most systems; the server has only one of them.
    for (const char* family : {"127.0.0.1", "::1"}) {
        std::unique_ptr<ScriptedServer> server;
        try {
            server = std::make_unique<ScriptedServer>(serve, family);
        } catch (const std::system_error&) {
            continue;
        }
        asio::io_context io;
        asio::ip::tcp::resolver resolver(io);
        std::error_code ec;
        bool resolves = false;
        for (const auto& entry : resolver.resolve("localhost", "1", ec))
            resolves |= entry.endpoint().address().to_string() == family;
        if (!resolves) continue;
        CHECK(!connect("localhost:" + std::to_string(server->port())).code);
    }
}

TEST_CASE("a peer that accepts and says nothing times out, and the detail says in which step") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.drain(); });
    ConnConfig config;
    config.connect_timeout = 50ms;
    const auto ended = connect(server.address(), config);
    CHECK(ended.code == errc::connect_timed_out);
    CHECK(has(ended.diagnostics.detail, "50 ms"));
    CHECK(has(ended.diagnostics.detail, "ApiVersions"));
}

TEST_CASE("a peer that closes while the connection opens") {
    SUBCASE("at once, as TLS listeners do") {
        ScriptedServer server([](ScriptedPeer& peer) {
            peer.read();
            peer.shut();
        });
        const auto ended = connect(server.address());
        CHECK(ended.code == errc::connection_lost);
        CHECK(has(ended.diagnostics.detail, "TLS listener"));
        CHECK(has(ended.diagnostics.peer, server.address()));
        CHECK(has(ended.diagnostics.api, "ApiVersions v"));
    }
    SUBCASE("inside the answer") {
        ScriptedServer server([](ScriptedPeer& peer) {
            const auto seen = peer.read();
            peer.write(ScriptedPeer::framed(seen, ScriptedPeer::offer()).substr(0, 10));
            peer.shut();
        });
        const auto ended = connect(server.address());
        CHECK(ended.code == errc::connection_lost);
        CHECK(has(ended.diagnostics.detail, "after 6 of "));
    }
    SUBCASE("with a reset") {
        ScriptedServer server([](ScriptedPeer& peer) {
            peer.read();
            peer.reset();
        });
        CHECK(connect(server.address()).code == errc::connection_lost);
    }
}

TEST_CASE("BI-06 BI-07 BI-08: peers that do not speak Kafka are named for what they are") {
    const std::pair<std::string, const char*> peers[] = {
        {std::string("\x15\x03\x01\0\2\2\x46", 7), "TLS listener"},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "SSH"},
    };
    for (const auto& [bytes, word] : peers) {
        ScriptedServer server([&, text = &bytes](ScriptedPeer& peer) {
            peer.write(*text);
            peer.drain();
        });
        const auto ended = connect(server.address());
        CHECK(ended.code == errc::not_kafka);
        CHECK(has(ended.diagnostics.detail, word));
    }
}

TEST_CASE("a frame above 512 KiB is refused until the connection is open") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.read();
        peer.write(std::string_view("\0\x08\0\1", 4));
        peer.drain();
    });
    CHECK(connect(server.address()).code == errc::frame_too_large);
}

TEST_CASE("what the broker answers to ApiVersions is the error of connecting") {
    ScriptedServer server([](ScriptedPeer& peer) {
        const auto seen = peer.read();
        auto response = ScriptedPeer::offer();
        response.error_code = 31;
        peer.answer(seen, response);
        peer.drain();
    });
    CHECK(connect(server.address()).code == broker_errc::cluster_authorization_failed);
}

TEST_CASE("an open connection that is lost fails everything in flight with peer, API and cause") {
    const auto check = [](ScriptedServer::Script then, const errc code, std::string_view cause) {
        ScriptedServer server([&](ScriptedPeer& peer) {
            peer.negotiate();
            then(peer);
        });
        const auto all = call(server.address(), 3);
        for (const auto& ended : all) {
            CHECK(ended.code == code);
            CHECK(has(ended.diagnostics.peer, server.address() + " (127.0.0.1)"));
            CHECK(has(ended.diagnostics.api, "Metadata v"));
            CHECK(has(ended.diagnostics.detail, cause));
        }
    };
    SUBCASE("closed before an answer") {
        check([](ScriptedPeer& p) { p.read(), p.shut(); }, errc::connection_lost, "closed");
    }
    SUBCASE("reset") {
        check([](ScriptedPeer& p) { p.read(), p.reset(); }, errc::connection_lost, "");
    }
    SUBCASE("closed inside a length") {
        check(
            [](ScriptedPeer& p) {
                p.read(), p.read(), p.read();
                p.write(std::string_view("\0\0", 2));
                p.shut();
            },
            errc::connection_lost, "2 of 4 bytes");
    }
    SUBCASE("BI-01: an empty frame") {
        check(
            [](ScriptedPeer& p) {
                p.read();
                p.write(std::string_view("\0\0\0\0", 4));
                p.drain();
            },
            errc::malformed_frame, "0 bytes");
    }
    SUBCASE("BI-04: the largest frame") {
        check(
            [](ScriptedPeer& p) {
                p.read();
                p.write(std::string_view("\x7f\xff\xff\xff", 4));
                p.drain();
            },
            errc::frame_too_large, "2147483647");
    }
    SUBCASE("BI-11: a wrong correlation id") {
        check(
            [](ScriptedPeer& p) {
                auto seen = p.read();
                seen.header.correlation_id = 4711;
                p.answer(seen, ScriptedPeer::echo(seen));
                p.drain();
            },
            errc::unexpected_correlation, "4711");
    }
    SUBCASE("an answer that does not decode") {
        check(
            [](ScriptedPeer& p) {
                const auto seen = p.read();
                auto bytes = ScriptedPeer::framed(seen, ScriptedPeer::echo(seen));
                bytes.resize(bytes.size() - 3);
                bytes[3] = static_cast<char>(bytes[3] - 3);
                p.write(bytes);
                p.drain();
            },
            errc::malformed_message, "Metadata");
    }
}

TEST_CASE("a response beyond the caller's own limit fails that call and not the connection") {
    ScriptedServer server(serve);
    ConnConfig config;
    config.decode_limits.max_memory = 1;
    asio::io_context io;
    Conn conn(io, config);
    std::error_code result;
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        conn.async_call(metadata_of("x"), [&](std::error_code r, MetadataResponse) {
            result = r;
            CHECK(conn.is_open());
            conn.close();
        });
    });
    io.run_for(20s);
    CHECK(result == errc::limit_exceeded);
}

TEST_CASE("writing to a peer that is gone raises no signal") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        peer.reset();
    });
    asio::io_context io;
    Conn conn(io);
    int ended = 0;
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        for (int i = 0; i < 50; ++i)
            conn.async_call(metadata_of(std::string(10'000, 'x')),
                            [&](std::error_code r, MetadataResponse) {
                                CHECK(r == errc::connection_lost);
                                ++ended;
                            });
    });
    io.run_for(20s);
    CHECK(ended == 50);
}

TEST_CASE("the loss of an open connection is logged once, with peer, cause and how many it hit") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        peer.read();
        peer.shut();
    });
    std::vector<std::string> lines;
    ConnConfig config;
    config.log = [&](const LogRecord& record) {
        if (record.level >= LogLevel::warning) lines.push_back(to_string(record));
    };
    CHECK(call(server.address(), 3, config).at(2).code == errc::connection_lost);
    REQUIRE(lines.size() == 1);
    CHECK(has(lines[0], "lost the connection"));
    CHECK(has(lines[0], server.address()));
    CHECK(has(lines[0], "in_flight=3"));
}

TEST_CASE("a call on a connection that was lost fails with what ended it") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        peer.shut();
    });
    asio::io_context io;
    Conn conn(io);
    std::error_code result;
    conn.async_connect(server.address(), [](std::error_code ec) { REQUIRE(!ec); });
    io.run_for(20s);  // ends when the loss is seen
    CHECK(!conn.is_open());
    io.restart();
    conn.async_call(metadata_of("x"), [&](std::error_code ec, MetadataResponse) { result = ec; });
    io.run_for(20s);
    CHECK(result == errc::connection_lost);
}
