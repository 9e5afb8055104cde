// SPDX-License-Identifier: Apache-2.0
// What a user's program needs from an installed library: its headers, its symbols, and Asio's
// process-wide state in common with it. Prints one line when all is well.
#include <exception>
#include <iostream>
#include <string>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <kafka/conn.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/testing/broker.hpp>
#include <kafka/version.hpp>

namespace {

asio::awaitable<void> show(std::string address) {
    kafka::Conn conn(co_await asio::this_coro::executor);
    co_await conn.async_connect(address, asio::use_awaitable);
    kafka::protocol::MetadataRequest all;
    all.topics = std::nullopt;
    auto metadata = co_await conn.async_call(all, asio::use_awaitable);
    for (const auto& topic : metadata.topics)
        std::cout << topic.name.value_or("?") << ' ' << topic.partitions.size() << '\n';
}

// The library's operation_aborted is the program's: one category in both.
bool cancels(const std::string& address) {
    asio::io_context io;
    kafka::Conn conn(io);
    asio::cancellation_signal signal;
    std::error_code result;
    conn.async_connect(address, asio::bind_cancellation_slot(
                                    signal.slot(), [&](std::error_code ec) { result = ec; }));
    signal.emit(asio::cancellation_type::terminal);
    io.run();
    return result == asio::error::operation_aborted;
}

}  // namespace

int main() {
    if (kafka::version() != KAFKA_ASIO_VERSION_STRING) {
        std::cerr << "headers " KAFKA_ASIO_VERSION_STRING ", library " << kafka::version() << '\n';
        return 1;
    }
    kafka::testing::BrokerOptions options;
    options.topics.push_back({"orders", 6});
    kafka::testing::Broker broker(options);
    const auto address = "127.0.0.1:" + std::to_string(broker.ports().front());
    if (!cancels(address)) {
        std::cerr << "a cancelled operation is not asio::error::operation_aborted\n";
        return 1;
    }
    asio::io_context io;
    asio::co_spawn(io, show(address), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    io.run();
}
