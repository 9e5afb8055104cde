// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <kafka/blocking.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/testing/broker.hpp>

int main() {
    kafka::testing::Broker brokers({.brokers = 2, .topics = {{"orders", 6}}});
    kafka::blocking::Conn conn;
    conn.connect("127.0.0.1:" + std::to_string(brokers.ports().front()));
    kafka::protocol::MetadataRequest all_topics{.topics = std::nullopt};
    for (const auto& topic : conn.call(all_topics).topics)
        std::cout << topic.name.value_or("?") << ": " << topic.partitions.size() << " partitions\n";
}
