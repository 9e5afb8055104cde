// SPDX-License-Identifier: Apache-2.0
// Conn with SASL: logging in, being refused, and logging in again while calls are made.
#include <atomic>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <kafka/conn.hpp>
#include <kafka/sasl.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataResponse;
using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeResponse;

namespace {

bool has(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(("'" + text + "' lacks '" + std::string(part) + "'"));
    return found;
}

sasl::MechanismPtr plain() {
    return sasl::make_mechanism(
        sasl::Plain{.user = "alice", .password = Secret(std::string_view("s3cret"))});
}

// A mechanism of two rounds that notes where its steps are taken.
struct Notes {
    bool blocks = false;
    bool reveals = false;
    std::string fail_with;  // in the second step
    bool throws = false;
    std::chrono::milliseconds takes{0};
    std::atomic<int> started{0}, steps{0}, elsewhere{0};
    std::thread::id loop = std::this_thread::get_id();
};
class TestExchange final : public sasl::Exchange {
public:
    explicit TestExchange(Notes& notes) : notes_(notes) {}
    bool blocks(sasl::Time) noexcept override { return notes_.blocks; }
    Result<sasl::Step> step(std::span<const std::uint8_t> challenge, sasl::Time) override {
        ++notes_.steps;
        notes_.elsewhere += std::this_thread::get_id() != notes_.loop;
        std::this_thread::sleep_for(notes_.takes);
        if (notes_.throws) throw std::runtime_error("s3cret");
        ++round_;
        if (round_ == 1) return sasl::Step::send(Secret(std::string_view("one")));
        if (!notes_.fail_with.empty())
            return Failure(errc::sasl_authentication_failed, notes_.fail_with);
        CHECK(as_text(challenge) == "challenge");
        if (round_ == 2) return sasl::Step::send(Secret(std::string_view("two")));
        return sasl::Step::finished();
    }
    Failure refused(std::error_code code, std::string_view message) override {
        return {errc::sasl_authentication_failed,
                "refused with " + std::to_string(code.value()) + ": " + std::string(message)};
    }

private:
    Notes& notes_;
    int round_ = 0;
};
class TestMechanism final : public sasl::Mechanism {
public:
    explicit TestMechanism(Notes& notes) : notes_(notes) {}
    std::string_view name() const noexcept override { return "TEST"; }
    bool reveals_secret() const noexcept override { return notes_.reveals; }
    Result<std::unique_ptr<sasl::Exchange>> start(const sasl::Peer& peer) const override {
        CHECK(peer.host == "127.0.0.1");
        ++notes_.started;
        return std::unique_ptr<sasl::Exchange>(std::make_unique<TestExchange>(notes_));
    }

private:
    Notes& notes_;
};
ConnConfig with(sasl::MechanismPtr mechanism) {
    ConnConfig config;
    config.sasl = std::move(mechanism);
    return config;
}
ConnConfig with(Notes& notes) {
    return with(std::make_shared<TestMechanism>(notes));
}

// The broker's part of a login that has begun with `seen`; gives the client's messages.
std::vector<std::string> log_in(ScriptedPeer& peer, const Seen& first, std::int64_t lifetime = 0,
                                int rounds = 1) {
    std::vector<std::string> messages;
    if (first.header.request_api_key != 17) return messages;
    SaslHandshakeResponse mechanisms;
    mechanisms.mechanisms = {"PLAIN", "TEST"};
    peer.answer(first, mechanisms);
    for (int i = 0; i < rounds; ++i) {
        const auto seen = peer.read();
        if (seen.end || seen.header.request_api_key != 36) return messages;
        SaslAuthenticateRequest request;
        REQUIRE(!protocol::decode(request, seen.header.request_api_version, seen.body));
        messages.emplace_back(request.auth_bytes.reveal_text());
        SaslAuthenticateResponse response;
        if (rounds > 1) response.auth_bytes = Secret(std::string_view("challenge"));
        response.session_lifetime_ms = lifetime;
        peer.answer(seen, response);
    }
    return messages;
}
void refuse(ScriptedPeer& peer, std::int16_t code, std::string message) {
    const auto seen = peer.read();
    SaslAuthenticateResponse response;
    response.error_code = code;
    response.error_message = std::move(message);
    peer.answer(seen, response);
    peer.shut();
}

struct Ended {
    std::error_code code;
    Diagnostics diagnostics;
    std::string answer;
};
Ended talk(const std::string& address, ConnConfig config, ConnectOptions options = {}) {
    asio::io_context io;
    Ended ended;
    Conn conn(io, std::move(config));
    options.diagnostics = &ended.diagnostics;
    conn.async_connect(address, options, [&](std::error_code ec) {
        ended.code = ec;
        if (ec) return;
        conn.async_call(metadata_of("hello"), {.diagnostics = &ended.diagnostics},
                        [&](std::error_code result, const MetadataResponse& response) {
                            ended.code = result;
                            if (!response.brokers.empty())
                                ended.answer = response.brokers.front().host;
                            conn.close();
                        });
    });
    io.run_for(20s);
    return ended;
}

}  // namespace

