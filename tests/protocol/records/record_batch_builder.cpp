// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;
using wire::Owned;
using wire::read_all;
using wire::to_hex;

namespace {

constexpr std::int64_t t = 1700000000000;

void append_golden(RecordBatchBuilder& builder) {
    const RecordHeaderView headers[] = {{"trace", "abc"}, {"none", nullptr}, {"empty", ""}};
    REQUIRE(builder.append(
        RecordRef{.key = "key", .value = "value", .headers = headers, .timestamp = t}));
    REQUIRE(builder.append(RecordRef{.value = "v2", .timestamp = t + 5}));
    REQUIRE(builder.append(RecordRef{.key = "", .timestamp = t - 3}));
    REQUIRE(builder.append(RecordRef{.key = "k", .value = "", .timestamp = t + 100000}));
}

Failure refuse(Compression, std::span<const std::uint8_t>, ByteBuffer& out, std::optional<int>) {
    out.push_back(1);
    return {errc::compression_failed, "as asked"};
}

}  // namespace

TEST_CASE("a batch has the very bytes that Kafka's own producer writes") {
    RecordBatchBuilder builder;
    append_golden(builder);
    CHECK(builder.count() == 4);
    CHECK(builder.base_timestamp() == t);
    CHECK(builder.max_timestamp() == t + 100000);
    CHECK(to_hex(builder.seal({.base_offset = 42, .leader_epoch = 7})) == golden::v2_plain);
    CHECK(builder.size() == 125);
    // Sealing again replaces the header: what a producer does whose epoch was raised.
    CHECK(to_hex(builder.seal({.base_offset = 42,
                               .leader_epoch = 7,
                               .producer_id = 4000,
                               .producer_epoch = 3,
                               .base_sequence = 17,
                               .transactional = true})) == golden::v2_txn);
}

TEST_CASE("a marker has the very bytes that Kafka's own coordinator writes") {
    const auto key = transaction_end_key(true);
    const auto value = transaction_end_value(11);
    RecordBatchBuilder builder;
    REQUIRE(builder.append(
        RecordRef{.key = BytesView(key), .value = BytesView(value), .timestamp = t}));
    CHECK(to_hex(builder.seal({.base_offset = 99,
                               .leader_epoch = 7,
                               .producer_id = 4000,
                               .producer_epoch = 3,
                               .transactional = true,
                               .control = true})) == golden::v2_commit);
}

TEST_CASE("compressed batches of every codec are read back, behind what the buffer held") {
    for (auto codec : {Compression::none, Compression::gzip, Compression::snappy, Compression::lz4,
                       Compression::zstd}) {
        if (!codec::available(codec)) continue;
        RecordBatchBuilder builder;
        append_golden(builder);
        ByteBuffer out;
        out.append("head", 4);
        const auto batch =
            builder.seal_into(out, {.base_offset = 42}, codec, codec::compress, std::nullopt);
        REQUIRE(batch);
        CHECK(batch->data() == out.data() + 4);
        CHECK(batch->size() == out.size() - 4);
        const auto read = read_all(wire::exact(*batch));
        CHECK_FALSE(read.failure);
        CHECK(read.records == read_all(wire::exact_hex(golden::v2_plain)).records);
        CHECK(builder.count() == 4);
    }
}

TEST_CASE("a codec that fails leaves the output as it was") {
    RecordBatchBuilder builder;
    append_golden(builder);
    ByteBuffer out;
    out.append("head", 4);
    const auto batch = builder.seal_into(out, {}, Compression::gzip, refuse);
    CHECK(batch.failure().code == errc::compression_failed);
    CHECK(as_text(out.bytes()) == "head");
}

TEST_CASE("log append time marks the batch and gives all records one timestamp") {
    RecordBatchBuilder builder;
    append_golden(builder);
    const auto read = read_all(wire::exact(builder.seal({.append_time = 5})));
    CHECK_FALSE(read.failure);
    for (const auto& r : read.records)
        CHECK(r.timestamp == 5);
}

TEST_CASE("a batch begins behind what its buffer holds, and the buffer comes back with both") {
    ByteBuffer buffer;
    buffer.append("request header", 14);
    RecordBatchBuilder builder(std::move(buffer));
    CHECK(builder.size() == batch_layout::records);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(builder.append(RecordRef{.value = std::string(1000, 'x'), .timestamp = i}));
    }
    const auto size = builder.size();
    builder.seal({});
    auto back = std::move(builder).take();
    CHECK(back.size() == 14 + size);
    CHECK(as_text(back.bytes().first(14)) == "request header");
    const auto read = read_all(wire::exact(back.bytes().subspan(14)));
    CHECK_FALSE(read.failure);
    CHECK(read.records.size() == 100);
    CHECK(builder.empty());
    CHECK(builder.append(RecordRef{.value = "again"}));
}

