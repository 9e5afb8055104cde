// SPDX-License-Identifier: Apache-2.0
// Conn and the addresses of a host: hooks, and several of them of which some lead nowhere.
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <kafka/conn.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(("'" + text + "' lacks '" + std::string(part) + "'"));
    return found;
}

struct Ended {
    std::error_code code;
    Diagnostics diagnostics;
    std::string peer;
    std::chrono::steady_clock::duration took{};
};
Ended connect(const std::string& address, ConnConfig config) {
    asio::io_context io;
    Conn conn(io, std::move(config));
    Ended ended;
    const auto start = std::chrono::steady_clock::now();
    conn.async_connect(address, {.diagnostics = &ended.diagnostics}, [&](std::error_code ec) {
        ended.code = ec;
        ended.peer = conn.peer();
        ended.took = std::chrono::steady_clock::now() - start;
        conn.close();
    });
    io.run_for(20s);
    return ended;
}
ConnConfig resolving_to(std::vector<std::string> addresses) {
    ConnConfig config;
    config.resolver = [addresses](const std::string&, std::uint16_t, const ResolveHandler& done) {
        done({}, addresses);
    };
    return config;
}

// A listener whose queue is full: the system leaves the first packet of more unanswered.
class BlackHole {
public:
    explicit BlackHole(const char* address) {
        socket_.open(asio::ip::tcp::v4());
        socket_.bind({asio::ip::make_address(address), 0});
        endpoint_ = socket_.local_endpoint();
        ::listen(socket_.native_handle(), 0);
        for (int i = 0; i < 4; ++i) {
            auto& one = *fillers_.emplace_back(std::make_unique<asio::ip::tcp::socket>(io_));
            one.open(asio::ip::tcp::v4());
            // Asio's own connect would wait for the end.
            ::fcntl(one.native_handle(), F_SETFL, O_NONBLOCK);
            (void)::connect(one.native_handle(), endpoint_.data(),
                            static_cast<socklen_t>(endpoint_.size()));
        }
    }
    [[nodiscard]] std::string address() const {
        return endpoint_.address().to_string() + ':' + std::to_string(endpoint_.port());
    }

private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_{io_};
    asio::ip::tcp::endpoint endpoint_;
    std::vector<std::unique_ptr<asio::ip::tcp::socket>> fillers_;
};

}  // namespace

TEST_CASE("a resolver of the user's is asked for names, with the port, and not for numbers") {
    ScriptedServer server(serve);
    std::string asked;
    ConnConfig config;
    config.resolver = [&](const std::string& host, std::uint16_t port, const ResolveHandler& done) {
        asked += host + ' ' + std::to_string(port) + ';';
        done({}, {"127.0.0.1"});
    };
    const auto port = std::to_string(server.port());
    const auto ended = connect("kafka.example:" + port, config);
    CHECK(!ended.code);
    CHECK(ended.peer == "kafka.example:" + port + " (127.0.0.1)");
    CHECK(!connect(server.address(), config).code);
    CHECK(asked == "kafka.example " + port + ";");
}

TEST_CASE("a resolver may give ports, answer later, from another thread, and more than once") {
    ScriptedServer server(serve);
    asio::thread_pool pool(1);
    ConnConfig config;
    config.resolver = [&](const std::string&, std::uint16_t, ResolveHandler done) {
        asio::post(pool, [&, done] {
            std::this_thread::sleep_for(20ms);
            done({}, {server.address()});
            done({}, {"10.0.0.1"});
        });
    };
    CHECK(!connect("kafka.example:1", config).code);
    pool.join();
}

TEST_CASE("what a resolver does wrong is an error of the name") {
    ConnConfig config;
    std::string word;
    SUBCASE("an error") {
        config.resolver = [](const std::string&, std::uint16_t, const ResolveHandler& done) {
            done(std::make_error_code(std::errc::host_unreachable), {});
        };
        word = std::make_error_code(std::errc::host_unreachable).message();
    }
    SUBCASE("no address") {
        config = resolving_to({});
        word = "no address";
    }
    SUBCASE("a name") {
        config = resolving_to({"other.example"});
        word = "'other.example', which is no address";
    }
    SUBCASE("no answer") {
        config.resolver = [](const std::string&, std::uint16_t, const ResolveHandler&) {};
        word = "without an answer";
    }
    SUBCASE("an exception") {
        config.resolver = [](const std::string&, std::uint16_t, const ResolveHandler&) {
            throw std::runtime_error("oh");
        };
        word = "threw: oh";
    }
    const auto ended = connect("kafka.example", config);
    CHECK(ended.code == errc::resolve_failed);
    CHECK(has(ended.diagnostics.detail, "kafka.example"));
    CHECK(has(ended.diagnostics.detail, word));
}

TEST_CASE("an answer of a resolver that comes after the event loop's end does no harm") {
    ResolveHandler kept;
    {
        asio::io_context io;
        ConnConfig config;
        config.resolver = [&](const std::string&, std::uint16_t, ResolveHandler done) {
            kept = std::move(done);
        };
        Conn conn(io, config);
        conn.async_connect("kafka.example", [](std::error_code) { CHECK(false); });
        io.run_for(10ms);
    }
    kept({}, {"127.0.0.1"});
}