TEST_CASE("a login by PLAIN is three questions, after which calls are made") {
    std::vector<std::string> messages;
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        messages = log_in(peer, peer.read());
        peer.serve_metadata();
    });
    const auto ended = talk(server.address(), with(plain()));
    CHECK(!ended.code);
    CHECK(ended.answer == "hello");
    CHECK(messages == std::vector<std::string>{std::string("\0alice\0s3cret", 13)});
}

TEST_CASE("steps that block are taken elsewhere, those that do not are not") {
    for (const bool blocks : {false, true}) {
        for (const bool own_executor : {false, true}) {
            CAPTURE(blocks);
            CAPTURE(own_executor);
            std::vector<std::string> messages;
            ScriptedServer server([&](ScriptedPeer& peer) {
                peer.negotiate_login();
                messages = log_in(peer, peer.read(), 0, 2);
                peer.serve_metadata();
            });
            Notes notes;
            notes.blocks = blocks;
            asio::thread_pool pool(1);
            auto config = with(notes);
            if (own_executor) config.blocking_executor = pool.get_executor();
            CHECK(!talk(server.address(), config).code);
            CHECK(messages == std::vector<std::string>{"one", "two"});
            CHECK(notes.steps == 3);
            CHECK(notes.elsewhere == (blocks ? 3 : 0));
        }
    }
}

TEST_CASE("the event loop goes on while a step blocks, and may end while one does") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 2);
        peer.drain();
    });
    Notes notes;
    notes.blocks = true;
    notes.takes = 200ms;
    asio::thread_pool pool(1);
    {
        asio::io_context io;
        auto config = with(notes);
        config.blocking_executor = pool.get_executor();
        Conn conn(io, config);
        conn.async_connect(server.address(), [](std::error_code) { CHECK(false); });
        io.run_for(100ms);
        CHECK(notes.steps == 1);
    }
    pool.join();  // the step's end finds nothing to come back to
}

TEST_CASE("closing during a blocking step ends the connect at once") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 2);
        peer.drain();
    });
    Notes notes;
    notes.blocks = true;
    notes.takes = 1000ms;
    asio::thread_pool pool(1);
    asio::io_context io;
    auto config = with(notes);
    config.blocking_executor = pool.get_executor();
    Conn conn(io, config);
    std::error_code result;
    conn.async_connect(server.address(), [&](std::error_code ec) { result = ec; });
    asio::steady_timer timer(io, 100ms);
    timer.async_wait([&](std::error_code) { conn.close(); });
    const auto start = std::chrono::steady_clock::now();
    io.run();
    CHECK(std::chrono::steady_clock::now() - start < 900ms);
    CHECK(result == errc::connection_closed);
}

TEST_CASE("a login that the broker refuses fails at once, once, in the mechanism's words") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 0);
        refuse(peer, 58, "no such user");
    });
    Notes notes;
    const auto ended = talk(server.address(), with(notes));
    CHECK(ended.code == errc::sasl_authentication_failed);
    CHECK(ended.diagnostics.detail == "refused with 58: no such user");
    CHECK(has(ended.diagnostics.api, "SaslAuthenticate"));
    CHECK(!is_retriable(ended.code));
    CHECK(is_authentication_error(ended.code));
    CHECK(server.connections() == 1);
}

TEST_CASE("a password that the broker repeats does not come out") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 0);
        refuse(peer, 58, "wrong password s3cret for alice");
    });
    std::string log;
    auto config = with(plain());
    config.log = [&](const LogRecord& record) { log += to_string(record); };
    const auto ended = talk(server.address(), config);
    CHECK(ended.code == errc::sasl_authentication_failed);
    CHECK(ended.diagnostics.detail.find("s3cret") == std::string::npos);
    CHECK(log.find("s3cret") == std::string::npos);
}

TEST_CASE("a mechanism that fails or throws ends the connection, without what was thrown") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 2);
        peer.drain();
    });
    for (const bool blocks : {false, true}) {
        CAPTURE(blocks);
        Notes fails;
        fails.blocks = blocks;
        fails.fail_with = "the broker cannot be believed";
        auto ended = talk(server.address(), with(fails));
        CHECK(ended.code == errc::sasl_authentication_failed);
        CHECK(has(ended.diagnostics.detail, "cannot be believed"));
        Notes throws;
        throws.blocks = blocks;
        throws.throws = true;
        ended = talk(server.address(), with(throws));
        CHECK(ended.code == errc::sasl_authentication_failed);
        CHECK(ended.diagnostics.detail.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("a login that is never answered ends with the connect timeout and says where it stood") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 0);
        peer.drain();
    });
    Notes notes;
    auto ended = talk(server.address(), with(notes), {.timeout = 100ms});
    CHECK(ended.code == errc::connect_timed_out);
    CHECK(has(ended.diagnostics.detail, "SaslAuthenticate v2"));
    notes.blocks = true;
    notes.takes = 500ms;
    ended = talk(server.address(), with(notes), {.timeout = 100ms});
    CHECK(ended.code == errc::connect_timed_out);
    CHECK(has(ended.diagnostics.detail, "SASL TEST"));
}

