// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <kafka/dialer.hpp>

asio::awaitable<void> write_and_read(std::string address) {
    kafka::Dialer dialer(co_await asio::this_coro::executor);
    auto conn = co_await dialer.async_dial_leader(address, "greetings", 0, asio::use_awaitable);
    std::vector<kafka::Message> messages(2);
    messages[0].value = "hello";
    messages[1].value = "world";
    auto written = co_await conn.async_write_messages(messages, asio::use_awaitable);
    co_await conn.async_seek(written.base_offset, kafka::Whence::absolute, asio::use_awaitable);
    auto batch = co_await conn.async_read_batch(asio::use_awaitable);
    while (auto message = batch.read_message())
        std::cout << message->value.text() << '\n';
    if (batch.failure()) std::cerr << batch.failure().message() << '\n';
}

int main(int argc, char** argv) {
    asio::io_context io;
    asio::co_spawn(io, write_and_read(argc > 1 ? argv[1] : "localhost"), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    io.run();
}
