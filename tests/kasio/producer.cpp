// SPDX-License-Identifier: Apache-2.0
// Producer against the development broker.
#include "producer.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/testing/broker.hpp>

using namespace kasio;
using namespace std::chrono_literals;
using kafka::protocol::BytesView;
using kafka::protocol::ProduceRequest;
using kafka::testing::Broker;
using kafka::testing::Rule;

namespace {

struct Made {
    explicit Made(const Broker& broker, kafka::WriterConfig writer = {})
        : producer(runtime, client_of(broker), with_topic(std::move(writer))) {}

    bool add(const std::string& value, std::optional<std::int32_t> partition = {}) {
        kafka::protocol::RecordRef record;
        record.value = BytesView(value);
        record.timestamp = 1'700'000'000'000;
        return producer.add(record, ++number, partition);
    }

    static kafka::ClientConfig client_of(const Broker& broker) {
        kafka::ClientConfig config;
        config.bootstrap = broker.bootstrap();
        return config;
    }
    static kafka::WriterConfig with_topic(kafka::WriterConfig config) {
        config.topic = "t";
        return config;
    }

    Runtime runtime;
    Producer producer;
    std::uint64_t number = 0;
};

std::vector<std::string> values_in(const Broker& broker, std::int32_t partition = 0) {
    std::vector<std::string> values;
    kafka::protocol::RecordReader reader(broker.batches("t", partition),
                                         {.decompress = kafka::codec::decompress});
    while (const auto* record = reader.next())
        values.emplace_back(record->value.text());
    return values;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("records are delivered in order, and counted with their bytes") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Made made(broker);
    std::vector<std::string> wanted;
    for (int i = 0; i < 1000; ++i) {
        wanted.push_back("value " + std::to_string(i));
        REQUIRE(made.add(wanted.back()));
    }
    CHECK(made.producer.finish());
    CHECK_FALSE(made.producer.problem());
    CHECK(made.producer.complaints().empty());
    CHECK(values_in(broker) == wanted);
    const auto counters = made.producer.counters();
    CHECK(counters.records == 1000);
    CHECK(counters.bytes == 8890);
    CHECK(counters.batch_bytes > 8890);
    CHECK(counters.repeated == 0);
}

TEST_CASE("records go to the partition that they name, and bytes are counted for each") {
    Broker broker({.brokers = 2, .topics = {{"t", 3}}});
    Made made(broker);
    REQUIRE(made.add("aa", 2));
    REQUIRE(made.add("b", 0));
    CHECK(made.producer.finish());
    CHECK(made.producer.bytes_by_partition() == std::vector<std::uint64_t>{1, 0, 2});
}

TEST_CASE("more records than the buffers hold are all delivered, since adding them waits") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Made made(broker, {.batch_size = 4096, .buffer_memory = 16'384});
    const std::string value(500, 'x');
    for (int i = 0; i < 2000; ++i)
        REQUIRE(made.add(value));
    CHECK(made.producer.finish());
    CHECK(broker.record_count("t") == 2000);
}

TEST_CASE("a record that the broker refuses is named, and what follows it is not written") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Made made(broker, {.max_request_size = 8 * 1024 * 1024});
    CHECK(made.add("fine"));
    CHECK_FALSE(made.add(std::string(2'000'000, 'x')));
    CHECK_FALSE(made.add("not reached"));
    CHECK_FALSE(made.producer.finish());
    const auto problem = made.producer.problem();
    CHECK(problem.status == Exit::refused);
    CHECK(has(problem.sentence,
              "topic t partition 0: record 2 (2000000 bytes) could not be delivered"));
    CHECK(has(problem.sentence, "broker 1 (127.0.0.1:"));
    CHECK(made.producer.complaints() == std::vector<std::string>{problem.sentence});
    CHECK(values_in(broker) == std::vector<std::string>{"fine"});
}

TEST_CASE("a record that cannot fit into the buffers is named with the settings") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Made made(broker);
    CHECK(made.add("fine"));
    CHECK_FALSE(made.add(std::string(2'000'000, 'x')));
    CHECK_FALSE(made.producer.finish());
    const auto problem = made.producer.problem();
    CHECK(problem.status == Exit::refused);
    CHECK(has(problem.sentence, "record 2 (2000000 bytes) could not be delivered"));
    CHECK(has(problem.sentence, "max.request.size (1048576) or buffer.memory (33554432)"));
    CHECK(values_in(broker) == std::vector<std::string>{"fine"});
}

TEST_CASE("brokers that are gone are the problem when the time is over, with each record") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Made made(broker, {.delivery_timeout = 700ms, .request_timeout = 500ms});
    REQUIRE(made.add("delivered"));
    for (int i = 0; i < 200 && made.producer.counters().records == 0; ++i)
        std::this_thread::sleep_for(10ms);
    REQUIRE(made.producer.counters().records == 1);
    REQUIRE_FALSE(broker.stop_broker(1));
    CHECK(made.add("lost"));
    CHECK(made.add("lost as well"));
    CHECK_FALSE(made.producer.finish());
    const auto problem = made.producer.problem();
    CHECK(problem.status == Exit::unreachable);
    CHECK(has(problem.sentence, "topic t partition 0: record"));
    CHECK(has(problem.sentence, "could not be delivered"));
    CHECK(made.producer.counters().records == 1);
    CHECK(values_in(broker) == std::vector<std::string>{"delivered"});
}

TEST_CASE("a record that fails while others wait for room ends the waiting") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    broker.add(
        Rule::on<ProduceRequest>().always().error(kafka::broker_errc::topic_authorization_failed));
    Made made(broker, {.batch_size = 4096, .buffer_memory = 16'384});
    const std::string value(500, 'x');
    int taken = 0;
    while (taken < 1000 && made.add(value))
        ++taken;
    CHECK(taken < 1000);
    CHECK_FALSE(made.producer.finish());
    const auto problem = made.producer.problem();
    CAPTURE(problem.sentence);
    CHECK(problem.status == Exit::refused);
    CHECK(has(problem.sentence, "topic t partition 0: record"));
    CHECK(broker.record_count("t") == 0);
}

TEST_CASE("an answer that is lost costs nothing and doubles nothing") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    const auto rule =
        broker.add(Rule::on<ProduceRequest>().once().disconnect(kafka::testing::Stage::after));
    Made made(broker);
    REQUIRE(made.add("once"));
    CHECK(made.producer.finish());
    CHECK(broker.hits(rule) == 1);
    CHECK(values_in(broker) == std::vector<std::string>{"once"});
    CHECK(made.producer.counters().repeated == 1);
}
