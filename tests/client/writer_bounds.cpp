// SPDX-License-Identifier: Apache-2.0
// Writer: memory bounds, waiting, flush, close, cancellation and the ends of everything.
#include <algorithm>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include <kafka/blocking/writer.hpp>
#include <kafka/protocol/produce.hpp>

#include "client/writer_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::ProduceRequest;
using Clock = std::chrono::steady_clock;

namespace {

/// Small enough to be full soon.
WriterConfig tight(OnRecords hook = {}) {
    WriterConfig config{.topic = "t", .on_records = std::move(hook)};
    config.batch_size = 4096;
    config.buffer_memory = 64 * 1024;
    return config;
}
const std::string kilobyte(1000, 'x');

}  // namespace

TEST_CASE("a configuration that cannot work is refused with a sentence") {
    const auto detail = [](WriterConfig config) {
        const auto failure = check_writer_config(config);
        CHECK(failure.code == errc::invalid_argument);
        return failure.detail;
    };
    CHECK_FALSE(check_writer_config({}));
    CHECK(detail({.acks = RequiredAcks::leader}).find("acks") != std::string::npos);
    CHECK(detail({.max_in_flight_requests_per_connection = 6}).find("at most 5") !=
          std::string::npos);
    CHECK(detail({.batch_size = 5}).find("batch_size is 5") != std::string::npos);
    CHECK(detail({.buffer_memory = 1000}).find("no batch fits") != std::string::npos);
    CHECK(detail({.batch_size = 1024, .buffer_memory = 5000}).find("no batch fits") !=
          std::string::npos);
    CHECK(detail({.delivery_timeout = std::chrono::milliseconds(100)}).find("linger") !=
          std::string::npos);
    CHECK(detail({.compression = Compression::gzip, .compression_level = 12}).find("1 to 9") !=
          std::string::npos);
    CHECK(detail({.balancer = FunctionBalancer{}}).size() > 0);
    asio::io_context io;
    Client client(io, {});
    CHECK_THROWS_WITH_AS(Writer(client, {.batch_size = 5}), doctest::Contains("batch_size is 5"),
                         Error);
}

TEST_CASE("BI-59: the memory of all buffers stays within buffer_memory, while brokers do nothing") {
    Broker broker({.topics = {{"t", 4}}});
    Told told;
    WriterLoop w(broker.bootstrap(), tight(told.hook()));
    CHECK_FALSE(w.first({.value = "first"}, 0));
    REQUIRE(told.wait(1));
    for (int i = 0; i < 1000 && w.writer.stats().buffered_bytes > 0; ++i)
        std::this_thread::sleep_for(1ms);
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.pause_broker(id));
    std::uint64_t taken = 0;
    std::error_code ec;
    while (!(ec = w.writer.try_write({.value = kilobyte}, taken + 1))) {
        ++taken;
        REQUIRE(taken < 1000);
        CHECK(w.writer.stats().buffered_bytes <= 64 * 1024);
    }
    CHECK(ec == errc::buffer_full);
    CHECK(taken > 30);
    // Who waits is let in when there is room.
    Wait<> wait;
    w.writer.async_write({.value = kilobyte}, 1000, wait.handler());
    CHECK_FALSE(wait.done(50ms));
    CHECK(w.writer.stats().waiting_writes == 1);
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.resume_broker(id));
    CHECK_FALSE(wait.get());
    REQUIRE(told.wait(taken + 2));
    CHECK_FALSE(told.ends().at(1000).error);
    CHECK_FALSE(w.flush());
    CHECK(w.writer.stats().buffered_bytes == 0);
    CHECK(w.writer.stats().waiting_writes == 0);
}

