// SPDX-License-Identifier: Apache-2.0
// A blocking Dialer and PartitionConn on a real cluster, for tests/cluster/test_partition_conn.py:
//
//     partition-peer BROKERS write TOPIC PARTITION CODEC     lines "key<TAB>value" from the input
//     partition-peer BROKERS read TOPIC PARTITION ISOLATION  the same to the output, to the end
//     partition-peer BROKERS checklist TOPIC                 every operation once, on a new topic
//
// Exit status 1, with a sentence, where something is not as it ought to be.
#include <chrono>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <kafka/blocking.hpp>

namespace {

using namespace std::chrono_literals;
using kafka::Message;
using kafka::Whence;

void expect(bool right, const char* what) {
    if (!right) throw std::runtime_error(std::string("it is not true that ") + what);
}

std::error_code code_of(const auto& function) {
    try {
        function();
    } catch (const kafka::Error& error) {
        return error.code();
    }
    return {};
}

void write(kafka::blocking::PartitionConn conn, const std::string& codec) {
    kafka::WriteOptions options;
    options.compression = kafka::compression_from_name(codec).value();
    std::vector<Message> messages;
    const auto flush = [&] {
        const auto written = conn.write_messages(messages, options);
        std::cout << written.base_offset << ' ' << messages.size() << '\n';
        messages.clear();
    };
    for (std::string line; std::getline(std::cin, line);) {
        const auto tab = line.find('\t');
        Message message;
        message.key = line.substr(0, tab);
        message.value = line.substr(tab + 1);
        message.headers = {{"h", "1"}};
        messages.push_back(std::move(message));
        if (messages.size() == 700) flush();
    }
    flush();
}

void read(kafka::blocking::PartitionConn conn, const std::string& isolation) {
    kafka::FetchOptions options;
    options.isolation = isolation == "read_committed" ? kafka::Isolation::read_committed
                                                      : kafka::Isolation::read_uncommitted;
    // Small, so that records are cut at the end of answers, and larger than some answers.
    options.max_bytes = 20'000;
    const auto end = conn.last_offset({.isolation = options.isolation});
    conn.seek(0, Whence::start);
    while (conn.position().offset < end) {
        auto batch = conn.read_batch(options);
        while (const auto message = batch.read_message())
            std::cout << message->key.text() << '\t' << message->value.text() << '\n';
    }
}

kafka::NewTopic topic_of(std::string name, std::int32_t partitions) {
    kafka::NewTopic topic{.name = std::move(name)};
    topic.partitions = partitions;
    topic.configs = {{"message.timestamp.type", "LogAppendTime"}};
    return topic;
}

void checklist(const kafka::blocking::Dialer& dialer, const std::string& brokers,
               const std::string& topic) {
    auto any = dialer.dial(brokers);
    expect(any.api_versions().api_keys.size() > 40, "the broker has more than 40 APIs");
    const auto known = any.brokers();
    expect(!known.empty() && known.front().port != 0, "brokers are told");
    expect(any.controller().id >= 0, "the controller is told");
    any.create_topics({topic_of(topic, 2)}, {.timeout = 60s});
    expect(code_of([&] { any.create_topics({topic_of(topic, 2)}); }) ==
               kafka::broker_errc::topic_already_exists,
           "a topic is created once");
    expect(dialer.lookup_partitions(brokers, topic).size() == 2, "it has two partitions");
    expect(dialer.lookup_partition(brokers, topic, 1).number == 1, "partition 1 is one of them");
    const auto leader = dialer.lookup_leader(brokers, topic, 1);

    auto conn = dialer.dial_leader(brokers, topic, 1);
    expect(conn.broker().id == leader.id, "the leader is dialed");
    expect(conn.partitions({topic}).size() == 2, "a broker tells of both");
    expect(conn.offsets() == kafka::OffsetRange{0, 0}, "it is empty");
    const auto before = std::chrono::system_clock::now() - 60s;
    for (const auto acks : {kafka::RequiredAcks::all, kafka::RequiredAcks::leader}) {
        conn.set_required_acks(acks);
        std::vector<Message> messages(3);
        for (auto& message : messages)
            message.value = "value";
        const auto written = conn.write_messages(messages);
        expect(written.base_offset == (acks == kafka::RequiredAcks::all ? 0 : 3),
               "the base offset is told");
        expect(written.append_time && *written.append_time > before, "the append time is told");
        expect(written.log_start_offset == 0 && written.bytes > 0, "the rest is told");
    }
    expect(conn.write("none", {.acks = kafka::RequiredAcks::none}).base_offset == -1,
           "without an acknowledgement there is no offset");
    for (int i = 0; i < 100 && conn.last_offset() < 7; ++i)
        std::this_thread::sleep_for(50ms);
    expect(conn.offsets() == kafka::OffsetRange{0, 7}, "seven were written");
    expect(conn.first_offset() == 0 && conn.last_offset() == 7, "so say both questions");
    expect(conn.offset_at(std::chrono::time_point_cast<std::chrono::milliseconds>(before)) == 0,
           "all were written after a time before");
    expect(
        conn.offset_at(std::chrono::time_point_cast<std::chrono::milliseconds>(before + 1h)) == -1,
        "none was written in an hour");
    expect(conn.seek(1, Whence::end) == 6, "the end is counted back from");
    expect(conn.read_message().value.text() == "none", "the last message is there");
    expect(
        code_of([&] { conn.seek(8, Whence::absolute); }) == kafka::broker_errc::offset_out_of_range,
        "a seek stays in the log");
    conn.seek(8, Whence::absolute, {.check = false});
    expect(code_of([&] { (void)conn.read_batch(); }) == kafka::broker_errc::offset_out_of_range,
           "an unchecked one is checked by the read");
    conn.seek(0, Whence::start);
    auto batch = conn.read_batch({.max_bytes = 1});
    expect(batch.high_watermark() == 7 && batch.log_start_offset() == 0, "marks are told");
    const auto first = batch.read_message();
    expect(first && first->offset == 0 &&
               first->timestamp_type == kafka::protocol::TimestampType::log_append,
           "a batch larger than max_bytes is read");
    std::uint8_t buffer[5];
    expect(conn.read(buffer) == 5 && std::memcmp(buffer, "value", 5) == 0, "a value is read");
    conn.seek(0, Whence::end);
    expect(conn.read_batch({.max_wait = 10ms}).empty(), "there is nothing at the end");
    conn.set_read_deadline(std::chrono::steady_clock::now() + 200ms);
    expect(code_of([&] { (void)conn.read_message(); }) == kafka::errc::request_timed_out,
           "a read ends at its deadline");
    conn.set_read_deadline(std::chrono::steady_clock::time_point::max());

    std::vector<kafka::RecordError> errors;
    const std::string large(2 << 20, 'x');
    expect(code_of([&] { conn.write(large, {.record_errors = &errors}); }) ==
               kafka::broker_errc::message_too_large,
           "too large a message is refused");
    // On a follower, if there is one.
    for (const auto& broker : known) {
        if (broker.id == conn.broker().id) continue;
        kafka::blocking::PartitionConn other(
            dialer.dial(broker.host + ':' + std::to_string(broker.port)), topic, 1, broker);
        const auto said = code_of([&] { other.write("x"); });
        expect(said == kafka::broker_errc::not_leader_or_follower, "only the leader is written to");
        break;
    }
    any.delete_topics({topic}, {.timeout = 60s});
    expect(code_of([&] { any.delete_topics({topic}); }) ==
               kafka::broker_errc::unknown_topic_or_partition,
           "a topic is deleted once");
}

}  // namespace

int main(int argc, char** argv) try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    const kafka::blocking::Dialer dialer;
    if (args.size() == 3 && args[1] == "checklist") {
        checklist(dialer, args[0], args[2]);
        return 0;
    }
    if (args.size() != 5) throw std::runtime_error("wrong arguments");
    auto conn = dialer.dial_leader(args[0], args[2], std::stoi(args[3]));
    if (args[1] == "write") write(std::move(conn), args[4]);
    if (args[1] == "read") read(std::move(conn), args[4]);
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