TEST_CASE("a buffer with room is never replaced, and clear() keeps it") {
    RecordBatchBuilder builder(ByteBuffer(100'000));
    const auto* at = builder.seal({}).data();
    for (int round = 0; round < 3; ++round) {
        while (builder.append(RecordRef{.value = "0123456789", .timestamp = 1}, 100'000)) {
        }
        CHECK(builder.size() > 100'000 - 20);
        CHECK(builder.seal({}).data() == at);
        builder.clear();
        CHECK(builder.empty());
        CHECK(builder.size() == batch_layout::records);
        CHECK(builder.base_timestamp() == -1);
    }
}

TEST_CASE("the size of a record is known before it is appended, and a bound is kept to the byte") {
    std::mt19937 random(7);
    RecordBatchBuilder builder;
    for (int i = 0; i < 300; ++i) {
        const std::string key(random() % 200, 'k');
        const std::string value(random() % 20'000, 'v');
        const RecordHeaderView headers[] = {{key, value}, {"h", nullptr}};
        RecordRef record{.key = key, .value = value, .timestamp = std::int64_t{1} << (i % 45)};
        if (i % 3 == 0) record.headers = headers;
        const auto size = builder.size_of(record);
        const auto before = builder.size();
        REQUIRE_FALSE(builder.append(record, before + size - 1));
        REQUIRE(builder.size() == before);
        REQUIRE(builder.count() == i);
        REQUIRE(builder.append(record, before + size));
        REQUIRE(builder.size() == before + size);
    }
    CHECK_FALSE(read_all(wire::exact(builder.seal({}))).failure);
}

TEST_CASE("timestamps that lie too far apart do not fit into one batch") {
    RecordBatchBuilder builder;
    REQUIRE(builder.append(RecordRef{.value = "a", .timestamp = -2}));
    CHECK_FALSE(builder.append(RecordRef{.value = "b", .timestamp = 0x7fffffffffffffff}));
    CHECK(builder.size_of(RecordRef{.timestamp = 0x7fffffffffffffff}) ==
          std::numeric_limits<std::size_t>::max());
    CHECK(builder.append(RecordRef{.value = "b", .timestamp = 0x7ffffffffffffffd}));
    const auto read = read_all(wire::exact(builder.seal({})));
    REQUIRE(read.records.size() == 2);
    CHECK(read.records[1].timestamp == 0x7ffffffffffffffd);
}

TEST_CASE("a batch without records is one that compaction emptied") {
    RecordBatchBuilder builder;
    builder.skip_offsets(3);
    const auto read = read_all(wire::exact(builder.seal({.base_offset = 10})));
    CHECK_FALSE(read.failure);
    CHECK(read.records.empty());
    CHECK(read.next_offset == 13);
}

TEST_CASE("skipped offsets leave gaps") {
    RecordBatchBuilder builder;
    REQUIRE(builder.append(RecordRef{.value = "a"}));
    builder.skip_offsets(5);
    REQUIRE(builder.append(RecordRef{.value = "b"}));
    builder.skip_offsets(2);
    CHECK(builder.count() == 2);
    const auto read = read_all(wire::exact(builder.seal({.base_offset = 10})));
    REQUIRE(read.records.size() == 2);
    CHECK(read.records[1].offset == 16);
    CHECK(read.next_offset == 19);
}

TEST_CASE("a record that was read is appended with its headers") {
    RecordReader reader(wire::exact_hex(golden::v2_plain));
    RecordBatchBuilder builder;
    while (const auto* record = reader.next())
        REQUIRE(builder.append(*record));
    CHECK(to_hex(builder.seal({.base_offset = 42, .leader_epoch = 7})) == golden::v2_plain);
}

TEST_CASE("a builder that was moved goes on where it was") {
    RecordBatchBuilder first;
    REQUIRE(first.append(RecordRef{.value = "a", .timestamp = 1}));
    RecordBatchBuilder second(std::move(first));
    REQUIRE(second.append(RecordRef{.value = "b", .timestamp = 2}));
    CHECK(second.count() == 2);
    CHECK(first.empty());
    CHECK(read_all(wire::exact(second.seal({}))).records.size() == 2);
}

TEST_CASE("random batches with every combination of null, empty and headers are read back") {
    std::mt19937_64 random(42);
    const auto text = [&]() -> std::optional<std::string> {
        switch (random() % 5) {
            case 0:
                return std::nullopt;
            case 1:
                return "";
            case 2:
                return std::string(60 + random() % 10, 'm');  // around one byte of length
            case 3:
                return std::string(8185 + random() % 14, 'l');  // around two bytes
            default:
                return std::string(random() % 30, 's');
        }
    };
    const auto view = [](const std::optional<std::string>& from) {
        return from ? BytesView(*from) : BytesView();
    };
    RecordBatchBuilder builder;
    for (int round = 0; round < 200; ++round) {
        builder.clear();
        std::vector<Owned> expected;
        const auto base = static_cast<std::int64_t>(random() % 1'000'000'000'000);
        const auto count = 1 + random() % 90;
        for (std::uint64_t i = 0; i < count; ++i) {
            Owned r{base + static_cast<std::int64_t>(i),
                    t + static_cast<std::int64_t>(random() % (1ull << (random() % 40))),
                    text(),
                    text(),
                    {}};
            for (auto n = random() % 8; n > 5; --n) {
                r.headers.emplace_back(text().value_or("key"), text());
            }
            std::vector<RecordHeaderView> headers;
            for (const auto& [key, value] : r.headers)
                headers.push_back({key, view(value)});
            REQUIRE(builder.append(RecordRef{.key = view(r.key),
                                             .value = view(r.value),
                                             .headers = headers,
                                             .timestamp = r.timestamp}));
            expected.push_back(std::move(r));
        }
        ByteBuffer out;
        const auto codec = static_cast<Compression>(round % 5);
        const auto batch =
            builder.seal_into(out, {.base_offset = base},
                              codec::available(codec) ? codec : Compression::none, codec::compress);
        REQUIRE(batch);
        const auto read = read_all(wire::exact(*batch));
        REQUIRE_FALSE(read.failure);
        REQUIRE(read.records == expected);
    }
}

TEST_CASE("a record is the same bytes whether it took the short way into a batch or the long one") {
    // Sizes and distances around those at which a varint grows and the short way ends.
    const std::size_t sizes[] = {0, 1, 31, 63, 64, 100, 2047, 2048, 8191, 8192};
    const std::int64_t distances[] = {0, 1, -1, 63, 64, -64, -65, 2047, 2048, 8192, -9000, 1 << 30};
    const std::string bytes(8192, 'x');
    for (const std::int32_t skipped : {0, 62, 63, 64, 8190, 8191, 8192, 1 << 20}) {
        // The short way wants room to spare; a RecordView always takes the long one.
        RecordBatchBuilder shorter{ByteBuffer(std::size_t{1} << 20)};
        RecordBatchBuilder longer;
        const auto append = [&](BytesView key, BytesView value, std::int64_t timestamp) {
            const auto before = shorter.size();
            const RecordRef record{.key = key, .value = value, .timestamp = timestamp};
            const auto expected = shorter.size_of(record);
            REQUIRE_FALSE(shorter.append(record, before + expected - 1));
            REQUIRE(shorter.append(record));
            CHECK(shorter.size() == before + expected);
            RecordView view;
            view.key = key;
            view.value = value;
            view.timestamp = timestamp;
            REQUIRE(longer.append(view));
        };
        append(nullptr, "first", 1000);
        shorter.skip_offsets(skipped);
        longer.skip_offsets(skipped);
        for (const auto key : sizes)
            for (const auto value : sizes)
                append(std::string_view(bytes).substr(0, key),
                       std::string_view(bytes).substr(0, value), 1000);
        for (const auto distance : distances) {
            append(nullptr, "value", 1000 + distance);
            append("key", nullptr, 1000 + distance);
        }
        CHECK(shorter.max_timestamp() == longer.max_timestamp());
        const auto a = shorter.seal({});
        const auto b = longer.seal({});
        CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    }
}

TEST_CASE("headers are the same bytes by the short way as by the long one") {
    const std::size_t sizes[] = {0, 1, 7, 8, 16, 17, 63, 64, 1000, 1039, 2048};
    const std::string bytes(2048, 'x');
    RecordBatchBuilder shorter{ByteBuffer(std::size_t{1} << 20)};
    REQUIRE(shorter.append(RecordRef{.value = "first", .timestamp = t}));
    const auto append = [&](std::span<const RecordHeaderView> headers, bool is_small) {
        const RecordRef record{.key = "key", .value = "v", .headers = headers, .timestamp = t + 1};
        const auto expected = shorter.size_of(record);
        const auto before = shorter.size();
        const auto grown = shorter.append_small(record, RecordBatchBuilder::max_batch_size);
        CHECK((grown > 0) == is_small);
        if (grown == 0) REQUIRE(shorter.append(record));
        CHECK(shorter.size() == before + expected);
    };
    for (const auto name : sizes)
        for (const auto value : sizes) {
            const auto view = std::string_view(bytes);
            const RecordHeaderView one[] = {{view.substr(0, name), view.substr(0, value)}};
            append(one, name + value < 2040);
        }
    for (const std::size_t count : {2U, 63U, 64U})
        append(std::vector<RecordHeaderView>(count, {"name", nullptr}), count < 64);
    append(std::vector<RecordHeaderView>{{{}, nullptr}, {"", ""}}, true);

    // What is read is appended by the long way.
    const auto batch = shorter.seal({});
    RecordReader reader(wire::exact(batch), {});
    RecordBatchBuilder longer;
    while (const auto* record = reader.next())
        REQUIRE(longer.append(*record));
    CHECK(to_hex(longer.seal({})) == to_hex(batch));
}

TEST_CASE("append_small() takes what most records are, and leaves the batch alone otherwise") {
    const std::string bytes(2048, 'x');
    const RecordHeaderView headers[] = {{"trace", "abc"}};
    const RecordRef record{.key = "key", .value = "value", .timestamp = t};
    RecordBatchBuilder small{ByteBuffer(std::size_t{1} << 16)};
    RecordBatchBuilder any;
    CHECK_FALSE(small.append_small(record, RecordBatchBuilder::max_batch_size));  // the first one
    CHECK(small.empty());
    REQUIRE(small.append(record));
    REQUIRE(any.append(record));

    const auto refuses = [&](const RecordRef& given,
                             std::size_t most = RecordBatchBuilder::max_batch_size) {
        const auto size = small.size();
        const auto count = small.count();
        const auto latest = small.max_timestamp();
        return !small.append_small(given, most) && small.size() == size && small.count() == count &&
               small.max_timestamp() == latest;
    };
    CHECK(refuses({.value = bytes, .timestamp = t}));
    CHECK(refuses({.key = bytes, .timestamp = t}));
    CHECK(refuses({.value = "later", .timestamp = t + 3000}));
    CHECK(refuses({.value = "latest", .timestamp = std::numeric_limits<std::int64_t>::max()}));
    CHECK(refuses(record, small.size() + small.size_of(record) - 1));
    const std::vector<RecordHeaderView> many(64, {"k", "v"});
    const RecordHeaderView large_name[] = {{bytes, "v"}}, large_value[] = {{"k", bytes}},
                           large_sum[] = {{"k", std::string_view(bytes).substr(1024)},
                                          {"k", std::string_view(bytes).substr(1024)}};
    for (const std::span<const RecordHeaderView> given :
         std::initializer_list<std::span<const RecordHeaderView>>{many, large_name, large_value,
                                                                  large_sum})
        CHECK(refuses({.value = "value", .headers = given, .timestamp = t}));
    const RecordRef headed{.value = "value", .headers = headers, .timestamp = t};
    CHECK(refuses(headed, small.size() + small.size_of(headed) - 1));

    for (const RecordRef& given :
         {record, headed, RecordRef{.timestamp = t - 1},
          RecordRef{.key = "", .value = "", .timestamp = t},
          RecordRef{.value = std::string_view(bytes).substr(1), .timestamp = t + 2000}}) {
        const auto grows = small.size_of(given);
        CHECK(small.append_small(given, RecordBatchBuilder::max_batch_size) == grows);
        REQUIRE(any.append(given));
    }
    CHECK(small.max_timestamp() == t + 2000);
    CHECK(to_hex(small.seal({})) == to_hex(any.seal({})));

    RecordBatchBuilder tight{ByteBuffer(small.size())};
    REQUIRE(tight.append(record));
    while (tight.append_small(record, RecordBatchBuilder::max_batch_size))
        continue;
    CHECK(tight.size() <= small.size());
    CHECK(tight.size() + 2 * tight.size_of(record) + 24 > small.size());
}

TEST_CASE("a record whose distance from the first one overflows is refused by both ways") {
    RecordBatchBuilder builder{ByteBuffer(4096)};
    REQUIRE(builder.append(
        RecordRef{.value = "a", .timestamp = std::numeric_limits<std::int64_t>::max()}));
    const auto size = builder.size();
    CHECK_FALSE(builder.append(
        RecordRef{.value = "b", .timestamp = std::numeric_limits<std::int64_t>::min()}));
    CHECK(builder.size() == size);
    CHECK(builder.count() == 1);
}