TEST_CASE("statistics say what waits for which partition, and how long requests took") {
    Broker broker({.topics = {{"t", 2}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t", .batch_records = 10});
    CHECK_FALSE(w.first({.partition = 1, .value = "first"}, 25));
    CHECK_FALSE(w.flush());
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.pause_broker(id));
    for (std::uint64_t i = 0; i < 25; ++i)
        REQUIRE_FALSE(w.writer.try_write({.partition = 1, .value = "v"}, i));
    // Closed or open, each record is somewhere.
    WriterStats stats;
    for (int i = 0; i < 5000; ++i) {
        stats = w.writer.stats();
        if (stats.backlog.size() == 1 && stats.accepted + stats.backlog[0].records == 26) break;
        std::this_thread::sleep_for(1ms);
    }
    REQUIRE(stats.backlog.size() == 1);
    CHECK(stats.backlog[0].topic == "t");
    CHECK(stats.backlog[0].partition == 1);
    CHECK(stats.backlog[0].batches >= 2);
    CHECK(stats.backlog[0].records < 10);
    CHECK(stats.accepted + stats.backlog[0].records == 26);
    CHECK(stats.acknowledged == 1);
    std::this_thread::sleep_for(20ms);
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.resume_broker(id));
    CHECK_FALSE(w.flush());
    stats = w.writer.stats();
    CHECK(stats.backlog.empty());
    CHECK(stats.acknowledged == 26);
    CHECK(stats.request_time.count == stats.requests);
    CHECK(stats.request_time.max >= 20'000);
    CHECK(stats.delivery_time.max >= 20'000);
    CHECK(stats.batch_records.max == 10);
}

TEST_CASE("batches are no larger than a request may be, nor than half of the memory") {
    for (const WriterConfig& given : {WriterConfig{.topic = "t", .max_request_size = 5000},
                                      WriterConfig{.topic = "t", .buffer_memory = 10'000}}) {
        Broker broker({.topics = {{"t", 1}}});
        WriterLoop w(broker.bootstrap(), given);
        const std::vector<Message> messages(100, message(kilobyte));
        CHECK_FALSE(w.write(messages));
        const auto sizes = w.writer.stats().batch_size;
        CHECK(sizes.max <= 5000);
        CHECK(sizes.max > 2000);
        CHECK(values_in(broker, "t", 0).size() == 100);
    }
}

TEST_CASE("a write that finds no room within max_block fails, and what it waited for does not") {
    Broker broker({.topics = {{"t", 1}}});
    auto config = tight();
    config.max_block = 200ms;
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.write({message("first")}));
    REQUIRE_FALSE(broker.pause_broker(broker.leader("t", 0)));
    Wait<WriteResults> many;
    const std::vector<Message> messages(200, message(kilobyte));
    w.writer.async_write_messages(messages, many.handler());
    Wait<> one;
    w.writer.async_write({.value = kilobyte}, 1, one.handler());
    CHECK(one.get() == errc::buffer_full);
    CHECK_FALSE(many.done(100ms));
    REQUIRE_FALSE(broker.resume_broker(broker.leader("t", 0)));
    CHECK(many.get() == errc::buffer_full);
    std::size_t written = 0;
    for (const auto& result : many.result().messages)
        if (!result.error) ++written;
    CHECK(written > 30);
    CHECK(written + many.result().failed == 200);
    CHECK(broker.record_count("t") == static_cast<std::int64_t>(written) + 1);
    CHECK(many.result().detail.find("max_block") != std::string::npos);
}

TEST_CASE("one call may be larger than all buffers together: it is taken piece by piece") {
    Broker broker({.topics = {{"t", 3}}});
    WriterLoop w(broker.bootstrap(), tight());
    std::vector<Message> messages;
    for (int i = 0; i < 500; ++i) {
        messages.push_back(message(std::to_string(i) + kilobyte));
        messages.back().partition = i % 3;
    }
    CHECK_FALSE(w.write(messages));
    for (std::int32_t p = 0; p < 3; ++p) {
        const auto values = values_in(broker, "t", p);
        std::size_t at = 0;
        for (int i = p; i < 500; i += 3)
            CHECK(values.at(at++) == messages[static_cast<std::size_t>(i)].value.text());
        CHECK(at == values.size());
    }
}

TEST_CASE("buffer_records bounds the records; with OnFull::fail nobody waits") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterConfig config{.topic = "t", .on_full = OnFull::fail, .on_records = told.hook()};
    config.buffer_records = 10;
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.first({.value = "first"}, 0));
    REQUIRE(told.wait(1));
    CHECK_FALSE(w.flush());
    REQUIRE_FALSE(broker.pause_broker(broker.leader("t", 0)));
    for (std::uint64_t i = 1; i <= 10; ++i)
        CHECK_FALSE(w.writer.try_write({.value = "x"}, i));
    CHECK(w.writer.try_write({.value = "x"}, 11) == errc::buffer_full);
    CHECK(w.first({.value = "x"}, 12) == errc::buffer_full);
    REQUIRE_FALSE(broker.resume_broker(broker.leader("t", 0)));
    REQUIRE(told.wait(11));
    CHECK_FALSE(w.flush());
    CHECK_FALSE(w.writer.try_write({.value = "x"}, 13));
}

TEST_CASE("OnFull::drop_oldest takes every record, and reports those that went for it") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    auto config = tight(told.hook());
    config.on_full = OnFull::drop_oldest;
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.first({.value = "0"}, 0));
    REQUIRE(told.wait(1));
    REQUIRE_FALSE(broker.pause_broker(broker.leader("t", 0)));
    for (std::uint64_t i = 1; i <= 300; ++i) {
        // What was dropped takes a little until it is reported.
        while (const auto ec = w.writer.try_write({.value = std::to_string(i) + kilobyte}, i)) {
            REQUIRE(ec == errc::buffer_full);
            std::this_thread::yield();
        }
        CHECK(w.writer.stats().buffered_bytes <= 64 * 1024);
    }
    REQUIRE_FALSE(broker.resume_broker(broker.leader("t", 0)));
    CHECK_FALSE(w.flush());
    REQUIRE(told.wait(301));
    CHECK(told.twice() == 0);
    std::size_t stored = 0;
    const auto ends = told.ends();
    for (const auto& [cookie, end] : ends) {
        if (!end.error)
            ++stored;
        else
            CHECK(end.error == errc::buffer_full);
    }
    CHECK_FALSE(ends.at(300).error);
    CHECK(stored < 150);
    CHECK(broker.record_count("t") == static_cast<std::int64_t>(stored));
    const auto stats = w.writer.stats();
    CHECK(stats.dropped == 301 - stored);
    CHECK(stats.failed == stats.dropped);
    CHECK(stats.accepted == 301);
    CHECK(w.writer.stats().buffered_bytes == 0);
}

