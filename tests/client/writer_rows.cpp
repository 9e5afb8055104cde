// SPDX-License-Identifier: Apache-2.0
// Writer::try_write() of many records: the same as one by one, and how far it came.
#include <array>
#include <chrono>
#include <set>
#include <thread>

#include <kafka/blocking/writer.hpp>
#include <kafka/error.hpp>

#include "client/client_loop.hpp"
#include "client/writer_loop.hpp"

using namespace kafka;
using namespace kafka::testing;

namespace {

/// Records whose texts live as long as they do.
struct Row {
    explicit Row(std::size_t count) : texts(count), records(count) {
        for (std::size_t i = 0; i < count; ++i) {
            texts[i] = std::to_string(i);
            records[i].value = texts[i];
        }
    }

    std::vector<std::string> texts;
    std::vector<Record> records;
};

/// Takes the row in as many calls as it needs, waiting for room.
void write_all(WriterLoop& w, std::span<const Record> records, std::uint64_t cookie = 0) {
    for (std::size_t at = 0; at < records.size();) {
        std::error_code ec;
        const auto taken = w.writer.try_write(records.subspan(at), cookie + at, ec);
        at += taken;
        REQUIRE((ec || at == records.size()));
        if (!ec) continue;
        REQUIRE((ec == errc::buffer_full || ec == errc::topic_not_ready));
        REQUIRE_FALSE(w.first(records[at], cookie + at));
        ++at;
    }
}

}  // namespace

