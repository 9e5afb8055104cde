// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <kafka/conn.hpp>
#include <kafka/protocol/metadata.hpp>

asio::awaitable<void> list_brokers(std::string address) {
    kafka::Conn conn(co_await asio::this_coro::executor);
    co_await conn.async_connect(address, asio::use_awaitable);
    auto metadata =
        co_await conn.async_call(kafka::protocol::MetadataRequest(), asio::use_awaitable);
    for (const auto& broker : metadata.brokers)
        std::cout << broker.node_id << ' ' << broker.host << ':' << broker.port << '\n';
}

int main(int argc, char** argv) {
    asio::io_context io;
    asio::co_spawn(io, list_brokers(argc > 1 ? argv[1] : "localhost"), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    io.run();
}