TEST_CASE("a listener that demands a login hangs up at the first call, and the error says so") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        peer.read();
        peer.shut();
    });
    const auto ended = talk(server.address(), ConnConfig());
    CHECK(ended.code == errc::connection_lost);
    CHECK(has(ended.diagnostics.detail, "ConnConfig::sasl"));
}

TEST_CASE("secrets are not shown in the clear, but to this machine or with permission") {
    // 127.0.0.1 is this machine, so the name has to lie: no other address is there for tests.
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 0, 2);
        peer.serve_metadata();
    });
    Notes notes;
    notes.reveals = true;
    CHECK(!talk(server.address(), with(notes)).code);
}

// Logging in again (KIP-368).

TEST_CASE("a login with a lifetime is renewed before its end, with calls held back meanwhile") {
    // What the broker saw, in order: 'c' a call, 'h' SaslHandshake, 'a' SaslAuthenticate.
    std::string seen_all;
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        auto seen = peer.read();
        seen_all += 'h';
        log_in(peer, seen, 1200, 2);
        for (seen = peer.read(); !seen.end; seen = peer.read()) {
            if (seen.header.request_api_key == 3) {
                seen_all += 'c';
                peer.answer(seen, ScriptedPeer::echo(seen));
                continue;
            }
            seen_all += 'h';
            // Time for calls that should not come between the rounds.
            std::this_thread::sleep_for(50ms);
            seen_all += std::string(log_in(peer, seen, 600'000, 2).size(), 'a');
        }
    });
    Notes notes;
    asio::io_context io;
    Conn conn(io, with(notes));
    int answered = 0, failed = 0;
    asio::steady_timer timer(io);
    bool over = false;
    std::function<void()> again = [&] {
        conn.async_call(metadata_of("x"), [&](std::error_code ec, const MetadataResponse&) {
            ec ? ++failed : ++answered;
        });
        timer.expires_after(5ms);
        timer.async_wait([&](std::error_code) {
            if (!over) again();
        });
    };
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        again();
    });
    asio::steady_timer end(io, 2s);
    end.async_wait([&](std::error_code) {
        over = true;
        conn.async_call(metadata_of("last"), [&](std::error_code ec, const MetadataResponse&) {
            CHECK(!ec);
            conn.close();
        });
    });
    io.run_for(20s);
    CHECK(failed == 0);
    CHECK(answered > 20);
    CHECK(notes.started == 2);
    CHECK(seen_all.find("haa") != std::string::npos);  // nothing in between
    CHECK(seen_all.substr(1).find('h') != std::string::npos);
    CHECK(seen_all.back() == 'c');  // and calls after it
}

TEST_CASE("calls in flight before a renewal are answered, and those behind it wait") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 1100, 2);
        // A call that the broker holds until the renewal has begun.
        const auto held = peer.read();
        const auto renewal = peer.read();
        CHECK(renewal.header.request_api_key == 17);
        peer.answer(held, ScriptedPeer::echo(held));
        log_in(peer, renewal, 0, 2);
        peer.serve_metadata();
    });
    Notes notes;
    notes.blocks = true;
    asio::io_context io;
    Conn conn(io, with(notes));
    std::string order;
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        conn.async_call(metadata_of("held"), [&](std::error_code r, const MetadataResponse&) {
            CHECK(!r);
            order += "held ";
        });
    });
    asio::steady_timer timer(io, 1300ms);
    timer.async_wait([&](std::error_code) {
        conn.async_call(metadata_of("behind"), [&](std::error_code r, const MetadataResponse&) {
            CHECK(!r);
            order += "behind";
            conn.close();
        });
    });
    io.run_for(20s);
    CHECK(order == "held behind");
}

TEST_CASE("a renewal that is refused ends the connection, and what waits, with that error") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 1100, 2);
        const auto renewal = peer.read();
        std::this_thread::sleep_for(200ms);
        log_in(peer, renewal, 0, 0);
        refuse(peer, 58, "alice was dismissed");
    });
    Notes notes;
    asio::io_context io;
    Conn conn(io, with(notes));
    Ended ended;
    conn.async_connect(server.address(), [&](std::error_code ec) { REQUIRE(!ec); });
    asio::steady_timer timer(io, 1200ms);
    timer.async_wait([&](std::error_code) {
        conn.async_call(metadata_of("parked"), {.diagnostics = &ended.diagnostics},
                        [&](std::error_code r, const MetadataResponse&) { ended.code = r; });
    });
    io.run_for(20s);
    CHECK(ended.code == errc::sasl_authentication_failed);
    CHECK(has(ended.diagnostics.detail, "alice was dismissed"));
    CHECK(!conn.is_open());
}

TEST_CASE("a renewal that is not answered ends the connection in time") {
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate_login();
        log_in(peer, peer.read(), 1100, 2);
        peer.drain();
    });
    Notes notes;
    auto config = with(notes);
    config.request_timeout = 200ms;
    asio::io_context io;
    Conn conn(io, config);
    conn.async_connect(server.address(), [&](std::error_code ec) { REQUIRE(!ec); });
    io.run_for(20s);
    CHECK(!conn.is_open());
}
