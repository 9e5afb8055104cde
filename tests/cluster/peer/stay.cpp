// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <thread>

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <kafka/conn.hpp>
#include <kafka/protocol/metadata.hpp>

#include "commands.hpp"
#include "runtime.hpp"
#include "verdict.hpp"

namespace kafka::peer {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

// Several callers on one connection, each with the next call when the last is done.
struct Staying {
    Staying(const Settings& settings, asio::io_context& io)
        : conn(io, config_of(settings)),
          pause(settings.time("pause", 5)),
          timeout(settings.time("deadline", 10'000)) {}

    ConnConfig config_of(const Settings& settings) {
        auto config = settings.conn();
        config.log = [this](const LogRecord& record) {
            if (record.message == "authenticated anew") ++logins;
        };
        return config;
    }

    void run(Clock::time_point until) {
        ++running;
        next(until, std::make_shared<asio::steady_timer>(conn.get_executor()));
    }
    void next(Clock::time_point until, const std::shared_ptr<asio::steady_timer>& timer) {
        const auto began = Clock::now();
        if (began > until) {
            --running;
            return;
        }
        ++calls;
        waiting = std::max(waiting, conn.stats().waiting);
        in_flight = std::max(in_flight, conn.stats().in_flight);
        const auto diagnostics = std::make_shared<Diagnostics>();
        conn.async_call(
            MetadataRequest{}, {.timeout = timeout, .diagnostics = diagnostics.get()},
            [this, until, timer, began, diagnostics](std::error_code ec, const MetadataResponse&) {
                longest = std::max(longest, Clock::now() - began);
                if (ec && failures++ == 0) text = diagnostics->to_string(ec);
                timer->expires_after(pause);
                timer->async_wait([this, until, timer](std::error_code) { next(until, timer); });
            });
    }

    Conn conn;
    const std::chrono::milliseconds pause, timeout;
    // The rest belongs to the one thread of the loop until `running` is 0.
    std::atomic<int> running{0};
    std::atomic<int> logins{0};
    std::uint64_t calls = 0, failures = 0;
    std::size_t waiting = 0, in_flight = 0;
    Clock::duration longest{0};
    std::string text;
};

}  // namespace

int stay(const Settings& settings) {
    JsonLine line;
    {
        Runtime runtime;
        Staying staying(settings, runtime.io);
        Diagnostics diagnostics;
        const auto error = Runtime::wait<std::error_code>([&](auto done) {
            staying.conn.async_connect(first_address(settings.text("bootstrap.servers")),
                                       {.diagnostics = &diagnostics}, done);
        });
        tell(line, error, diagnostics);
        if (!error) {
            const auto until = Clock::now() + std::chrono::seconds(settings.number("seconds", 15));
            const auto callers = settings.number("callers", 16);
            asio::post(runtime.io, [&staying, callers, until] {
                for (auto left = callers; left > 0; --left)
                    staying.run(until);
            });
            std::this_thread::sleep_until(until);
            while (staying.running > 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        line.add("calls", staying.calls).add("failures", staying.failures);
        line.add("logins", staying.logins.load()).add("longest", staying.longest);
        line.add("most_waiting", staying.waiting).add("most_in_flight", staying.in_flight);
        line.add("failure", staying.text);
        staying.conn.close();
        // What the loop still holds refers to `staying`.
        Runtime::wait<bool>(
            [&](auto done) { asio::post(runtime.io, [done]() mutable { done(true); }); });
    }
    line.print();
    return 0;
}

}  // namespace kafka::peer
