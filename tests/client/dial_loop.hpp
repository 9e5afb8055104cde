// SPDX-License-Identifier: Apache-2.0
// A Dialer and its loop, run by the test itself.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/dialer.hpp>
#include <kafka/testing/broker.hpp>

namespace kafka::testing {

using namespace std::chrono_literals;

struct DialLoop {
    explicit DialLoop(const Broker& of, DialerConfig config = {})
        : bootstrap(of.bootstrap()), dialer(io, std::move(config)) {}

    template <class Done>
    void run(Done done, std::chrono::milliseconds limit = 20s) {
        io.restart();
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!done() && std::chrono::steady_clock::now() < end)
            io.run_one_for(50ms);
        REQUIRE(done());
    }
    /// Runs an operation to its end: `start(handler)`.
    template <class Out, class Start>
    std::error_code get(Out& out, Start start) {
        std::error_code result = asio::error::in_progress;
        start([&](std::error_code ec, Out value) {
            result = ec;
            out = std::move(value);
        });
        CHECK(result == asio::error::in_progress);  // never inside the initiating function
        run([&] { return result != asio::error::in_progress; });
        return result;
    }
    template <class Start>
    std::error_code done(Start start) {
        std::error_code result = asio::error::in_progress;
        start([&](std::error_code ec) { result = ec; });
        run([&] { return result != asio::error::in_progress; });
        return result;
    }

    PartitionConn unbound() { return PartitionConn(Conn(io), "", -1); }
    PartitionConn leader(const std::string& topic, std::int32_t partition = 0) {
        auto conn = unbound();
        const auto ec = get(conn, [&](auto handler) {
            dialer.async_dial_leader(bootstrap, topic, partition, {.diagnostics = &diagnostics},
                                     std::move(handler));
        });
        INFO(diagnostics.to_string(ec));
        REQUIRE_FALSE(ec);
        return conn;
    }
    std::error_code write(PartitionConn& conn, std::vector<Message> messages, WriteResult& result,
                          WriteOptions options = {}) {
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        return get(result, [&](auto handler) {
            conn.async_write_messages(std::move(messages), options, std::move(handler));
        });
    }
    /// That must succeed.
    WriteResult write(PartitionConn& conn, const std::vector<std::string>& values,
                      WriteOptions options = {}) {
        std::vector<Message> messages;
        for (const auto& value : values) {
            Message message;
            message.value = value;
            messages.push_back(std::move(message));
        }
        WriteResult result;
        const auto ec = write(conn, std::move(messages), result, options);
        INFO(diagnostics.to_string(ec));
        REQUIRE_FALSE(ec);
        return result;
    }
    std::error_code batch(PartitionConn& conn, Batch& batch, FetchOptions options = {}) {
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        return get(batch,
                   [&](auto handler) { conn.async_read_batch(options, std::move(handler)); });
    }
    std::error_code message(PartitionConn& conn, Message& message, FetchOptions options = {}) {
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        return get(message,
                   [&](auto handler) { conn.async_read_message(options, std::move(handler)); });
    }
    /// The values of messages until the end of the log.
    std::vector<std::string> values(PartitionConn& conn, FetchOptions options = {}) {
        std::vector<std::string> found;
        options.max_wait = 0ms;
        while (true) {
            Batch next;
            const auto ec = batch(conn, next, options);
            INFO(diagnostics.to_string(ec));
            REQUIRE_FALSE(ec);
            if (next.empty()) return found;
            while (auto one = next.read_message())
                found.emplace_back(one->value.text());
            INFO(next.failure().message());
            REQUIRE_FALSE(next.failure());
        }
    }
    std::error_code seek(PartitionConn& conn, std::int64_t offset, Whence whence,
                         std::int64_t& found, SeekOptions options = {}) {
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        found = -99;
        return get(found, [&](auto handler) {
            conn.async_seek(offset, whence, options, std::move(handler));
        });
    }

    asio::io_context io;
    std::string bootstrap;
    Dialer dialer;
    Diagnostics diagnostics;
};

inline bool has(std::string_view text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(std::string(text));
    return found;
}

}  // namespace kafka::testing