TEST_CASE("an address that leads nowhere costs the fallback delay and no more") {
    ScriptedServer server(serve);
    const BlackHole hole("127.0.0.2");
    auto config = resolving_to({hole.address(), server.address()});
    config.fallback_delay = 100ms;
    const auto ended = connect("kafka.example", config);
    CHECK(!ended.code);
    CHECK(has(ended.peer, "(127.0.0.1)"));
    CHECK(ended.took >= 95ms);
    CHECK(ended.took < 5s);
    // One after the other: an even share of the timeout for the first.
    config.fallback_delay = std::chrono::milliseconds::max();
    config.connect_timeout = 1s;
    const auto patient = connect("kafka.example", config);
    CHECK(!patient.code);
    CHECK(patient.took >= 490ms);
}

TEST_CASE("an address that refuses is followed at once") {
    ScriptedServer server(serve);
    auto config = resolving_to({"127.0.0.2:1", "127.0.0.3:1", server.address()});
    config.fallback_delay = 5s;
    const auto ended = connect("kafka.example", config);
    CHECK(!ended.code);
    CHECK(ended.took < 4s);
}

TEST_CASE("when all refuse, the error is the first one's, and the detail has them all") {
    const auto ended =
        connect("kafka.example", resolving_to({"127.0.0.2:1", "127.0.0.3:1", "127.0.0.2:1"}));
    CHECK(is_retriable(ended.code));
    CHECK(has(ended.diagnostics.detail, "127.0.0.2:1: "));
    CHECK(has(ended.diagnostics.detail, "127.0.0.3:1: "));
}

TEST_CASE("when nobody answers, the timeout names the addresses that were tried") {
    const BlackHole one("127.0.0.2"), two("127.0.0.3");
    auto config = resolving_to({one.address(), two.address()});
    config.connect_timeout = 200ms;
    const auto ended = connect("kafka.example", config);
    CHECK(ended.code == errc::connect_timed_out);
    CHECK(has(ended.diagnostics.detail, one.address()));
    CHECK(has(ended.diagnostics.detail, two.address()));
    CHECK(has(ended.diagnostics.detail, "2 of 2"));
}

TEST_CASE("a slow resolver is named by the timeout") {
    ConnConfig config;
    ResolveHandler kept;
    config.resolver = [&](const std::string&, std::uint16_t, ResolveHandler done) {
        kept = std::move(done);
    };
    config.connect_timeout = 50ms;
    const auto ended = connect("kafka.example", config);
    CHECK(ended.code == errc::connect_timed_out);
    CHECK(has(ended.diagnostics.detail, "resolving kafka.example"));
}

TEST_CASE("names are resolved on the blocking executor that was given") {
    ScriptedServer server(serve, "127.0.0.1");
    asio::thread_pool pool(1);
    pool.stop();  // takes work and does none
    ConnConfig config;
    config.blocking_executor = pool.get_executor();
    config.connect_timeout = 100ms;
    CHECK(connect("localhost:" + std::to_string(server.port()), config).code ==
          errc::connect_timed_out);
    CHECK(!connect(server.address(), config).code);
}

TEST_CASE("a connection comes from the local address that was asked for") {
    std::string from;
    ScriptedServer server([&](ScriptedPeer& peer) {
        from = peer.client();
        serve(peer);
    });
    ConnConfig config;
    config.local_address = "127.0.0.9";
    CHECK(!connect(server.address(), config).code);
    CHECK(from == "127.0.0.9");
    config.local_address = "not a number";
    CHECK(connect(server.address(), config).code == errc::invalid_argument);
    config.local_address = "::1";
    const auto ended = connect(server.address(), config);
    CHECK(ended.code == errc::resolve_failed);
    CHECK(has(ended.diagnostics.detail, "family of local_address"));
}

TEST_CASE("the socket hook sees each socket before it connects, and may refuse") {
    ScriptedServer server(serve);
    std::vector<std::string> seen;
    auto config = resolving_to({"127.0.0.2:1", server.address()});
    config.socket_hook = [&](int fd, const std::string& address) {
        CHECK(::fcntl(fd, F_GETFD) >= 0);
        seen.push_back(address);
        return std::error_code();
    };
    CHECK(!connect("kafka.example", config).code);
    CHECK(seen == std::vector<std::string>{"127.0.0.2:1", server.address()});
    config.socket_hook = [](int, const std::string&) {
        return std::make_error_code(std::errc::permission_denied);
    };
    CHECK(connect("kafka.example", config).code == std::errc::permission_denied);
    config.socket_hook = [](int, const std::string&) -> std::error_code {
        throw std::runtime_error("no");
    };
    CHECK(connect("kafka.example", config).code == std::errc::operation_canceled);
}

TEST_CASE("a peer that resets at ApiVersions is asked less, on new connections") {
    // As Azure Event Hubs does with versions that it does not know.
    std::mutex mutex;  // each connection has a thread of its own
    std::vector<int> versions;
    ScriptedServer server([&](ScriptedPeer& peer) {
        const auto seen = peer.read();
        {
            const std::lock_guard lock(mutex);
            versions.push_back(seen.header.request_api_version);
        }
        if (seen.header.request_api_version > 0) return peer.reset();
        auto offer = ScriptedPeer::offer();
        for (auto& row : offer.api_keys)
            if (row.api_key == 18) row.max_version = 0;
        peer.answer(seen, offer);
        peer.serve_metadata();
    });
    CHECK(!connect(server.address(), {}).code);
    const std::lock_guard lock(mutex);
    CHECK(versions.size() == 3);
    CHECK(versions.back() == 0);
}
