// SPDX-License-Identifier: Apache-2.0
// Batches that are cut: too large for the broker, or with records that it will not take.
#include "core/produce/batch_split.hpp"

#include <algorithm>

#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

namespace {

constexpr auto too_large = broker_errc::message_too_large;

// A codec that does nothing but say so, since this layer has none.
Failure copying(Compression, std::span<const std::uint8_t> in, ByteBuffer& out,
                std::optional<int>) {
    out.append(in);
    return {};
}
Failure copying_back(Compression, std::span<const std::uint8_t> in, ByteBuffer& out, std::size_t) {
    out.append(in);
    return {};
}

std::vector<std::string> numbered(int count) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i)
        values.push_back("value " + std::to_string(i));
    return values;
}

}  // namespace

TEST_CASE("C18: a batch that is too large goes in two, whose numbers follow each other") {
    for (const auto code : {too_large, broker_errc::record_list_too_large}) {
        Script s;
        s.ready({1});
        s.submit(1, 0, {"a", "b", "c", "d"});
        s.submit(2, 0, {"behind"});
        s.answer(s.next(), {refused(0, code)});
        ProduceCore::SendProduce send;
        auto sent = s.only_batch(send);
        CHECK(sent.values == std::vector<std::string>{"a", "b"});
        CHECK(sent.sequence == 0);
        s.answer(send, {stored(0, 10)});
        CHECK(s.ends.size() == 1);
        CHECK_FALSE(s.ends[0].last);
        CHECK(s.released.empty());
        sent = s.only_batch(send);
        CHECK(sent.values == std::vector<std::string>{"c", "d"});
        CHECK(sent.sequence == 2);
        auto behind = s.next();
        CHECK(Script::batches(behind)[0].sequence == 4);
        s.answer(send, {stored(0, 12)});
        REQUIRE(s.ends.size() == 2);
        CHECK(s.ends[1].first == 2);
        CHECK(s.ends[1].count == 2);
        CHECK(s.ends[1].offset == 12);
        CHECK(s.ends[1].last);
        CHECK(s.released == std::vector<int>{1});
        s.answer(behind, {stored(0, 14)});
        CHECK(s.core.idle());
        CHECK(s.core.counters().splits == 1);
    }
}

TEST_CASE("a batch is cut until single records are left, of which one too large fails alone") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"small", std::string(500, 'x'), "small too"});
    std::vector<std::string> log;
    for (int i = 0; i < 20; ++i) {
        s.run_for(1s);
        if (s.sends.empty()) break;
        const auto send = s.next();
        const auto sent = Script::batches(send)[0];
        const bool large = std::any_of(sent.values.begin(), sent.values.end(),
                                       [](const auto& v) { return v.size() > 100; });
        if (large) {
            s.answer(send, {refused(0, too_large)});
            continue;
        }
        if (!std::cmp_equal(sent.sequence, log.size())) {  // as a broker does
            s.answer(send, {refused(0, broker_errc::out_of_order_sequence_number)});
            continue;
        }
        log.insert(log.end(), sent.values.begin(), sent.values.end());
        s.answer(send, {stored(0, static_cast<std::int64_t>(log.size() - sent.values.size()))});
    }
    CHECK(log == std::vector<std::string>{"small", "small too"});
    CHECK(s.core.counters().epochs == 0);
    REQUIRE(s.ends.size() == 3);
    for (const auto& end : s.ends) {
        CHECK(end.kind == (end.first == 1 ? Kind::failed : Kind::success));
        if (end.first == 1) CHECK(end.code == too_large);
    }
    CHECK(s.core.idle());
}

TEST_CASE("halves are of about the same size, and headers, keys and timestamps stay") {
    TestBatch batch(1);
    const protocol::RecordHeaderView headers[] = {{"h", "v"}};
    for (int i = 0; i < 10; ++i) {
        const std::string value(i == 0 ? 1500 : 100, 'x');
        REQUIRE(batch.records.append({.key = i % 2 ? protocol::BytesView("k") : nullptr,
                                      .value = i == 5 ? protocol::BytesView() : value,
                                      .headers = headers,
                                      .timestamp = 1000 - i}));
    }
    ProduceEntry entry;
    entry.batch = &batch;
    entry.count = 10;
    seal(entry, false);
    auto parts = split_in_two(entry, {});
    REQUIRE(parts);
    REQUIRE(parts->size() == 2);
    CHECK((*parts)[0].count == 1);
    CHECK((*parts)[1].count == 9);
    int n = 0;
    for (const auto& part : *parts) {
        protocol::RecordReader reader(Slice(part.bytes.data(), part.bytes.size()));
        while (const auto* record = reader.next()) {
            CHECK(record->key.null() == (n % 2 == 0));
            CHECK(record->value.null() == (n == 5));
            CHECK(record->headers.size() == 1);
            CHECK(record->timestamp == 1000 - n);
            ++n;
        }
        CHECK_FALSE(reader.failure());
    }
    CHECK(n == 10);
}

