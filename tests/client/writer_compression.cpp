// SPDX-License-Identifier: Apache-2.0
// WriterConfig::compression_executor: batches that are compressed elsewhere.
#include <algorithm>
#include <future>
#include <random>
#include <string>
#include <vector>

#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/describe_configs.hpp>
#include <kafka/protocol/record_batch.hpp>

#include "writer_loop.hpp"

namespace kafka::testing {
namespace {

constexpr int records = 3000;

/// Small batches, so that many are compressed at a time.
WriterConfig many_batches(const asio::any_io_executor& executor, Told& told) {
    WriterConfig config{.topic = "t", .compression = Compression::zstd};
    config.batch_size = 2000;
    config.max_request_size = 20'000;
    config.compression_executor = executor;
    config.on_records = told.hook();
    return config;
}

/// One thread of a pool that waits until it is let go.
class Busy {
public:
    explicit Busy(asio::thread_pool& pool) {
        asio::post(pool, [free = free_.get_future().share()] { free.wait(); });
    }
    ~Busy() { let_go(); }
    void let_go() {
        if (!std::exchange(gone_, true)) free_.set_value();
    }

private:
    std::promise<void> free_;
    bool gone_ = false;
};

}  // namespace

TEST_CASE("batches that are compressed by several threads arrive in the order of their partition") {
    asio::thread_pool pool(3);
    Broker broker({.topics = {{"t", 2}}});
    Told told;
    WriterLoop loop(broker.bootstrap(), many_batches(pool.get_executor(), told));
    REQUIRE_FALSE(loop.first({.partition = 0, .value = "v0"}, 0));
    std::vector<std::string> expected{"v0"};
    for (int i = 1; i < records; ++i) {
        // Of very different effort.
        expected.push_back("v" + std::to_string(i) + std::string(i % 40 == 0 ? 1500 : 0, 'x'));
        Wait<> wait;
        loop.writer.async_write({.partition = 0, .value = expected.back()},
                                static_cast<std::uint64_t>(i), wait.handler());
        REQUIRE_FALSE(wait.get());
    }
    REQUIRE_FALSE(loop.close());
    CHECK(values_in(broker, "t", 0) == expected);
    CHECK(told.ends().size() == records);
    CHECK(told.twice() == 0);
    // Many were compressed, each by itself; the x alone would have been 112,500 bytes.
    const auto stats = loop.writer.stats();
    CHECK(stats.batches > 20);
    CHECK(stats.batch_bytes - stats.batches * protocol::batch_layout::records < 75'000);
}

TEST_CASE("what is being compressed is flushed, and counts for close") {
    asio::thread_pool pool(1);
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterLoop loop(broker.bootstrap(), many_batches(pool.get_executor(), told));
    REQUIRE_FALSE(loop.first({.value = "first"}, 0));
    REQUIRE_FALSE(loop.flush());
    Busy busy(pool);
    REQUIRE_FALSE(loop.writer.try_write({.value = "second"}, 1));
    Wait<> flushed, closed;
    loop.writer.async_flush(flushed.handler());
    loop.writer.async_close(30s, closed.handler());
    CHECK_FALSE(flushed.done(50ms));
    CHECK_FALSE(closed.done(0ms));
    busy.let_go();
    CHECK_FALSE(flushed.get());
    CHECK_FALSE(closed.get());
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"first", "second"});
}

TEST_CASE("close gives up what is still being compressed, and waits for no executor") {
    asio::thread_pool pool(1);
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    {
        Busy busy(pool);
        WriterLoop loop(broker.bootstrap(), many_batches(pool.get_executor(), told));
        REQUIRE_FALSE(loop.first({.value = "first"}, 7));
        Wait<> closed;
        loop.writer.async_close(50ms, closed.handler());
        CHECK(closed.get() == errc::delivery_timed_out);
        REQUIRE(told.wait(1));
        CHECK(told.ends()[7].error == errc::connection_closed);
        CHECK(loop.writer.stats().dropped == 1);
    }
    pool.join();
    CHECK(told.ends().size() == 1);
    CHECK(values_in(broker, "t", 0).empty());
}

