// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include <kafka/conn.hpp>
#include <kafka/protocol/metadata.hpp>

#include "commands.hpp"
#include "runtime.hpp"
#include "verdict.hpp"

namespace kafka::peer {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

void with_conn(const Settings& settings, Runtime& runtime, JsonLine& line) {
    Conn conn(runtime.io, settings.conn());
    Diagnostics diagnostics;
    auto error = Runtime::wait<std::error_code>([&](auto done) {
        conn.async_connect(first_address(settings.text("bootstrap.servers")),
                           {.diagnostics = &diagnostics}, done);
    });
    std::size_t brokers = 0;
    if (!error) {
        if (const auto* tls = conn.tls()) line.add("tls", tls->version);
        const auto answer = Runtime::wait<Answer<MetadataResponse>>([&](auto done) {
            conn.async_call(MetadataRequest{}, {.diagnostics = &diagnostics},
                            [done](std::error_code ec, MetadataResponse response) mutable {
                                done({ec, std::move(response)});
                            });
        });
        error = answer.error;
        brokers = answer.response.brokers.size();
    }
    tell(line, error, diagnostics);
    line.add("brokers", brokers);
    conn.close();
}

void with_client(const Settings& settings, Runtime& runtime, JsonLine& line) {
    auto config = settings.client();
    std::atomic<int> connects{0}, failures{0};
    config.hooks.connect = [&](const ConnectEvent& event) {
        ++(event.failure ? failures : connects);
    };
    Client client(runtime.io, std::move(config));
    Diagnostics diagnostics;
    const auto answer = ask(client, {}, {.diagnostics = &diagnostics});
    tell(line, answer.error, diagnostics);
    line.add("brokers", answer.response ? answer.response->brokers.size() : 0);
    close(client);
    line.add("connects", connects.load()).add("connect_failures", failures.load());
}

}  // namespace

int login(const Settings& settings) {
    JsonLine line;
    const auto began = Clock::now();
    {
        Runtime runtime;
        if (settings.text("via", "conn") == "client")
            with_client(settings, runtime, line);
        else
            with_conn(settings, runtime, line);
    }
    line.add("took", Clock::now() - began).print();
    return 0;
}

}  // namespace kafka::peer