TEST_CASE("compressed batches are compressed again; without codecs they fail as they were") {
    for (const bool codecs : {true, false}) {
        ProduceLimits limits;
        if (codecs) limits.codec = {.compress = copying, .decompress = copying_back};
        Script s(limits);
        s.ready({1});
        protocol::RecordBatchBuilder builder;
        for (const auto& value : numbered(4))
            REQUIRE(builder.append(protocol::RecordRef{.value = value}));
        auto batch = std::make_unique<TestBatch>(1);
        REQUIRE(builder.seal_into(batch->encoded, {}, Compression::zstd, copying));
        s.core.submit(std::move(batch), s.now);
        const auto send = s.next();
        s.answer(send, {refused(0, too_large)});
        if (!codecs) {
            CHECK(s.ending(1).kind == Kind::failed);
            CHECK(s.ending(1).code == too_large);
            CHECK(s.ending(1).detail.find("codec") != std::string::npos);
            continue;
        }
        const auto half = s.next();
        const auto& records = half.message->topic_data[0].partition_data[0].records;
        protocol::RecordReader reader(records, {.decompress = copying_back});
        int n = 0;
        while (const auto* record = reader.next()) {
            CHECK(record->value.text() == "value " + std::to_string(n++));
            CHECK(reader.batch()->compression() == Compression::zstd);
        }
        CHECK(n == 2);
    }
}

TEST_CASE("an idempotent batch that may be stored is not cut") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a", "b"});
    s.lose(s.next());
    s.run_for(1s);
    s.answer(s.next(), {refused(0, too_large)});
    CHECK(s.ending(1).kind == Kind::unknown);
    CHECK(s.ends.size() == 1);
}

TEST_CASE("KIP-467: records that are refused by themselves fail, the others go again") {
    Script s;
    s.ready({1});
    s.submit(1, 0, numbered(6));
    s.submit(2, 0, {"behind"});
    auto row = refused(0, broker_errc::invalid_record);
    row.error_message = "of the batch";
    row.record_errors = {{.batch_index = 4},
                         {.batch_index = 1, .batch_index_error_message = "no key"}};
    s.answer(s.next(), {row});
    REQUIRE(s.ends.size() == 2);
    CHECK(s.ends[0].first == 1);
    CHECK(s.ends[0].detail == "no key");
    CHECK(s.ends[1].first == 4);
    CHECK(s.ends[1].detail == "of the batch");
    CHECK(s.ends[0].kind == Kind::failed);
    ProduceCore::SendProduce send;
    const auto sent = s.only_batch(send);
    CHECK(sent.values == std::vector<std::string>{"value 0", "value 2", "value 3", "value 5"});
    CHECK(sent.sequence == 0);
    // And another one.
    row.record_errors = {{.batch_index = 2}};
    s.answer(send, {row});
    REQUIRE(s.ends.size() == 3);
    CHECK(s.ends[2].first == 3);
    CHECK(s.only_batch(send).values == std::vector<std::string>{"value 0", "value 2", "value 5"});
    s.answer(send, {stored(0, 20)});
    REQUIRE(s.ends.size() == 6);
    CHECK(s.ends[3].first == 0);
    CHECK(s.ends[3].offset == 20);
    CHECK(s.ends[4].first == 2);
    CHECK(s.ends[4].offset == 21);
    CHECK(s.ends[5].first == 5);
    CHECK(s.ends[5].offset == 22);
    CHECK(s.ends[5].last);
    CHECK_FALSE(s.ends[4].last);
    const auto behind = s.only_batch(send);
    CHECK(behind.sequence == 3);
    s.answer(send, {stored(0, 23)});
    CHECK(s.core.idle());
}

TEST_CASE("INVALID_RECORD that names all of a batch's records, or none, fails the batch") {
    for (const bool all : {true, false}) {
        Script s;
        s.ready({1});
        s.submit(1, 0, {"a", "b"});
        auto row = refused(0, broker_errc::invalid_record);
        if (all) row.record_errors = {{.batch_index = 0}, {.batch_index = 1}};
        s.answer(s.next(), {row});
        CHECK(s.ends.size() == 1);
        CHECK(s.ends[0].count == 2);
        CHECK(s.ends[0].kind == Kind::failed);
    }
}

TEST_CASE("parts of a batch end at its deadline as well") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a", "b", "c", "d"}, 5s);
    s.answer(s.next(), {refused(0, too_large)});
    const auto first = s.next();
    s.run_for(6s);
    REQUIRE(s.ends.size() == 2);
    CHECK(s.ends[0].kind == Kind::unknown);
    CHECK(s.ends[0].first == 0);
    CHECK(s.ends[1].kind == Kind::failed);
    CHECK(s.ends[1].first == 2);
    CHECK(s.released.empty());
    s.lose(first);
    CHECK(s.released == std::vector<int>{1});
}