TEST_CASE("flush waits for what was taken before it, close writes it, and then nothing is taken") {
    Broker broker({.topics = {{"t", 4}}});
    Told told;
    WriterLoop w(broker.bootstrap(), {.topic = "t", .on_records = told.hook()});
    CHECK_FALSE(w.first({.value = "first"}, 0));
    for (std::uint64_t i = 1; i <= 100; ++i)
        CHECK_FALSE(w.writer.try_write({.key = std::to_string(i), .value = "x"}, i));
    CHECK_FALSE(w.flush());
    CHECK(told.ends().size() == 101);
    CHECK_FALSE(w.flush());  // nothing to do
    for (std::uint64_t i = 101; i <= 200; ++i)
        CHECK_FALSE(w.writer.try_write({.key = std::to_string(i), .value = "x"}, i));
    CHECK_FALSE(w.close());
    CHECK(told.ends().size() == 201);
    CHECK(broker.record_count("t") == 201);
    CHECK(w.writer.try_write({.value = "x"}) == errc::connection_closed);
    CHECK(w.write({message("x")}) == errc::connection_closed);
    CHECK(w.flush() == errc::connection_closed);
    CHECK_FALSE(w.close());
}

TEST_CASE("close gives up after its time: unknown if it was sent, else failed") {
    Broker broker({.topics = {{"t", 2}}});
    Told told;
    WriterLoop w(broker.bootstrap(), {.topic = "t", .on_records = told.hook()});
    CHECK_FALSE(w.first({.partition = 0, .value = "first"}, 0));
    CHECK_FALSE(w.first({.partition = 1, .value = "first"}, 1));
    REQUIRE(told.wait(2));
    broker.add(Rule::on<ProduceRequest>().hang());
    REQUIRE_FALSE(broker.move_leader("t", 1, -1));
    Wait<WriteResults> sent;
    auto one = message("sent");
    one.partition = 0;
    w.writer.async_write_messages(std::span(&one, 1), sent.handler());
    REQUIRE(broker.wait_count<ProduceRequest>(3, 5s));
    const auto start = Clock::now();
    CHECK(w.close(300ms) == errc::delivery_timed_out);
    CHECK(Clock::now() - start < 5s);
    CHECK(sent.get() == errc::outcome_unknown);
}

