// SPDX-License-Identifier: Apache-2.0
// The records inside one batch: right ones, and every way in which they can be wrong.
#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "growth.hpp"
#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;
using test::growth;
using test::most_growth;
using wire::batch;
using wire::Bytes;
using wire::Head;
using wire::Owned;
using wire::put_text;
using wire::put_varint;
using wire::read_all;
using wire::record;

namespace {

constexpr std::int64_t t = 1700000000000;

std::vector<Owned> golden_records() {
    return {{42, t, "key", "value", {{"trace", "abc"}, {"none", std::nullopt}, {"empty", ""}}},
            {43, t + 5, std::nullopt, "v2", {}},
            {44, t - 3, "", std::nullopt, {}},
            {45, t + 100000, "k", "", {}}};
}

void check_malformed(const Bytes& bytes, const std::string& detail) {
    const auto read = read_all(bytes);
    CHECK(read.failure.code == errc::malformed_records);
    CHECK(read.failure.detail == detail);
    if (detail.find("decompressed") == std::string::npos) CHECK(read.peak <= wire::words);
}

// A batch of three records, of which the second is `middle`.
Bytes around(const Bytes& middle) {
    return batch({.count = 3}, wire::join({record(0), middle, record(2)}));
}

// The fields of a record up to the key.
Bytes begun(std::int64_t timestamp_delta = 0, std::int64_t offset_delta = 1) {
    Bytes body{0};
    put_varint(body, timestamp_delta);
    put_varint(body, offset_delta);
    return body;
}

Bytes with_headers(std::int64_t count, const Bytes& headers) {
    auto body = begun();
    put_varint(body, -1);
    put_varint(body, -1);
    put_varint(body, count);
    body.insert(body.end(), headers.begin(), headers.end());
    return wire::with_length(body);
}

}  // namespace

TEST_CASE("the records of a batch that Kafka wrote are read, whatever the codec") {
    for (const auto* text : {golden::v2_plain, golden::v2_txn, golden::v2_gzip, golden::v2_snappy,
                             golden::v2_lz4, golden::v2_zstd}) {
        const auto read = read_all(wire::exact_hex(text));
        CHECK_FALSE(read.failure);
        CHECK(read.records == golden_records());
        CHECK(read.next_offset == 46);
    }
}

TEST_CASE("with log append time all records have the batch's largest timestamp") {
    RecordReader reader(wire::exact_hex(golden::v2_append_time));
    int count = 0;
    while (const auto* r = reader.next()) {
        CHECK(r->timestamp_type == TimestampType::log_append);
        CHECK(r->timestamp == reader.batch()->max_timestamp);
        CHECK(r->timestamp > t + 100000);
        ++count;
    }
    CHECK(count == 4);
    CHECK_FALSE(reader.failure());
}

TEST_CASE("headers are found by key, the last one of a name first") {
    RecordReader reader(wire::exact_hex(golden::v2_plain));
    const auto* r = reader.next();
    REQUIRE(r);
    CHECK(r->headers.size() == 3);
    CHECK(r->headers.last("trace")->text() == "abc");
    CHECK(r->headers.last("none")->null());
    CHECK_FALSE(r->headers.last("empty")->null());
    CHECK_FALSE(r->headers.last("nowhere").has_value());
}

TEST_CASE("BI-62: a wrong checksum fails the batch unless checking is off") {
    auto bytes = batch({}, record(0));
    bytes[batch_layout::crc] ^= 1;
    const auto checked = read_all(bytes);
    CHECK(checked.failure.code == errc::corrupt_records);
    CHECK(checked.failure.detail.find("batch at offset 42 @ 0: checksum 0x") == 0);
    CHECK(checked.records.empty());
    CHECK(checked.peak <= wire::words);
    const auto unchecked = read_all(bytes, {.check_crcs = false});
    CHECK_FALSE(unchecked.failure);
    CHECK(unchecked.records.size() == 1);
}

TEST_CASE("BI-65: fewer or more records than counted are malformed") {
    const auto padded = record(0, std::nullopt, "longer than two small records");
    check_malformed(batch({.count = 2}, padded),
                    "batch at offset 42, record 2 of 2 @ " + std::to_string(61 + padded.size()) +
                        ": record length is no varint within the 0 bytes left");
    check_malformed(batch({.count = 1}, wire::join({record(0), record(1)})),
                    "batch at offset 42 @ 69: 8 bytes follow the last record");
    CHECK(read_all(batch({.count = 1}, wire::join({record(0), record(1)}))).records.size() == 1);
}

