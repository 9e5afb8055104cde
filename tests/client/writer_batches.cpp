// SPDX-License-Identifier: Apache-2.0
// async_write_batch(): batches that were made elsewhere.
#include <string>
#include <vector>

#include <asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <kafka/blocking/writer.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "writer_loop.hpp"

namespace kafka::testing {
namespace {

std::vector<std::uint8_t> batch_of(const std::vector<std::string>& values,
                                   Compression codec = Compression::none) {
    protocol::RecordBatchBuilder builder;
    for (const auto& value : values)
        REQUIRE(builder.append(protocol::RecordRef{.value = value, .timestamp = 1'700'000'000'000},
                               1 << 22));
    ByteBuffer out;
    const auto batch = builder.seal_into(out, {}, codec, codec::compress);
    REQUIRE(batch);
    return {batch->begin(), batch->end()};
}

struct Passed {
    std::error_code ec;
    WriteResults results;
};
Passed pass(WriterLoop& loop, std::string_view topic, std::int32_t partition,
            std::span<const std::uint8_t> batch) {
    Wait<WriteResults> wait;
    loop.writer.async_write_batch(topic, partition, batch, wait.handler());
    Passed passed{wait.get(), {}};
    passed.results = wait.result();
    return passed;
}

}  // namespace

TEST_CASE("a batch is passed through as it is, behind what was taken before it") {
    Broker broker({.topics = {{"t", 2}}});
    WriterLoop loop(broker.bootstrap(), {.topic = "t", .compression = Compression::gzip});
    REQUIRE_FALSE(loop.first({.partition = 1, .value = "first"}, 1));
    const auto [ec, results] = pass(loop, {}, 1, batch_of({"a", "b", "c"}, Compression::zstd));
    REQUIRE_FALSE(ec);
    REQUIRE(results.messages.size() == 3);
    for (int i = 0; i < 3; ++i) {
        CHECK(results.messages[static_cast<std::size_t>(i)].partition == 1);
        CHECK(results.messages[static_cast<std::size_t>(i)].offset == 1 + i);
    }
    REQUIRE_FALSE(loop.first({.partition = 1, .value = "last"}, 2));
    REQUIRE_FALSE(loop.close());
    CHECK(values_in(broker, "t", 1) == std::vector<std::string>{"first", "a", "b", "c", "last"});
    CHECK(loop.writer.stats().buffered_bytes == 0);
}

TEST_CASE("a batch waits until its topic is known, and for room") {
    Broker broker({.topics = {{"t", 1}, {"u", 1}}});
    WriterConfig config{.topic = "t"};
    config.batch_size = 2000;
    config.buffer_memory = 20'000;
    WriterLoop loop(broker.bootstrap(), config);
    std::vector<std::string> expected;
    std::vector<Wait<WriteResults>> waits(30);
    for (std::size_t i = 0; i < waits.size(); ++i) {
        const std::vector<std::string> values(3, "v" + std::to_string(i) + std::string(1000, 'x'));
        const auto batch = batch_of(values);
        expected.insert(expected.end(), values.begin(), values.end());
        loop.writer.async_write_batch("u", 0, batch, waits[i].handler());
    }
    for (auto& wait : waits)
        CHECK_FALSE(wait.get());
    CHECK(values_in(broker, "u", 0) == expected);
}

TEST_CASE("what is no batch is refused before anything is sent, and the reason is told") {
    Broker broker({.topics = {{"t", 1}}});
    WriterLoop loop(broker.bootstrap(), {.topic = "t"});
    REQUIRE_FALSE(loop.first({.value = "first"}, 1));
    auto damaged = batch_of({"a"});
    damaged.back() ^= 1;
    auto passed = pass(loop, {}, 0, damaged);
    CHECK(passed.ec == errc::corrupt_records);
    CHECK_FALSE(passed.results.detail.empty());
    CHECK(passed.results.messages.empty());
    const std::vector<std::uint8_t> text{'n', 'o'};
    CHECK(pass(loop, {}, 0, text).ec);
    CHECK(pass(loop, {}, -1, batch_of({"a"})).ec == errc::invalid_argument);
    CHECK(pass(loop, {}, 7, batch_of({"a"})).ec == broker_errc::unknown_topic_or_partition);
    const auto large = batch_of({std::string(1 << 19, 'x'), std::string(1 << 19, 'y')});
    CHECK(pass(loop, {}, 0, large).ec == broker_errc::message_too_large);
    REQUIRE_FALSE(loop.close());
    CHECK(pass(loop, {}, 0, batch_of({"a"})).ec == errc::connection_closed);
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"first"});
}

TEST_CASE("a batch does not overtake those that are still being compressed") {
    asio::thread_pool pool(2);
    Broker broker({.topics = {{"t", 1}}});
    WriterConfig config{.topic = "t", .compression = Compression::zstd};
    config.compression_executor = pool.get_executor();
    WriterLoop loop(broker.bootstrap(), config);
    REQUIRE_FALSE(loop.first({.value = "0"}, 0));
    std::vector<std::string> expected{"0"};
    std::vector<Wait<WriteResults>> waits(20);
    for (std::size_t i = 0; i < waits.size(); ++i) {
        expected.push_back("r" + std::to_string(i) + std::string(20'000, 'x'));
        REQUIRE_FALSE(loop.writer.try_write({.value = expected.back()}, i));
        expected.push_back("b" + std::to_string(i));
        loop.writer.async_write_batch({}, 0, batch_of({expected.back()}), waits[i].handler());
    }
    for (auto& wait : waits)
        CHECK_FALSE(wait.get());
    CHECK(values_in(broker, "t", 0) == expected);
}

TEST_CASE("blocking: a batch is passed through, and its failure is thrown") {
    Broker broker({.topics = {{"t", 1}}});
    blocking::Writer writer({.bootstrap = broker.bootstrap()}, {.topic = "t"});
    const auto results = writer.write_batch("t", 0, batch_of({"a", "b"}));
    CHECK(results.messages.size() == 2);
    CHECK_THROWS_AS(writer.write_batch("t", 5, batch_of({"a"})), Error);
    writer.close();
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"a", "b"});
}

}  // namespace kafka::testing
