// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fstream>

#include <kafka/blocking.hpp>

#include "commands.hpp"
#include "json_line.hpp"

namespace kafka::peer {
namespace {

void add(std::string& line, const Message& message) {
    line += std::to_string(message.offset);
    line += '\t';
    line += std::to_string(message.timestamp ? message.timestamp->time_since_epoch().count() : -1);
    line += '\t';
    line += message.key.text();
    line += '\t';
    for (const auto& header : message.headers) {
        line += &header == message.headers.data() ? "" : ",";
        line += header.key;
        line += '=';
        line += header.value.text();
    }
    line += '\t';
    line += message.value.text();
    line += '\n';
}

std::uint64_t read_partition(blocking::PartitionConn conn, const FetchOptions& options,
                             std::ofstream& out) {
    const auto end = conn.last_offset({.isolation = options.isolation});
    const auto prefix = std::to_string(conn.partition()) + '\t';
    std::uint64_t count = 0;
    std::string lines;
    conn.seek(0, Whence::start);
    while (conn.position().offset < end) {
        auto batch = conn.read_batch(options);
        lines.clear();
        while (const auto message = batch.read_message()) {
            lines += prefix;
            add(lines, *message);
            ++count;
        }
        out << lines;
    }
    return count;
}

}  // namespace

int read(const Settings& settings) {
    const auto topic = settings.text("topic");
    const auto brokers = settings.text("bootstrap.servers");
    const blocking::Dialer dialer;
    FetchOptions options;
    options.isolation = Isolation::read_committed;
    std::ofstream out(settings.text("out"), std::ios::binary);
    std::uint64_t count = 0;
    const auto partitions = static_cast<std::int32_t>(settings.number("partitions", 1));
    for (std::int32_t i = 0; i < partitions; ++i)
        count += read_partition(dialer.dial_leader(brokers, topic, i), options, out);
    out.close();
    JsonLine().add("count", count).print();
    return out.fail() ? 1 : 0;
}

}  // namespace kafka::peer
