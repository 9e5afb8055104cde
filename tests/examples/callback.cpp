// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <asio/io_context.hpp>

#include <kafka/conn.hpp>
#include <kafka/protocol/metadata.hpp>

int main(int argc, char** argv) {
    asio::io_context io;
    kafka::Conn conn(io);
    std::error_code result;
    conn.async_connect(argc > 1 ? argv[1] : "localhost", [&](std::error_code ec) {
        if (ec) return void(result = ec);
        conn.async_call(kafka::protocol::MetadataRequest(), [&](std::error_code e, auto metadata) {
            result = e;
            for (const auto& broker : metadata.brokers)
                std::cout << broker.node_id << ' ' << broker.host << ':' << broker.port << '\n';
            conn.close();
        });
    });
    io.run();
    if (result) std::cerr << result.message() << '\n';
    return result ? 1 : 0;
}
