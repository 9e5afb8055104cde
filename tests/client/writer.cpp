// SPDX-License-Identifier: Apache-2.0
// Writer against the development broker: what is written, and what is told of it.
#include <algorithm>
#include <set>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/error.hpp>

#include <kafka/blocking/error.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/produce.hpp>

#include "client/writer_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::ProduceRequest;

TEST_CASE("messages are written to the writer's topic, and each result has its offset") {
    Broker broker({.topics = {{"t", 1}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    WriteResults results;
    CHECK_FALSE(w.write({message("a"), message("b"), message("c")}, &results));
    REQUIRE(results.messages.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(results.messages[i].error);
        CHECK(results.messages[i].partition == 0);
        CHECK(results.messages[i].offset == static_cast<std::int64_t>(i));
    }
    CHECK(results.failed == 0);
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"a", "b", "c"});
    CHECK_FALSE(w.write({message("d")}, &results));
    CHECK(results.messages.at(0).offset == 3);
    CHECK(broker.count<protocol::InitProducerIdRequest>() == 1);
}

TEST_CASE("key, value, headers and time arrive as they were given, nulls included") {
    Broker broker({.topics = {{"t", 1}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    Message full = message("value", "key");
    full.headers = {{"h1", "v1"}, {"h2", nullptr}};
    full.timestamp = Timestamp(1'700'000'000'123ms);
    Message tombstone;
    tombstone.key = "gone";
    CHECK_FALSE(w.write({full, tombstone}));
    protocol::RecordReader reader(broker.batches("t", 0));
    const auto* record = reader.next();
    REQUIRE(record);
    CHECK(record->key.text() == "key");
    CHECK(record->value.text() == "value");
    CHECK(record->timestamp == 1'700'000'000'123);
    REQUIRE(record->headers.size() == 2);
    CHECK(record->headers.last("h1")->text() == "v1");
    CHECK(record->headers.last("h2")->null());
    record = reader.next();
    REQUIRE(record);
    CHECK(record->value.null());
    CHECK(record->key.text() == "gone");
    CHECK(record->timestamp > 1'600'000'000'000);
}

TEST_CASE("one call writes to many topics and partitions, those that a message names") {
    Broker broker({.topics = {{"a", 3}, {"b", 2}}});
    WriterLoop w(broker.bootstrap(), {});
    std::vector<Message> messages;
    for (int i = 0; i < 300; ++i) {
        auto one = message(std::to_string(i));
        one.topic = i % 2 == 0 ? "a" : "b";
        one.partition = i % 2 == 0 ? i / 2 % 3 : i / 2 % 2;
        messages.push_back(one);
    }
    WriteResults results;
    CHECK_FALSE(w.write(messages, &results));
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& one = results.messages[i];
        CHECK(one.partition == messages[i].partition);
        const auto values = values_in(broker, messages[i].topic, one.partition);
        REQUIRE(one.offset >= 0);
        CHECK(values.at(static_cast<std::size_t>(one.offset)) == std::to_string(i));
    }
}

TEST_CASE(
    "what cannot be written fails by itself, with its own error, and the others are written") {
    Broker broker({.topics = {{"t", 2}}});
    WriterConfig config{.topic = "t", .max_block = 300ms};
    config.max_request_size = 300'000;
    WriterLoop w(broker.bootstrap(), std::move(config));
    auto far = message("far");
    far.partition = 7;
    auto elsewhere = message("x");
    elsewhere.topic = "no such\ntopic";
    auto old = message("old");
    old.timestamp = Timestamp(-5ms);
    WriteResults results;
    const auto ec = w.write({message("good"), far, message(std::string(400'000, 'x')), old,
                             elsewhere, message("good too")},
                            &results);
    CHECK(ec == broker_errc::unknown_topic_or_partition);
    REQUIRE(results.messages.size() == 6);
    CHECK_FALSE(results.messages[0].error);
    CHECK(results.messages[1].error == broker_errc::unknown_topic_or_partition);
    CHECK(results.messages[2].error == broker_errc::message_too_large);
    CHECK(results.messages[3].error == errc::invalid_argument);
    CHECK(results.messages[4].error);
    CHECK_FALSE(results.messages[5].error);
    CHECK(results.failed == 4);
    CHECK(results.detail.find("partition") != std::string::npos);
    CHECK(broker.record_count("t") == 2);
}

TEST_CASE("without a topic anywhere, a message is refused") {
    Broker broker;
    WriterLoop w(broker.bootstrap(), {});
    WriteResults results;
    CHECK(w.write({message("x")}, &results) == errc::invalid_argument);
    CHECK(results.detail.find("topic") != std::string::npos);
    CHECK(w.writer.try_write({.value = "x"}) == errc::invalid_argument);
}

TEST_CASE("try_write is refused until the topic is known, then reports each cookie once") {
    Broker broker({.topics = {{"t", 4}}});
    Told told;
    WriterLoop w(broker.bootstrap(), {.topic = "t", .on_records = told.hook()});
    CHECK_FALSE(w.first({.value = "0"}, 0));
    for (std::uint64_t i = 1; i < 5000; ++i) {
        const auto text = std::to_string(i);
        CHECK_FALSE(w.writer.try_write({.key = text, .value = text}, i));
    }
    REQUIRE(told.wait(5000));
    CHECK(told.twice() == 0);
    std::map<std::int32_t, std::vector<std::string>> logs;
    for (std::int32_t p = 0; p < 4; ++p)
        logs[p] = values_in(broker, "t", p);
    for (const auto& [cookie, end] : told.ends()) {
        REQUIRE_FALSE(end.error);
        CHECK(logs[end.partition].at(static_cast<std::size_t>(end.offset)) ==
              std::to_string(cookie));
    }
    CHECK(broker.record_count("t") == 5000);
    const auto stats = w.writer.stats();
    CHECK(stats.acknowledged == 5000);
    CHECK(stats.batches < 2000);
    CHECK(stats.delivery_time.count == stats.batches);
}

TEST_CASE("unkeyed records of a thread stay together, those that waited for the topic included") {
    Broker broker({.topics = {{"t", 20}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    std::vector<Wait<>> taken(10);
    for (std::size_t i = 0; i < taken.size(); ++i)
        w.writer.async_write({.value = "v"}, i, taken[i].handler());
    for (auto& each : taken)
        REQUIRE_FALSE(each.get());
    for (std::uint64_t i = 10; i < 20; ++i)
        REQUIRE_FALSE(w.writer.try_write({.value = "v"}, i));
    REQUIRE_FALSE(w.close());
    int used = 0;
    for (std::int32_t partition = 0; partition < 20; ++partition)
        used += values_in(broker, "t", partition).empty() ? 0 : 1;
    CHECK(used == 1);
}

TEST_CASE("eight threads write at once: every record once, in the order of its thread") {
    constexpr std::uint64_t threads = 8, each = 4000;
    Broker broker({.topics = {{"t", 5}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.batch_size = 8 * 1024;
    config.buffer_memory = 1 << 20;
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.first({.value = "first"}, threads * each));
    std::vector<std::thread> all;
    for (std::uint64_t t = 0; t < threads; ++t)
        all.emplace_back([&, t] {
            for (std::uint64_t i = 0; i < each; ++i) {
                const auto text = std::to_string(t) + ":" + std::to_string(i);
                const auto key = t % 2 == 0 ? protocol::BytesView(text) : protocol::BytesView();
                while (w.writer.try_write({.key = key, .value = text}, t * each + i))
                    std::this_thread::yield();
            }
        });
    for (auto& one : all)
        one.join();
    CHECK_FALSE(w.close());
    REQUIRE(told.ends().size() == threads * each + 1);
    CHECK(told.twice() == 0);
    for (const auto& [cookie, end] : told.ends())
        REQUIRE_FALSE(end.error);
    std::set<std::string> seen;
    for (std::int32_t p = 0; p < 5; ++p) {
        std::map<std::string, std::int64_t> last;
        for (const auto& value : values_in(broker, "t", p)) {
            CHECK(seen.insert(value).second);
            const auto colon = value.find(':');
            if (colon == value.npos) continue;
            const auto number = std::stoll(value.substr(colon + 1));
            auto& before = last.try_emplace(value.substr(0, colon), -1).first->second;
            CHECK(number > before);
            before = number;
        }
    }
    CHECK(seen.size() == threads * each + 1);
    CHECK(w.writer.stats().buffered_bytes == 0);
}

TEST_CASE("eight threads come to many topics at once, each in its own order") {
    constexpr std::size_t threads = 8, topics = 101;
    BrokerOptions options;
    for (std::size_t i = 0; i < topics; ++i)
        options.topics.push_back({"t" + std::to_string(i), 1});
    Broker broker(std::move(options));
    WriterLoop w(broker.bootstrap(), {});
    std::vector<std::thread> all;
    for (std::size_t t = 0; t < threads; ++t)
        all.emplace_back([&, t] {
            for (std::size_t i = 0; i < topics; ++i) {
                const auto topic = "t" + std::to_string((i * (t + 1)) % topics);
                while (w.writer.try_write({.topic = topic, .value = std::to_string(t)}))
                    std::this_thread::yield();
            }
        });
    for (auto& one : all)
        one.join();
    CHECK_FALSE(w.close());
    for (std::size_t i = 0; i < topics; ++i) {
        auto values = values_in(broker, "t" + std::to_string(i), 0);
        std::sort(values.begin(), values.end());
        CHECK(values == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7"});
    }
}

TEST_CASE("a leader that moves, brokers that stop: every record arrives once and in order") {
    Broker broker({.topics = {{"t", 3, 3}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.batch_size = 2048;
    config.retry_backoff = 20ms;
    config.retry_backoff_max = 100ms;
    ClientConfig client;
    client.retry_backoff = 20ms;
    client.retry_backoff_max = 100ms;
    WriterLoop w(broker.bootstrap(), std::move(config), client);
    CHECK_FALSE(w.first({.partition = 0, .value = "0"}, 0));
    constexpr std::uint64_t count = 6000;
    std::thread trouble([&] {
        for (int i = 0; i < 6; ++i) {
            std::this_thread::sleep_for(100ms);
            broker.shuffle_leaders();
            std::this_thread::sleep_for(50ms);
            const auto victim = 1 + i % 3;
            static_cast<void>(broker.stop_broker(victim));
            std::this_thread::sleep_for(100ms);
            static_cast<void>(broker.start_broker(victim));
            broker.drop_connections();
        }
    });
    for (std::uint64_t i = 1; i < count; ++i) {
        const auto text = std::to_string(i);
        const Record record{.partition = static_cast<std::int32_t>(i % 3), .value = text};
        while (w.writer.try_write(record, i))
            std::this_thread::sleep_for(1ms);
        if (i % 10 == 0) std::this_thread::sleep_for(1ms);
    }
    trouble.join();
    REQUIRE(told.wait(count, 60s));
    CHECK(told.twice() == 0);
    for (const auto& one : told.ends()) {
        const auto& end = one.second;
        CAPTURE(one.first);
        CHECK(end.detail == "");
        CHECK_FALSE(end.error);
    }
    std::size_t found = 0;
    for (std::int32_t p = 0; p < 3; ++p) {
        std::int64_t last = -1;
        for (const auto& value : values_in(broker, "t", p)) {
            const auto number = std::stoll(value);
            CHECK(number > last);
            last = number;
            ++found;
        }
    }
    CHECK(found == count);
}

TEST_CASE("an answer that is lost is asked for again, and the record is stored once") {
    Broker broker({.topics = {{"t", 1}}});
    broker.add(Rule::on<ProduceRequest>().once().disconnect(Stage::after));
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    WriteResults results;
    CHECK_FALSE(w.write({message("once")}, &results));
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"once"});
    CHECK(results.messages.at(0).offset == 0);
    CHECK(broker.count<ProduceRequest>() == 2);
    CHECK(w.writer.stats().retries == 1);
}

TEST_CASE("a broker that does not answer: the connection is closed after request_timeout") {
    Broker broker({.topics = {{"t", 1}}});
    broker.add(Rule::on<ProduceRequest>().once().hang(Stage::after));
    WriterConfig config{.topic = "t"};
    config.request_timeout = 300ms;
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.write({message("once")}));
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"once"});
}

TEST_CASE("not delivered in time: failed if it was never sent, unknown if it was") {
    Broker broker({.topics = {{"t", 1}}});
    WriterConfig config{.topic = "t"};
    config.request_timeout = 200ms;
    config.delivery_timeout = 500ms;
    config.linger = {};
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.write({message("first")}));
    SUBCASE("the broker answers nothing") {
        broker.add(Rule::on<ProduceRequest>().hang(Stage::before));
        WriteResults results;
        CHECK(w.write({message("lost")}, &results) == errc::outcome_unknown);
        CHECK(results.detail.size() > 0);
    }
    SUBCASE("the partition has no leader") {
        REQUIRE_FALSE(broker.move_leader("t", 0, -1));
        WriteResults results;
        CHECK(w.write({message("lost")}, &results) == errc::delivery_timed_out);
        CHECK(broker.record_count("t") == 1);
    }
}

TEST_CASE("a refusal of a broker fails the records with its word") {
    Broker broker({.topics = {{"t", 1}}});
    broker.add(Rule::on<ProduceRequest>().once().error(broker_errc::topic_authorization_failed));
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    CHECK(w.write({message("no")}) == broker_errc::topic_authorization_failed);
    CHECK_FALSE(w.write({message("yes")}));
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"yes"});
}

TEST_CASE("a topic that does not exist: a write waits for it, and fails with the broker's word") {
    Broker broker({.auto_create_topics = false});
    {
        WriterConfig config{.topic = "late"};
        config.max_block = 300ms;
        WriterLoop w(broker.bootstrap(), std::move(config));
        WriteResults results;
        CHECK(w.write({message("x")}, &results) == broker_errc::unknown_topic_or_partition);
        CHECK(results.detail.find("late") != std::string::npos);
    }
    WriterLoop w(broker.bootstrap(), {.topic = "late"});
    Wait<WriteResults> wait;
    const std::vector messages{message("y")};
    w.writer.async_write_messages(messages, wait.handler());
    CHECK_FALSE(wait.done(100ms));
    REQUIRE(broker.create_topic("late"));
    CHECK_FALSE(wait.get());
    CHECK(broker.record_count("late") == 1);
}

TEST_CASE("with allow_auto_topic_creation the broker makes the topic") {
    Broker broker;
    asio::io_context io;
    ClientConfig client;
    client.bootstrap = broker.bootstrap();
    Writer writer(io.get_executor(), client, {.topic = "fresh", .allow_auto_topic_creation = true});
    std::error_code result = asio::error::in_progress;
    const std::vector messages{message("x")};
    writer.async_write_messages(messages,
                                [&](std::error_code ec, const WriteResults&) { result = ec; });
    while (result == asio::error::in_progress)
        io.run_one();
    CHECK_FALSE(result);
    CHECK(broker.record_count("fresh") == 1);
    Client shared(io, client);
    CHECK_THROWS_AS(Writer(shared, {.allow_auto_topic_creation = true}), Error);
}

TEST_CASE("acks none and leader: records arrive; with none nobody knows the offset") {
    for (const auto acks : {RequiredAcks::none, RequiredAcks::leader}) {
        Broker broker({.topics = {{"t", 1}}});
        WriterConfig config{.topic = "t", .acks = acks, .enable_idempotence = false};
        WriterLoop w(broker.bootstrap(), std::move(config));
        WriteResults results;
        CHECK_FALSE(w.write({message("x")}, &results));
        CHECK(results.messages.at(0).offset == (acks == RequiredAcks::none ? -1 : 0));
        for (int i = 0; i < 100 && broker.record_count("t") == 0; ++i)
            std::this_thread::sleep_for(10ms);
        CHECK(broker.record_count("t") == 1);
        CHECK(broker.count<protocol::InitProducerIdRequest>() == 0);
    }
}

TEST_CASE("records are compressed with the codec that was asked for") {
    for (const auto codec :
         {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
        if (!codec::available(codec)) continue;
        Broker broker({.topics = {{"t", 1}}});
        WriterLoop w(broker.bootstrap(), {.topic = "t", .compression = codec});
        std::vector<Message> messages(200, message(std::string(100, 'x')));
        CHECK_FALSE(w.write(messages));
        CHECK(values_in(broker, "t", 0).size() == 200);
        CHECK(broker.batches("t", 0).size() < 10'000);
        protocol::RecordReader reader(broker.batches("t", 0), {.decompress = codec::decompress});
        REQUIRE(reader.next());
        CHECK(reader.batch()->compression() == codec);
        CHECK(w.writer.stats().batch_bytes < 10'000);
    }
}

TEST_CASE("a batch that the broker finds too large is cut, and all of it arrives in order") {
    Broker broker({.topics = {{"t", 1}}, .message_max_bytes = 3000});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    std::vector<Message> messages;
    for (int i = 0; i < 100; ++i)
        messages.push_back(message(std::to_string(1000 + i) + std::string(200, 'x')));
    WriteResults results;
    CHECK_FALSE(w.write(messages, &results));
    const auto values = values_in(broker, "t", 0);
    REQUIRE(values.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(values[i] == messages[i].value.text());
        CHECK(results.messages[i].offset == static_cast<std::int64_t>(i));
    }
    CHECK(w.writer.stats().splits > 0);
}

TEST_CASE("partitions that are added are used, and a topic that is made anew is written to") {
    Broker broker({.topics = {{"t", 1}}});
    ClientConfig client;
    client.metadata_max_age = 200ms;
    WriterLoop w(broker.bootstrap(), {.topic = "t"}, client);
    CHECK_FALSE(w.write({message("first")}));
    REQUIRE_FALSE(broker.add_partitions("t", 3));
    auto one = message("third");
    one.partition = 2;
    std::error_code ec;
    for (int i = 0; i < 100 && (ec = w.write({one})); ++i)
        std::this_thread::sleep_for(50ms);
    CHECK_FALSE(ec);
    CHECK(values_in(broker, "t", 2) == std::vector<std::string>{"third"});
    REQUIRE_FALSE(broker.recreate_topic("t"));
    CHECK_FALSE(w.write({message("anew")}));
    CHECK(broker.record_count("t") == 1);
}

TEST_CASE("KIP-467: records that the broker refuses fail, and the others of their batch do not") {
    Broker broker({.topics = {{"t", 1, 0, {{"cleanup.policy", "compact"}}}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    WriteResults results;
    // A compacted topic takes no record without a key.
    CHECK(w.write({message("a", "k"), message("b"), message("c", "k")}, &results) ==
          broker_errc::invalid_record);
    REQUIRE(results.messages.size() == 3);
    CHECK_FALSE(results.messages[0].error);
    CHECK(results.messages[1].error == broker_errc::invalid_record);
    CHECK_FALSE(results.messages[2].error);
    CHECK(results.messages[2].offset == 1);
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"a", "c"});
}

TEST_CASE("handlers that throw, and writes from inside them, do no harm") {
    Broker broker({.topics = {{"t", 1}}});
    std::atomic<int> calls{0};
    Writer* again = nullptr;
    WriterConfig config{.topic = "t"};
    config.on_records = [&](const WrittenRecords& records) {
        CHECK(records.cookies.size() > 0);
        const auto before = calls.fetch_add(static_cast<int>(records.cookies.size()));
        if (before < 50) CHECK_FALSE(again->try_write({.value = "again"}));
        throw 1;
    };
    WriterLoop w(broker.bootstrap(), std::move(config));
    again = &w.writer;
    CHECK_FALSE(w.first({.value = "x"}, 1));
    for (int i = 0; i < 500 && calls < 51; ++i)
        std::this_thread::sleep_for(10ms);
    CHECK(calls == 51);
    CHECK(w.writer.stats().failed_callbacks == 51);
}