TEST_CASE("a row's records of all kinds go where they would go by themselves, each in its order") {
    Broker broker({.topics = {{"t", 4}, {"other", 3}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.batch_size = 2000;  // rows that fill batches
    config.max_request_size = 20'000;
    WriterLoop w(broker.bootstrap(), std::move(config));
    Row row(6000);
    const std::string large(3000, 'x');
    const std::array<protocol::RecordHeaderView, 1> headers{{{"h", "v"}}};
    for (std::size_t i = 0; i < row.records.size(); ++i) {
        auto& record = row.records[i];
        if (i % 7 == 1) record.key = row.texts[i % 70];
        if (i % 11 == 3) record.partition = static_cast<std::int32_t>(i % 3);
        if (i % 13 == 5) record.topic = "other";
        if (i % 17 == 6) record.headers = headers;
        if (i % 19 == 7) record.timestamp = 1'700'000'000'000 + static_cast<std::int64_t>(i);
        if (i % 500 == 8) record.value = large;
    }
    write_all(w, row.records, 1000);
    REQUIRE_FALSE(w.close());
    CHECK(told.twice() == 0);
    const auto ends = told.ends();
    REQUIRE(ends.size() == row.records.size());
    std::map<std::pair<std::string, std::int32_t>, std::vector<std::string>> logs;
    for (const auto& [topic, count] : {std::pair("t", 4), std::pair("other", 3)})
        for (std::int32_t p = 0; p < count; ++p)
            logs[{topic, p}] = values_in(broker, topic, p);
    std::map<std::string, std::int32_t> of_key;
    std::map<std::pair<std::string, std::int32_t>, std::int64_t> last;
    for (std::size_t i = 0; i < row.records.size(); ++i) {
        const auto& record = row.records[i];
        const auto& end = ends.at(1000 + i);
        REQUIRE_FALSE(end.error);
        const auto topic = record.topic.empty() ? std::string("t") : std::string(record.topic);
        CHECK(logs[{topic, end.partition}].at(static_cast<std::size_t>(end.offset)) ==
              record.value.text());
        if (record.partition != -1) {
            CHECK(end.partition == record.partition);
        } else if (!record.key.null()) {
            const auto [at, fresh] =
                of_key.try_emplace(topic + "/" + std::string(record.key.text()), end.partition);
            CHECK(at->second == end.partition);
        }
        // In the order in which they were given.
        const auto [at, fresh] = last.try_emplace({topic, end.partition}, -1);
        CHECK(end.offset > at->second);
        at->second = end.offset;
    }
    CHECK(of_key.size() > 10);
    for (std::int32_t p = 0; p < 4; ++p)
        CHECK(logs[{"t", p}].size() > 100);
    protocol::RecordReader reader(broker.batches("t", 0));
    bool header_seen = false, time_seen = false;
    while (const auto* record = reader.next()) {
        header_seen |= record->headers.size() == 1 && record->headers.last("h")->text() == "v";
        time_seen |=
            record->timestamp >= 1'700'000'000'000 && record->timestamp < 1'700'000'006'000;
    }
    CHECK(header_seen);
    CHECK(time_seen);
}

TEST_CASE("records that follow at once and tell no time have that of one of the 15 before them") {
    Broker broker({.topics = {{"t", 1}}});
    // Nobody runs the loop meanwhile, so that all are in one batch.
    ClientLoop loop(broker.bootstrap());
    Writer writer(loop.client, {.topic = "t"});
    const auto finish = [&](auto start) {
        std::error_code result = asio::error::in_progress;
        start([&](std::error_code ec) { result = ec; });
        loop.run([&] { return result != asio::error::in_progress; });
        REQUIRE_FALSE(result);
    };
    const auto flush = [&](auto done) { writer.async_flush(done); };
    finish([&](auto done) { writer.async_write({.value = "first"}, 0, done); });
    finish(flush);
    const auto now_ms = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    };
    constexpr std::int64_t coarse = 20, told_time = 1'700'000'000'000;
    constexpr std::int64_t count = 60, pause_before = 20;
    const auto began = now_ms();
    auto went_on = began;
    for (std::int64_t i = 0; i < count; ++i) {
        if (i == pause_before) {
            std::this_thread::sleep_for(100ms);
            went_on = now_ms();
        }
        Record record{.value = "next"};
        if (i % 5 == 3) record.timestamp = told_time + i;
        REQUIRE_FALSE(writer.try_write(record, 0, i + 1 < count));
    }
    const auto ended = now_ms();
    finish(flush);
    CHECK(writer.stats().batches == 2);
    protocol::RecordReader reader(broker.batches("t", 0));
    REQUIRE(reader.next());
    std::int64_t i = 0;
    for (const auto* record = reader.next(); record; record = reader.next(), ++i) {
        CAPTURE(i);
        if (i % 5 == 3) {
            CHECK(record->timestamp == told_time + i);
            continue;
        }
        CHECK(record->timestamp >= (i < pause_before + 15 ? began : went_on) - coarse);
        CHECK(record->timestamp <= (i < pause_before ? went_on : ended));
    }
    CHECK(i == count);
}

TEST_CASE("a row stops at the record that is refused, and says why") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.max_request_size = 300'000;
    WriterLoop w(broker.bootstrap(), std::move(config));
    REQUIRE_FALSE(w.first({.value = "first"}, 100));
    const std::string huge(400'000, 'x');
    Row row(5);
    std::error_code ec;
    const auto stops = [&](std::size_t at, std::error_code why) {
        CHECK(w.writer.try_write(row.records, 0, ec) == at);
        CHECK(ec == why);
        row.records[at] = Record{.value = row.texts[at]};
    };
    row.records[3].partition = 7;
    stops(3, broker_errc::unknown_topic_or_partition);
    row.records[0].timestamp = -5;
    stops(0, errc::invalid_argument);
    row.records[4].value = huge;
    stops(4, broker_errc::message_too_large);
    row.records[1].topic = "t2";  // not known yet
    stops(1, errc::topic_not_ready);
    ec = errc::buffer_full;
    CHECK(w.writer.try_write(std::span<const Record>(), 0, ec) == 0);
    CHECK_FALSE(ec);
    REQUIRE_FALSE(w.flush());
    // Nothing of what was refused is reported or stored.
    CHECK(values_in(broker, "t", 0) ==
          std::vector<std::string>{"first", "0", "1", "2", "0", "1", "2", "3", "0"});
    CHECK(told.ends().size() == 5);  // cookies 0 to 3 and 100

    WriterLoop nowhere(broker.bootstrap(), {});
    CHECK(nowhere.writer.try_write(row.records, 0, ec) == 0);
    CHECK(ec == errc::invalid_argument);
    REQUIRE_FALSE(w.close());
    CHECK(w.writer.try_write(row.records, 0, ec) == 0);
    CHECK(ec == errc::connection_closed);
}

TEST_CASE("a row that the buffers do not hold is taken as far as they do") {
    Broker broker({.topics = {{"t", 2}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.batch_size = 4096;
    config.buffer_memory = 64 * 1024;
    WriterLoop w(broker.bootstrap(), std::move(config));
    REQUIRE_FALSE(w.first({.value = "first"}, 100'000));
    REQUIRE_FALSE(w.flush());
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.pause_broker(id));
    Row row(20'000);
    std::error_code ec;
    const auto taken = w.writer.try_write(row.records, 0, ec);
    CHECK(ec == errc::buffer_full);
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.resume_broker(id));
    CHECK(taken > 1000);
    CHECK(taken < 20'000);
    write_all(w, std::span(row.records).subspan(taken), taken);
    REQUIRE_FALSE(w.close());
    CHECK(told.twice() == 0);
    CHECK(told.ends().size() == 20'001);
    CHECK(broker.record_count("t") == 20'001);
}

TEST_CASE("batches end at batch_records, in rows and one by one") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.batch_records = 10;
    WriterLoop w(broker.bootstrap(), std::move(config));
    Row row(1000);
    write_all(w, std::span(row.records).first(500));
    for (std::size_t i = 500; i < 1000; ++i)
        REQUIRE_FALSE(w.writer.try_write(row.records[i], i, i + 1 < 1000));
    REQUIRE_FALSE(w.close());
    CHECK(told.ends().size() == 1000);
    CHECK(values_in(broker, "t", 0) == row.texts);
    const auto stats = w.writer.stats();
    CHECK(stats.batch_records.max == 10);
    CHECK(stats.batches >= 100);
}

TEST_CASE("a row that fills no batch is sent without another call") {
    Broker broker({.topics = {{"t", 3}}});
    Told told;
    WriterLoop w(broker.bootstrap(), {.topic = "t", .on_records = told.hook()});
    REQUIRE_FALSE(w.first({.value = "first"}, 100));
    REQUIRE_FALSE(w.flush());
    Row row(30);
    for (std::size_t i = 0; i < 30; ++i)
        row.records[i].partition = static_cast<std::int32_t>(i % 3);
    std::error_code ec;
    REQUIRE(w.writer.try_write(row.records, 0, ec) == 30);
    REQUIRE(told.wait(31));
}

TEST_CASE("eight threads write rows: every record once, in the order of its thread") {
    constexpr std::size_t threads = 8, rows = 100, length = 150;
    constexpr auto each = rows * length;
    Broker broker({.topics = {{"t", 3}}});
    Told told;
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.batch_size = 8192;
    blocking::Writer writer({.bootstrap = broker.bootstrap()}, std::move(config));
    writer.write({.value = "first"}, threads * each);
    std::vector<std::thread> all;
    for (std::size_t t = 0; t < threads; ++t)
        all.emplace_back([&, t] {
            Row row(each);
            for (std::size_t i = 0; i < each; ++i) {
                row.texts[i] = std::to_string(t) + ":" + std::to_string(i);
                row.records[i].value = row.texts[i];
            }
            const auto from = t * each;
            for (std::size_t at = 0; at < each;) {
                std::error_code ec;
                const auto part = std::span(row.records).subspan(at, std::min(length, each - at));
                at += writer.try_write(part, from + at, ec);
                if (!ec) continue;
                writer.write(row.records[at], from + at);
                ++at;
            }
        });
    for (auto& one : all)
        one.join();
    writer.flush();
    writer.close();
    CHECK(told.twice() == 0);
    CHECK(told.ends().size() == threads * each + 1);
    std::set<std::string> seen;
    for (std::int32_t p = 0; p < 3; ++p) {
        std::vector<std::size_t> next(threads, 0);
        for (const auto& value : values_in(broker, "t", p)) {
            CHECK(seen.insert(value).second);
            const auto colon = value.find(':');
            if (colon == std::string::npos) continue;
            const auto t = std::stoul(value);
            const auto number = std::stoul(value.substr(colon + 1));
            CHECK(number + 1 > next[t]);
            next[t] = number + 1;
        }
    }
    CHECK(seen.size() == threads * each + 1);
}