TEST_CASE("abort_buffered drops what is in no request") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterLoop w(broker.bootstrap(), {.topic = "t", .on_records = told.hook()});
    CHECK_FALSE(w.first({.value = "first"}, 0));
    REQUIRE(told.wait(1));
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    for (std::uint64_t i = 1; i <= 50; ++i)
        CHECK_FALSE(w.writer.try_write({.value = "x"}, i));
    // What was in a request comes back: the old leader refuses it.
    for (int i = 0; i < 100 && !told.wait(51, 20ms); ++i)
        w.writer.abort_buffered();
    REQUIRE(told.wait(51));
    for (const auto& [cookie, end] : told.ends())
        if (cookie > 0) CHECK(end.error == asio::error::operation_aborted);
    CHECK_FALSE(w.flush());
    CHECK(w.writer.stats().buffered_bytes == 0);
}

TEST_CASE("a write is cancelled: at once, and what was taken is unknown to it") {
    Broker broker({.topics = {{"t", 1}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    CHECK_FALSE(w.write({message("first")}));
    REQUIRE_FALSE(broker.pause_broker(broker.leader("t", 0)));
    asio::cancellation_signal signal;
    Wait<WriteResults> wait;
    const std::vector messages{message("x"), message("y")};
    w.writer.async_write_messages(messages,
                                  asio::bind_cancellation_slot(signal.slot(), wait.handler()));
    signal.emit(asio::cancellation_type::total);  // it was taken
    CHECK_FALSE(wait.done(50ms));
    signal.emit(asio::cancellation_type::terminal);
    CHECK(wait.get() == asio::error::operation_aborted);
    REQUIRE(wait.result().messages.size() == 2);
    CHECK(wait.result().messages[0].error == errc::outcome_unknown);
    REQUIRE_FALSE(broker.resume_broker(broker.leader("t", 0)));
    CHECK_FALSE(w.flush());
    CHECK(broker.record_count("t") == 3);
}

TEST_CASE("a writer that is destroyed without close ends its calls and waits for nobody") {
    Broker broker({.topics = {{"t", 1}}});
    asio::io_context io;
    ClientConfig config;
    config.bootstrap = broker.bootstrap();
    std::vector<std::string> log;
    config.conn.log = [&](const LogRecord& record) { log.emplace_back(record.message); };
    Client client(io, config);
    bool told = false;
    auto writer = std::make_unique<Writer>(
        client, WriterConfig{.topic = "t", .on_records = [&](const auto&) { told = true; }});
    std::error_code first = asio::error::in_progress, second = asio::error::in_progress;
    const std::vector messages{message("x")};
    writer->async_write_messages(messages,
                                 [&](std::error_code ec, const WriteResults&) { first = ec; });
    while (first == asio::error::in_progress)
        io.run_one();
    CHECK_FALSE(first);
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    CHECK_FALSE(writer->try_write({.value = "dropped"}, 1));
    writer->async_write_messages(messages,
                                 [&](std::error_code ec, const WriteResults&) { second = ec; });
    writer.reset();
    io.restart();
    while (second == asio::error::in_progress)
        io.run_one();
    // What runs before the end may have begun to send it.
    CHECK((second == errc::connection_closed || second == errc::outcome_unknown));
    CHECK_FALSE(told);
    CHECK(std::count(log.begin(), log.end(), "destroyed with records that were not written") == 1);
}

TEST_CASE(
    "an event loop that is destroyed takes the handlers along, also those that own the writer") {
    Broker broker({.topics = {{"t", 1}}});
    const auto token = std::make_shared<int>();
    {
        asio::io_context io;
        ClientConfig config;
        config.bootstrap = broker.bootstrap();
        Client client(io, config);
        auto writer = std::make_shared<Writer>(client, WriterConfig{.topic = "t"});
        std::error_code first = asio::error::in_progress;
        const std::vector messages{message("x")};
        writer->async_write_messages(messages,
                                     [&](std::error_code ec, const WriteResults&) { first = ec; });
        while (first == asio::error::in_progress)
            io.run_one();
        REQUIRE_FALSE(broker.pause_broker(broker.leader("t", 0)));
        SUBCASE("in a request") {
            writer->async_write_messages(messages, [writer, token](auto...) { FAIL("called"); });
            io.restart();
            io.run_for(50ms);
        }
        SUBCASE("taken") {
            writer->async_write_messages(messages, [writer, token](auto...) { FAIL("called"); });
            writer->async_flush([writer, token](auto...) { FAIL("called"); });
        }
        SUBCASE("waiting for a topic") {
            auto elsewhere = messages;
            elsewhere[0].topic = "unknown";
            writer->async_write_messages(elsewhere, [writer, token](auto...) { FAIL("called"); });
            io.restart();
            io.run_for(20ms);
        }
        SUBCASE("closing") {
            writer->async_write_messages(messages, [writer, token](auto...) { FAIL("called"); });
            writer->async_close([writer, token](auto...) { FAIL("called"); });
            io.restart();
            io.run_for(20ms);
        }
    }
    CHECK(token.use_count() == 1);
}

TEST_CASE("when the Client is closed, what was taken ends") {
    Broker broker({.topics = {{"t", 1}}});
    WriterLoop w(broker.bootstrap(), {.topic = "t"});
    CHECK_FALSE(w.write({message("first")}));
    REQUIRE_FALSE(broker.pause_broker(broker.leader("t", 0)));
    Wait<WriteResults> wait;
    const std::vector messages{message("x")};
    w.writer.async_write_messages(messages, wait.handler());
    std::this_thread::sleep_for(20ms);
    w.client.close();
    CHECK(wait.get() == errc::outcome_unknown);
    CHECK(w.write({message("y")}) == errc::connection_closed);
    REQUIRE_FALSE(broker.resume_broker(broker.leader("t", 0)));
}

TEST_CASE("a write whose caller waits is not held; others are, for less than linger") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.linger = 10s;
    config.request_timeout = 5s;
    WriterLoop w(broker.bootstrap(), std::move(config));
    CHECK_FALSE(w.write({message("first")}));
    const auto start = Clock::now();
    for (int i = 0; i < 20; ++i)
        CHECK_FALSE(w.write({message("x")}));
    CHECK(broker.count<ProduceRequest>() == 21);
    CHECK(Clock::now() - start < 5s);
    // Fire and forget: many in a request, and none is left behind.
    for (std::uint64_t i = 0; i < 2000; ++i)
        CHECK_FALSE(w.writer.try_write({.value = "y"}, i));
    REQUIRE(told.wait(2000, 5s));
    CHECK(broker.count<ProduceRequest>() < 300);
}

TEST_CASE("blocking: the same with exceptions") {
    Broker broker({.topics = {{"t", 2}}});
    ClientConfig client;
    client.bootstrap = broker.bootstrap();
    Told told;
    blocking::Writer writer(client, {.topic = "t", .on_records = told.hook()});
    const std::vector messages{message("a"), message("b")};
    CHECK(writer.write_messages(messages).messages.size() == 2);
    writer.write({.value = "c"}, 7);
    writer.flush();
    CHECK(told.ends().count(7) == 1);
    auto wrong = messages;
    wrong[1].partition = 9;
    WriteResults results;
    CHECK_THROWS_WITH_AS(writer.write_messages(wrong, &results), doctest::Contains("partition"),
                         Error);
    CHECK(results.failed == 1);
    writer.close();
    CHECK_THROWS_AS(writer.write({.value = "late"}), Error);
    CHECK(broker.record_count("t") == 4);
}
