// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <kafka/writer.hpp>

asio::awaitable<void> write(std::string brokers) {
    kafka::Writer writer(co_await asio::this_coro::executor, {.bootstrap = brokers},
                         {.topic = "orders", .compression = kafka::Compression::lz4});
    std::vector<kafka::Message> messages(2);
    messages[0].key = "alice";
    messages[0].value = "two pears";
    messages[1].key = "bob";
    messages[1].value = "a plum";
    auto results = co_await writer.async_write_messages(messages, asio::use_awaitable);
    for (std::size_t i = 0; i < messages.size(); ++i)
        std::cout << messages[i].key.text() << " is at offset " << results.messages[i].offset
                  << " of partition " << results.messages[i].partition << '\n';
    co_await writer.async_close(asio::use_awaitable);
}

int main(int argc, char** argv) {
    asio::io_context io;
    asio::co_spawn(io, write(argc > 1 ? argv[1] : "localhost"), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    io.run();
}