TEST_CASE("abort_buffered drops what is being compressed, and what comes later goes its way") {
    asio::thread_pool pool(1);
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterLoop loop(broker.bootstrap(), many_batches(pool.get_executor(), told));
    {
        Busy busy(pool);
        REQUIRE_FALSE(loop.first({.value = "dropped"}, 1));
        Wait<> flushed;
        loop.writer.async_flush(flushed.handler());
        CHECK_FALSE(flushed.done(20ms));
        loop.writer.abort_buffered();
        CHECK_FALSE(flushed.get());
    }
    REQUIRE_FALSE(loop.first({.value = "kept"}, 2));
    REQUIRE_FALSE(loop.close());
    CHECK(told.ends()[1].error == asio::error::operation_aborted);
    CHECK_FALSE(told.ends()[2].error);
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"kept"});
    CHECK(loop.writer.stats().buffered_bytes == 0);
}

TEST_CASE("an event loop that is destroyed leaves a batch to the thread that compresses it") {
    asio::thread_pool pool(1);
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    Busy busy(pool);
    {
        WriterLoop loop(broker.bootstrap(), many_batches(pool.get_executor(), told));
        REQUIRE_FALSE(loop.first({.value = "first"}, 1));
        Wait<> flushed;
        loop.writer.async_flush(flushed.handler());
        CHECK_FALSE(flushed.done(20ms));
    }
    busy.let_go();
    pool.join();
}

TEST_CASE("records that a codec cannot make smaller go as they are") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    auto config = many_batches({}, told);
    WriterLoop loop(broker.bootstrap(), config);
    std::mt19937 random(7);
    std::string noise(1500, '\0');
    std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
    REQUIRE_FALSE(loop.first({.value = noise}, 1));
    REQUIRE_FALSE(loop.close());
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{noise});
}

TEST_CASE("a topic's own compression.type is respected if that is wanted") {
    Broker broker({.topics = {{"as-sent", 1},
                              {"zstd", 1, 1, {{"compression.type", "zstd"}}},
                              {"plain", 1, 1, {{"compression.type", "uncompressed"}}}}});
    const auto compressible = std::string(20'000, 'x');
    // What is sent, not what the broker makes of it: in the end, and then as it was.
    const auto is_compressed = [&](const char* topic, Compression own, bool wanted, bool expected) {
        WriterConfig config{.topic = topic, .compression = own};
        config.topic_compression = wanted;
        WriterLoop loop(broker.bootstrap(), config);
        const auto sent = [&] {
            const auto before = loop.writer.stats().batch_bytes;
            REQUIRE_FALSE(loop.first({.value = compressible}, 1));
            REQUIRE_FALSE(loop.flush());
            return loop.writer.stats().batch_bytes - before < 1000;
        };
        for (int i = 0; i < 400 && sent() != expected; ++i)
            std::this_thread::sleep_for(5ms);
        std::this_thread::sleep_for(20ms);
        const bool found = sent();
        REQUIRE_FALSE(loop.close());
        CHECK(values_in(broker, topic, 0).back() == compressible);
        return found;
    };
    const auto expect = [&](const char* topic, Compression own, bool wanted, bool expected) {
        CAPTURE(topic);
        CAPTURE(to_string(own));
        CHECK(is_compressed(topic, own, wanted, expected) == expected);
    };
    const auto asked = [&] { return broker.count<protocol::DescribeConfigsRequest>(); };
    expect("zstd", Compression::none, false, false);
    CHECK(asked() == 0);
    expect("zstd", Compression::none, true, true);
    CHECK(asked() == 1);
    expect("as-sent", Compression::none, true, false);
    expect("as-sent", Compression::lz4, true, true);
    expect("plain", Compression::lz4, true, false);
    // Where the broker does not tell, the writer's own is used.
    broker.add(Rule::on<protocol::DescribeConfigsRequest>().error(
        broker_errc::topic_authorization_failed));
    expect("zstd", Compression::none, true, false);
    expect("plain", Compression::lz4, true, true);
    CHECK(asked() == 6);
}

}  // namespace kafka::testing
