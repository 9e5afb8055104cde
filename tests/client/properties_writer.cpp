// SPDX-License-Identifier: Apache-2.0
// Properties of producers, by the names of Java and of librdkafka.
#include <chrono>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>
#include <kafka/properties.hpp>

using namespace std::chrono_literals;
using kafka::Properties;
using kafka::WriterConfig;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

WriterConfig read(const Properties& properties, WriterConfig defaults = {}) {
    const auto config = kafka::writer_config(properties, std::move(defaults));
    REQUIRE_MESSAGE(config.has_value(), config.failure().detail);
    return *config;
}

std::string refused(const Properties& properties) {
    const auto config = kafka::writer_config(properties);
    REQUIRE_FALSE(config.has_value());
    CHECK((config.failure().code == kafka::errc::invalid_argument));
    return config.failure().detail;
}

template <class T>
const T* as(const WriterConfig& config) {
    return std::get_if<T>(&config.balancer);
}

}  // namespace

TEST_CASE("each property of producers goes to its field") {
    const auto config = read({{"acks", "ALL"},
                              {"batch.size", "1000"},
                              {"batch.num.messages", "10"},
                              {"buffer.memory", "5000000000"},
                              {"queue.buffering.max.messages", "77"},
                              {"compression.type", "gzip"},
                              {"compression.gzip.level", "9"},
                              {"delivery.timeout.ms", "61000"},
                              {"linger.ms", "7"},
                              {"max.block.ms", "8"},
                              {"max.in.flight.requests.per.connection", "2"},
                              {"max.request.size", "2000000"},
                              {"retries", "3"},
                              {"request.timeout.ms", "1234"},
                              {"retry.backoff.ms", "11"},
                              {"retry.backoff.max.ms", "22"}});
    CHECK((config.acks == kafka::RequiredAcks::all));
    CHECK(config.enable_idempotence);
    CHECK(config.batch_size == 1000);
    CHECK(config.batch_records == 10);
    CHECK(config.buffer_memory == 5'000'000'000);
    CHECK(config.buffer_records == 77);
    CHECK((config.compression == kafka::Compression::gzip));
    CHECK(config.compression_level == 9);
    CHECK(config.delivery_timeout == 61s);
    CHECK(config.linger == 7ms);
    CHECK(config.max_block == 8ms);
    CHECK(config.max_in_flight_requests_per_connection == 2);
    CHECK(config.max_request_size == 2'000'000);
    CHECK(config.retries == 3);
    CHECK(config.request_timeout == 1234ms);
    CHECK(config.retry_backoff == 11ms);
    CHECK(config.retry_backoff_max == 22ms);
    CHECK_FALSE(kafka::check_writer_config(config));
}

TEST_CASE("librdkafka's names of producers' properties mean the same") {
    const auto config = read({{"request.required.acks", "-1"},
                              {"queue.buffering.max.kbytes", "3"},
                              {"compression.codec", "lz4"},
                              {"message.timeout.ms", "9"},
                              {"queue.buffering.max.ms", "4"},
                              {"max.in.flight", "1"},
                              {"message.max.bytes", "999"},
                              {"message.send.max.retries", "0"},
                              {"socket.timeout.ms", "5"}});
    CHECK((config.acks == kafka::RequiredAcks::all));
    CHECK(config.buffer_memory == 3072);
    CHECK((config.compression == kafka::Compression::lz4));
    CHECK(config.delivery_timeout == 9ms);
    CHECK(config.linger == 4ms);
    CHECK(config.max_in_flight_requests_per_connection == 1);
    CHECK(config.max_request_size == 999);
    CHECK(config.retries == 0);
    CHECK(config.request_timeout == 5ms);
}

TEST_CASE("without properties the defaults stay, also those that Kafka names otherwise") {
    WriterConfig defaults;
    defaults.topic = "t";
    defaults.balancer = kafka::RandomBalancer{};
    defaults.compression = kafka::Compression::gzip;
    defaults.compression_level = 3;
    const auto config = read({{"client.id", "x"}, {"sasl.mechanism", "PLAIN"}}, defaults);
    CHECK(config.topic == "t");
    CHECK(as<kafka::RandomBalancer>(config));
    CHECK(config.compression_level == 3);
    CHECK(kafka::to_string(config) == kafka::to_string(defaults));
}

TEST_CASE("idempotence that is not asked for gives way, and one that is does not") {
    CHECK_FALSE(read({{"acks", "1"}}).enable_idempotence);
    CHECK_FALSE(read({{"acks", "0"}}).enable_idempotence);
    CHECK_FALSE(read({{"max.in.flight", "6"}}).enable_idempotence);
    CHECK_FALSE(read({{"enable.idempotence", "false"}}).enable_idempotence);
    const auto config = read({{"acks", "1"}, {"enable.idempotence", "true"}});
    CHECK(config.enable_idempotence);
    CHECK(kafka::check_writer_config(config));
}

TEST_CASE("partitioners have the names of Java's classes and of librdkafka's functions") {
    const auto by = [](std::string name) { return read({{"partitioner", std::move(name)}}); };
    CHECK(as<kafka::Murmur2Balancer>(by("murmur2_random")));
    CHECK(as<kafka::Murmur2Balancer>(by("null")));
    CHECK(as<kafka::Murmur2Balancer>(by("murmur2"))->consistent);
    CHECK_FALSE(as<kafka::Crc32Balancer>(by("consistent_random"))->consistent);
    CHECK(as<kafka::Crc32Balancer>(by("consistent"))->consistent);
    CHECK(as<kafka::HashBalancer>(by("fnv1a_random")));
    CHECK(as<kafka::RandomBalancer>(by("random")));
    CHECK(as<kafka::RoundRobinBalancer>(
        by("org.apache.kafka.clients.producer.RoundRobinPartitioner")));
    CHECK(as<kafka::UniformStickyBalancer>(
        by("org.apache.kafka.clients.producer.UniformStickyPartitioner")));
    CHECK(has(refused({{"partitioner.class", "com.example.Mine"}}), "expected murmur2_random"));
}

TEST_CASE("records without keys, or all, follow the settings of Java's sticky partitioner") {
    auto config = read({{"partitioner.adaptive.partitioning.enable", "false"}});
    REQUIRE(as<kafka::Murmur2Balancer>(config));
    const auto* unkeyed =
        std::get_if<kafka::UniformStickyBalancer>(&as<kafka::Murmur2Balancer>(config)->unkeyed);
    REQUIRE(unkeyed);
    CHECK_FALSE(unkeyed->adaptive);
    CHECK_FALSE(unkeyed->rack_aware);
    config = read({{"partitioner.ignore.keys", "true"}, {"partitioner.rack.aware", "true"}});
    REQUIRE(as<kafka::UniformStickyBalancer>(config));
    CHECK(as<kafka::UniformStickyBalancer>(config)->adaptive);
    CHECK(as<kafka::UniformStickyBalancer>(config)->rack_aware);
}

TEST_CASE("a level counts for its codec, and one of any codec for the one that is chosen") {
    CHECK(read({{"compression.type", "zstd"}, {"compression.gzip.level", "1"}}).compression_level ==
          std::nullopt);
    CHECK(
        read({{"compression.type", "zstd"}, {"compression.zstd.level", "-5"}}).compression_level ==
        -5);
    CHECK(read({{"compression.type", "lz4"}, {"compression.level", "4"}}).compression_level == 4);
    CHECK(read({{"compression.type", "lz4"},
                {"compression.level", "4"},
                {"compression.lz4.level", "12"}})
              .compression_level == 12);
    CHECK(read({{"compression.type", "gzip"}, {"compression.level", "-1"}}).compression_level ==
          std::nullopt);
    CHECK(read({{"compression.type", "snappy"}, {"compression.level", "4"}}).compression_level ==
          std::nullopt);
}

TEST_CASE("what is not a writer's is refused with its place, or left out and listed") {
    CHECK(refused({{"group.id", "g", "f:3"}}) ==
          "f:3: group.id: this is a setting of a consumer, and this is the configuration of a "
          "writer");
    CHECK(has(refused({{"message.copy.max.bytes", "1", "f:4"}}),
              "f:4: message.copy.max.bytes: this library's writer does not have this setting"));
    CHECK(has(refused({{"acks", "2", "f:5"}}), "f:5: acks='2': expected all, -1, 1 or 0"));
    CHECK(has(refused({{"ackss", "1"}}), "did you mean 'acks'?"));
    std::vector<std::string> unused;
    const auto config = kafka::writer_config(
        Properties{{"group.id", "g"}, {"message.copy.max.bytes", "x"}, {"linger.ms", "1"}}, {},
        &unused);
    REQUIRE(config.has_value());
    CHECK(config->linger == 1ms);
    CHECK(unused == std::vector<std::string>{"group.id", "message.copy.max.bytes"});
}

TEST_CASE("a producer of transactions is configured as Java's") {
    const auto config =
        read({{"transactional.id", "orders-1"}, {"transaction.timeout.ms", "9000"}});
    CHECK(config.transactional_id == "orders-1");
    CHECK(config.transaction_timeout == 9s);
    CHECK(
        has(refused({{"transaction.timeout.ms", "0", "f:1"}}), "f:1: transaction.timeout.ms='0'"));
    const auto text = kafka::to_string(config);
    CHECK(has(text, "transactional_id=orders-1"));
    CHECK(has(text, "transaction_timeout=9000ms"));
}

TEST_CASE("a client leaves a writer's settings out, and the two share their time-outs") {
    const Properties properties{{"request.timeout.ms", "1500"}, {"linger.ms", "1"}};
    std::vector<std::string> unused;
    const auto client = kafka::client_config(properties, {}, &unused);
    REQUIRE(client.has_value());
    CHECK(client->conn.request_timeout == 1500ms);
    CHECK(unused == std::vector<std::string>{"linger.ms"});
    CHECK(read(properties).request_timeout == 1500ms);
}
