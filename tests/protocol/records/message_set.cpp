// SPDX-License-Identifier: Apache-2.0
#include "protocol/records/message_set.hpp"

#include <doctest/doctest.h>

#include <kafka/error.hpp>

#include "growth.hpp"
#include "protocol/records/crc32_ieee.hpp"
#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;
using test::growth;
using test::most_growth;
using wire::Bytes;
using wire::exact_hex;
using wire::Owned;
using wire::put;
using wire::read_all;

namespace {

constexpr std::int64_t t = 1700000000000;

std::vector<Owned> golden_messages(bool timestamps) {
    const auto at = [&](std::int64_t time) { return timestamps ? time : -1; };
    return {{42, at(t), "key", "value", {}},
            {43, at(t + 5), std::nullopt, "v2", {}},
            {44, at(t - 3), "", std::nullopt, {}}};
}

struct Message {
    std::int64_t offset = 42;
    std::int8_t magic = 1;
    std::int8_t attributes = 0;
    std::int64_t timestamp = 1000;
    std::optional<std::string> key = {};
    std::optional<std::string> value = "v";
};
void put_bytes(Bytes& to, const std::optional<std::string>& bytes) {
    put(to, bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
    if (bytes) to.insert(to.end(), bytes->begin(), bytes->end());
}
void sum_up(Bytes& message) {
    wire::put_at(message, 12, crc32_ieee(std::span<const std::uint8_t>(message).subspan(16)));
}
Bytes message(const Message& m) {
    Bytes b;
    put(b, m.offset);
    put(b, std::int32_t{0});
    put(b, std::uint32_t{0});
    put(b, m.magic);
    put(b, m.attributes);
    if (m.magic > 0) put(b, m.timestamp);
    put_bytes(b, m.key);
    put_bytes(b, m.value);
    wire::put_at(b, 8, static_cast<std::int32_t>(b.size() - 12));
    sum_up(b);
    return b;
}
Bytes wrap(Message m, const Bytes& set) {
    ByteBuffer out;
    REQUIRE_FALSE(codec::compress(Compression::gzip, set, out));
    m.attributes = static_cast<std::int8_t>(m.attributes | 1);
    m.value = std::string(as_text(out.bytes()));
    return message(m);
}

void check_malformed(const Bytes& bytes, const std::string& detail) {
    const auto read = read_all(bytes);
    CHECK(read.failure.code == errc::malformed_records);
    CHECK(read.failure.detail == detail);
}

}  // namespace

TEST_CASE("messages of format 0 that Kafka wrote are read, whatever the codec") {
    // lz4 with the old, wrong header checksum among them.
    for (const auto* text :
         {golden::v0_plain, golden::v0_gzip, golden::v0_snappy, golden::v0_lz4}) {
        const auto read = read_all(exact_hex(text));
        CHECK_FALSE(read.failure);
        CHECK(read.records == golden_messages(false));
        CHECK(read.next_offset == 45);
    }
    RecordReader reader(exact_hex(golden::v0_plain));
    CHECK(reader.next()->timestamp_type == TimestampType::none);
}

TEST_CASE("lz4 of format 0 is left to the common decompressor if there is no other") {
    RecordReader reader(exact_hex(golden::v0_lz4), {.decompress = codec::decompress});
    CHECK_FALSE(reader.next());
    CHECK(reader.failure().code == errc::decompression_failed);
}

TEST_CASE("messages of format 1 that Kafka wrote are read, with offsets made absolute") {
    for (const auto* text :
         {golden::v1_plain, golden::v1_gzip, golden::v1_snappy, golden::v1_lz4}) {
        const auto read = read_all(exact_hex(text));
        CHECK_FALSE(read.failure);
        CHECK(read.records == golden_messages(true));
        CHECK(read.next_offset == 45);
    }
}

TEST_CASE("with log append time the wrapper's timestamp holds for the messages inside") {
    RecordReader reader(exact_hex(golden::v1_append_time_gzip), {.decompress = codec::decompress});
    int count = 0;
    while (const auto* r = reader.next()) {
        CHECK(r->timestamp_type == TimestampType::log_append);
        CHECK(r->timestamp == reader.batch()->max_timestamp);
        CHECK(r->timestamp > t + 1000);
        ++count;
    }
    CHECK(count == 3);
}

TEST_CASE("a compressed message does not say how many records it has, a plain one has one") {
    RecordBatches compressed(exact_hex(golden::v1_gzip));
    CHECK(compressed.next()->count == -1);
    RecordBatches plain(exact_hex(golden::v1_plain));
    CHECK(plain.next()->count == 1);
}

TEST_CASE("BI-62: a wrong checksum of an old message is found") {
    for (const auto* text : {golden::v0_plain, golden::v1_gzip}) {
        auto bytes = wire::from_hex(text);
        bytes[12] ^= 1;
        const auto failure = read_all(bytes).failure;
        CHECK(failure.code == errc::corrupt_records);
        CHECK(failure.detail.find(" @ 0: checksum 0x") != std::string::npos);
        CHECK_FALSE(read_all(bytes, {.check_crcs = false}).failure);
    }
}

TEST_CASE("BI-60: a message below its smallest size is malformed, a cut one is partial") {
    auto bytes = message({.magic = 0, .key = std::nullopt, .value = std::nullopt});
    CHECK(bytes.size() == 12 + legacy_min_length(0));
    CHECK_FALSE(read_all(bytes).failure);
    wire::put_at(bytes, 8, std::int32_t{13});
    check_malformed(bytes, "batch at offset 42 @ 0: length 13 is below 14");
    const auto whole = message({.key = "k"});
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const auto read =
            read_all(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
        CHECK_FALSE(read.failure);
        CHECK(read.partial_tail);
    }
}

TEST_CASE("a message whose key or value length is wrong is malformed") {
    auto bytes = message({.key = "k"});
    const auto change = [&](std::size_t at, std::int32_t length) {
        auto wrong = bytes;
        wire::put_at(wrong, at, length);
        sum_up(wrong);
        return wrong;
    };
    check_malformed(change(26, -2), "batch at offset 42 @ 0: key length -2 is below -1");
    check_malformed(change(26, 7), "batch at offset 42 @ 0: key length 7 exceeds the 6 bytes left");
    check_malformed(change(31, 2),
                    "batch at offset 42 @ 0: value length 2 exceeds the 1 bytes left");
    check_malformed(change(31, 0), "batch at offset 42 @ 0: 1 bytes follow the value");
    check_malformed(change(26, 3),
                    "batch at offset 42 @ 0: the message ends before the length of "
                    "its value");
}

TEST_CASE("BI-79: a message set inside a message set inside a message set is malformed") {
    const auto inner = wrap({.offset = 0}, message({.offset = 0}));
    check_malformed(wrap({}, inner),
                    "batch at offset 42 @ decompressed 0: a compressed message "
                    "within a compressed message");
}

TEST_CASE("BI-79: relative offsets count from the wrapper's, which is the last one's") {
    const auto set = wire::join({message({.offset = 3}), message({.offset = 9})});
    const auto read = read_all(wrap({.offset = 100}, set));
    CHECK_FALSE(read.failure);
    REQUIRE(read.records.size() == 2);
    CHECK(read.records[0].offset == 94);
    CHECK(read.records[1].offset == 100);
}

TEST_CASE("a wrapper's offset of 0 is one that its producer did not set: those inside stand") {
    for (const auto magic : {std::int8_t{0}, std::int8_t{1}}) {
        const auto set = wire::join(
            {message({.offset = 0, .magic = magic}), message({.offset = 1, .magic = magic})});
        const auto read = read_all(wrap({.offset = 0, .magic = magic}, set));
        CHECK_FALSE(read.failure);
        REQUIRE(read.records.size() == 2);
        CHECK(read.records[0].offset == 0);
        CHECK(read.records[1].offset == 1);
    }
}

TEST_CASE("BI-79: offsets of format 0 are absolute, and the wrapper's may be above the last") {
    const auto set =
        wire::join({message({.offset = 97, .magic = 0}), message({.offset = 98, .magic = 0})});
    const auto read = read_all(wrap({.offset = 100, .magic = 0}, set));
    CHECK_FALSE(read.failure);
    REQUIRE(read.records.size() == 2);
    CHECK(read.records[1].offset == 98);
    CHECK(read.next_offset == 101);
}

TEST_CASE("BI-79: an inner offset above the wrapper's, negative or not increasing is malformed") {
    check_malformed(wrap({.offset = 8}, message({.offset = 9})),
                    "batch at offset 8 @ decompressed 0: inner offset 9 is above the wrapper's 8");
    const auto set = wire::join({message({.offset = 1}), message({.offset = 1})});
    check_malformed(wrap({}, set), "batch at offset 42 @ decompressed 35: offset 42 follows 42");
    const auto negative = wire::join({message({.offset = -1}), message({.offset = 1})});
    check_malformed(wrap({}, negative),
                    "batch at offset 42 @ decompressed 0: inner offset -1 is out of range");
    check_malformed(wrap({.offset = 8, .magic = 0}, message({.offset = 9, .magic = 0})),
                    "batch at offset 8 @ decompressed 0: inner offset 9 is out of range");
}

TEST_CASE("BI-79: many messages in one are read in linear time, and within the memory of the set") {
    const auto wrapped = [](std::size_t count) {
        Bytes set;
        for (std::size_t i = 0; i < count; ++i) {
            const auto each = message({.offset = static_cast<std::int64_t>(i)});
            set.insert(set.end(), each.begin(), each.end());
        }
        return wire::exact(wrap({.offset = 1'000'000}, set));
    };
    const auto read = [](const Slice& slice) {
        RecordReader reader(slice, {.decompress = codec::decompress});
        while (reader.next()) {
        }
        CHECK_FALSE(reader.failure());
    };
    CHECK(growth(5'000, wrapped, read) < most_growth);
    const auto many = wrapped(5'000);
    CHECK(wire::read_through(many, {.decompress = codec::decompress}) <=
          5'000 * message({}).size() * 5 / 4 + (std::size_t{128} << 10));
}

TEST_CASE("BI-79: an inner message of another format or with a wrong size is malformed") {
    check_malformed(wrap({}, message({.magic = 0, .value = "long enough"})),
                    "batch at offset 42 @ decompressed 0: a message of format 0 within one of "
                    "format 1");
    auto set = message({.offset = 0});
    wire::put_at(set, 8, std::int32_t{1000});
    check_malformed(wrap({}, set),
                    "batch at offset 42 @ decompressed 0: message size 1000 exceeds "
                    "the 23 bytes left");
    wire::put_at(set, 8, std::int32_t{-1});
    check_malformed(wrap({}, set),
                    "batch at offset 42 @ decompressed 0: message size -1 is below 22");
    set = message({.offset = 0});
    set.resize(set.size() + 5);
    check_malformed(wrap({}, set),
                    "batch at offset 42 @ decompressed 35: 5 bytes are left, which is no message");
}

TEST_CASE("a compressed message that is empty inside or has no value is malformed") {
    check_malformed(wrap({}, {}),
                    "batch at offset 42 @ decompressed 0: a compressed message "
                    "without messages inside");
    check_malformed(message({.attributes = 1, .value = std::nullopt}),
                    "batch at offset 42 @ 0: a compressed message without a value");
}
