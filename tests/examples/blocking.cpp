// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <kafka/blocking.hpp>
#include <kafka/protocol/metadata.hpp>

int main(int argc, char** argv) try {
    kafka::blocking::Conn conn;
    conn.connect(argc > 1 ? argv[1] : "localhost");
    for (const auto& broker : conn.call(kafka::protocol::MetadataRequest()).brokers)
        std::cout << broker.node_id << ' ' << broker.host << ':' << broker.port << '\n';
} catch (const kafka::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