TEST_CASE("BI-65 BI-71: many records and many headers are read in linear time and no memory") {
    const auto records = [](std::size_t count) {
        Bytes all;
        for (std::size_t i = 0; i < count; ++i) {
            const auto each = record(static_cast<std::int32_t>(i));
            all.insert(all.end(), each.begin(), each.end());
        }
        return wire::exact(batch({.count = static_cast<std::int32_t>(count)}, all));
    };
    const auto headers = [](std::size_t count) {
        Bytes all;
        for (std::size_t i = 0; i < count; ++i)
            all.insert(all.end(), {2, 'a', 1});
        return wire::exact(
            batch({.last_offset_delta = 1}, with_headers(static_cast<std::int64_t>(count), all)));
    };
    const auto read = [](const Slice& slice) {
        RecordReader reader(slice);
        while (reader.next()) {
        }
        CHECK_FALSE(reader.failure());
    };
    CHECK(growth(10'000, records, read) < most_growth);
    CHECK(growth(20'000, headers, read) < most_growth);
    CHECK(wire::read_through(records(10'000), {}) == 0);
    CHECK(wire::read_through(headers(10'000), {}) == 0);
}

TEST_CASE("BI-68: offsets that do not increase or leave the batch are malformed") {
    check_malformed(around(record(0)),
                    "batch at offset 42, record 2 of 3 @ 72: offset delta 0 follows 0");
    check_malformed(around(record(-1)),
                    "batch at offset 42, record 2 of 3 @ 72: offset delta -1 follows 0");
    check_malformed(around(record(3)),
                    "batch at offset 42, record 2 of 3 @ 72: offset delta 3 is above 2");
}

TEST_CASE("BI-69: a record length that is negative, zero, too large or lies by one is malformed") {
    auto right = record(1);
    const auto change = [&](std::uint8_t length) {
        right[0] = length;
        return around(right);
    };
    check_malformed(change(0x01),
                    "batch at offset 42, record 2 of 3 @ 69: record length -1 is negative");
    check_malformed(change(0x00), "batch at offset 42, record 2 of 3 @ 69: an empty record");
    check_malformed(
        change(0x7e),
        "batch at offset 42, record 2 of 3 @ 69: record length 63 exceeds the 15 bytes left");
    check_malformed(change(2 * 6),
                    "batch at offset 42, record 2 of 3 @ 76: header count is no varint within the "
                    "0 bytes left");
    check_malformed(change(2 * 8),
                    "batch at offset 42, record 2 of 3 @ 77: 1 bytes follow the "
                    "headers of the record");
    for (std::uint8_t length = 2; length < 0x80; length = static_cast<std::uint8_t>(length + 2)) {
        const bool good = length == 2 * 7;
        CHECK(static_cast<bool>(read_all(change(length)).failure) == !good);
    }
}

TEST_CASE("BI-70: a key or value length below -1 or above the bytes left is malformed") {
    auto body = begun();
    put_varint(body, -2);
    put_varint(body, -1);
    put_varint(body, 0);
    check_malformed(around(wire::with_length(body)),
                    "batch at offset 42, record 2 of 3 @ 73: key length -2 is below -1");
    body = begun();
    put_varint(body, 900);
    put_varint(body, -1);
    put_varint(body, 0);
    check_malformed(around(wire::with_length(body)),
                    "batch at offset 42, record 2 of 3 @ 73: key length 900 exceeds the 2 bytes "
                    "left");
    body = begun();
    put_varint(body, -1);
    put_varint(body, -2147483647 - 1);
    put_varint(body, 0);
    check_malformed(around(wire::with_length(body)),
                    "batch at offset 42, record 2 of 3 @ 74: value length -2147483648 is below -1");
    body = begun();
    put_varint(body, -1);
    put_varint(body, 2147483647);
    put_varint(body, 0);
    check_malformed(around(wire::with_length(body)),
                    "batch at offset 42, record 2 of 3 @ 74: value length 2147483647 exceeds the "
                    "1 bytes left");
}

TEST_CASE("BI-71: a header count that is negative or above half of the bytes left is malformed") {
    check_malformed(around(with_headers(-1, {})),
                    "batch at offset 42, record 2 of 3 @ 75: header count -1 is negative");
    check_malformed(around(with_headers(2, {2, 'a', 1})),
                    "batch at offset 42, record 2 of 3 @ 75: header count 2 exceeds the 3 bytes "
                    "left");
    check_malformed(around(with_headers(2147483647, {2, 'a', 1})),
                    "batch at offset 42, record 2 of 3 @ 75: header count 2147483647 exceeds the "
                    "3 bytes left");
}

TEST_CASE("BI-71: a header with a null key, or with lengths that lie, is malformed") {
    check_malformed(around(with_headers(1, {1, 1})),
                    "batch at offset 42, record 2 of 3 @ 76: header key length -1 is negative");
    check_malformed(
        around(with_headers(1, {4, 'a', 1})),
        "batch at offset 42, record 2 of 3 @ 79: header value length is no varint within "
        "the 0 bytes left");
}

TEST_CASE("BI-72: a timestamp that overflows is malformed") {
    const auto middle = record(1, std::nullopt, "v", 0x7fffffffffffffff);
    check_malformed(around(middle), "batch at offset 42, record 2 of 3 @ 71: timestamp overflows");
    // Deltas do not count with log append time.
    const auto read = read_all(
        batch({.attributes = batch_attributes::log_append_time, .max_timestamp = 77, .count = 2},
              wire::join({record(0), middle})));
    CHECK_FALSE(read.failure);
    REQUIRE(read.records.size() == 2);
    CHECK(read.records[1].timestamp == 77);
}

TEST_CASE("BI-74: a codec number that is none fails the batch, known by its offset") {
    for (int codec = 5; codec <= 7; ++codec) {
        const auto read =
            read_all(batch({.attributes = static_cast<std::int16_t>(codec)}, record(0)));
        CHECK(read.failure.code == errc::unsupported_codec);
        CHECK(read.failure.detail ==
              "batch at offset 42 @ 0: codec " + std::to_string(codec) + " (unknown)");
        CHECK(read.next_offset == 43);
    }
}

TEST_CASE("a compressed batch without a decompressor is an error, not a crash") {
    RecordReader reader(wire::exact_hex(golden::v2_gzip));
    CHECK_FALSE(reader.next());
    CHECK(reader.failure().code == errc::unsupported_codec);
}

TEST_CASE("BI-75: a control batch with no records or with two markers is walked") {
    const auto flags = batch_attributes::control;
    const auto none =
        read_all(wire::join({batch({.attributes = flags, .last_offset_delta = 0, .count = 0}, {}),
                             batch({.base_offset = 43}, record(0))}));
    CHECK_FALSE(none.failure);
    CHECK(none.records.size() == 1);
    CHECK(none.next_offset == 44);
    const auto two =
        read_all(batch({.attributes = flags, .count = 2}, wire::join({record(0), record(1)})));
    CHECK_FALSE(two.failure);
    CHECK(two.records.size() == 2);
}

TEST_CASE("BI-80: a batch that compaction emptied advances the position") {
    for (auto codec : {Compression::none, Compression::gzip}) {
        const auto bytes = batch(
            {.attributes = static_cast<std::int16_t>(codec), .last_offset_delta = 9, .count = 0},
            {});
        const auto read = read_all(wire::join({bytes, batch({.base_offset = 52}, record(0))}));
        CHECK_FALSE(read.failure);
        REQUIRE(read.records.size() == 1);
        CHECK(read.records[0].offset == 52);
        CHECK(read.next_offset == 53);
    }
    const auto kafkas = read_all(wire::exact_hex(golden::v2_empty));
    CHECK_FALSE(kafkas.failure);
    CHECK(kafkas.next_offset == 46);
}

TEST_CASE("gaps that compaction left between offsets are kept") {
    const auto read = read_all(
        batch({.last_offset_delta = 100, .count = 2}, wire::join({record(3), record(90)})));
    CHECK_FALSE(read.failure);
    REQUIRE(read.records.size() == 2);
    CHECK(read.records[0].offset == 45);
    CHECK(read.records[1].offset == 132);
    CHECK(read.next_offset == 143);
}

TEST_CASE("BI-92: compressed records that decompress to too few bytes are malformed") {
    const auto read = read_all(wire::compressed_batch({.count = 3}, {}, Compression::gzip));
    CHECK(read.failure.code == errc::malformed_records);
    CHECK(read.failure.detail ==
          "batch at offset 42 @ 0: record count 3 does not fit 0 decompressed bytes");
    const auto empty = read_all(batch({.attributes = 1}, {}));
    CHECK(empty.failure.code == errc::decompression_failed);
    CHECK(empty.failure.detail ==
          "batch at offset 42 @ 0: an empty payload where compressed data must be");
}

TEST_CASE("BI-93: a value that is compressed itself is left as it is") {
    ByteBuffer inner;
    REQUIRE_FALSE(codec::compress(Compression::gzip, record(0), inner));
    const std::string value(as_text(inner.bytes()));
    const auto read =
        read_all(wire::compressed_batch({}, record(0, std::nullopt, value), Compression::gzip));
    CHECK_FALSE(read.failure);
    REQUIRE(read.records.size() == 1);
    CHECK(read.records[0].value == value);
}

TEST_CASE("BI-94: records of exactly the limit decompress, of one byte more do not") {
    const auto records = record(0, std::nullopt, std::string(10'000, 'x'));
    const auto bytes = wire::compressed_batch({}, records, Compression::gzip);
    CHECK_FALSE(read_all(bytes, {.max_decompressed = records.size()}).failure);
    const auto failure = read_all(bytes, {.max_decompressed = records.size() - 1}).failure;
    CHECK(failure.code == errc::limit_exceeded);
    CHECK(failure.detail ==
          "batch at offset 42 @ 0: gzip: decompresses to more than the limit of " +
              std::to_string(records.size() - 1) + " bytes");
}

TEST_CASE("BI-81: a batch that is a bomb ends at the limit, and names its offset") {
    const auto bomb = wire::compressed_batch(
        {}, record(0, std::nullopt, std::string(32 << 20, 'x')), Compression::gzip);
    const std::size_t limit = 1 << 20;
    const auto read = read_all(bomb, {.max_decompressed = limit});
    CHECK(read.failure.code == errc::limit_exceeded);
    CHECK(read.failure.detail.find("batch at offset 42 @ 0: gzip: ") == 0);
    CHECK(read.peak <= limit + (std::size_t{128} << 10));
    CHECK(read.next_offset == 43);
}

TEST_CASE("an error inside compressed records gives the byte of the decompressed form") {
    const auto bytes =
        wire::compressed_batch({.count = 2}, wire::join({record(0), record(0)}), Compression::gzip);
    check_malformed(bytes,
                    "batch at offset 42, record 2 of 2 @ decompressed 11: offset delta 0 "
                    "follows 0");
}

TEST_CASE("records that are cut off anywhere are malformed, and no byte beyond is read") {
    auto body = begun(300);
    put_text(body, "key");
    put_text(body, "value");
    put_varint(body, 2);
    put_text(body, "a");
    put_text(body, "b");
    put_text(body, "c");
    put_text(body, std::nullopt);
    const auto records = wire::join({record(0), wire::with_length(body)});
    CHECK_FALSE(read_all(batch({.count = 2}, records)).failure);
    for (std::size_t size = 14; size < records.size(); ++size) {
        const Bytes part(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(read_all(batch({.count = 2}, part)).failure.code == errc::malformed_records);
    }
    // The same with the record's own length cut to what is there.
    for (std::size_t size = 0; size < body.size(); ++size) {
        const Bytes part(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(read_all(batch({.count = 2}, wire::join({record(0), wire::with_length(part)})))
                  .failure.code == errc::malformed_records);
    }
}

TEST_CASE("any single byte changed, without a checksum, never makes the reader misbehave") {
    for (const auto* text : {golden::v2_plain, golden::v2_gzip, golden::v2_lz4, golden::v0_plain,
                             golden::v1_plain, golden::v1_gzip, golden::v1_snappy}) {
        const auto right = wire::from_hex(text);
        for (std::size_t i = 0; i < right.size(); ++i) {
            for (int flip : {0x01, 0x80, 0xff, 0x7f}) {
                auto wrong = right;
                wrong[i] = static_cast<std::uint8_t>(wrong[i] ^ flip);
                const auto read =
                    read_all(wrong, {.check_crcs = false, .max_decompressed = 1 << 20});
                CHECK(read.records.size() <= 4);
            }
        }
    }
}
