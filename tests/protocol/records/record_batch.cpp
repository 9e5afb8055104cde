// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/record_batch.hpp>

#include "growth.hpp"
#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;
using wire::batch;
using wire::Bytes;
using wire::exact;
using wire::record;

namespace {

// Walks to the end, which takes no memory but for the words of a failure.
Failure walk(const Bytes& bytes) {
    const auto slice = exact(bytes);
    test::AllocationScope scope;
    RecordBatches batches(slice);
    while (batches.next()) {
    }
    const auto peak = scope.peak();
    CHECK(peak <= (batches.failure() ? wire::words : 0));
    return batches.failure();
}
void check_malformed(const Bytes& bytes, const std::string& detail) {
    const auto failure = walk(bytes);
    CHECK(failure.code == errc::malformed_records);
    CHECK(failure.detail == detail);
}

}  // namespace

TEST_CASE("the header of a batch that Kafka wrote is read") {
    RecordBatches batches(wire::exact_hex(golden::v2_txn));
    const auto* b = batches.next();
    REQUIRE(b);
    CHECK(b->base_offset == 42);
    CHECK(b->last_offset() == 45);
    CHECK(b->next_offset() == 46);
    CHECK(b->leader_epoch == 7);
    CHECK(b->magic == 2);
    CHECK(b->compression() == Compression::none);
    CHECK(b->timestamp_type() == TimestampType::create);
    CHECK(b->transactional());
    CHECK_FALSE(b->control());
    CHECK(b->base_timestamp == 1700000000000);
    CHECK(b->max_timestamp == 1700000100000);
    CHECK(b->producer_id == 4000);
    CHECK(b->producer_epoch == 3);
    CHECK(b->base_sequence == 17);
    CHECK(b->count == 4);
    CHECK(b->bytes.size() == 125);
    CHECK_FALSE(check_crc(*b));
    CHECK_FALSE(batches.next());
    CHECK_FALSE(batches.failure());
    CHECK_FALSE(batches.partial_tail());
    CHECK(batches.next_offset() == 46);
}

TEST_CASE("an empty slice and a null one have no batches and no error") {
    for (const auto& slice : {Slice(), exact({})}) {
        RecordBatches batches(slice);
        CHECK_FALSE(batches.next());
        CHECK_FALSE(batches.failure());
        CHECK_FALSE(batches.partial_tail());
        CHECK(batches.next_offset() == -1);
    }
}

TEST_CASE("BI-60: a batch length that is negative, zero or below the header is malformed") {
    for (std::int32_t length : {-2147483647 - 1, -1, 0, 13, 14, 48}) {
        check_malformed(batch({.length = length}, record(0)),
                        "batch at offset 42 @ 0: length " + std::to_string(length) + " is below " +
                            (length < 14 ? "14" : "49"));
    }
}

TEST_CASE("BI-60: a batch length above the bytes left is a partial batch") {
    for (std::int32_t length : {58, 1000, 2147483647}) {
        RecordBatches batches(exact(batch({.length = length}, record(0))));
        CHECK_FALSE(batches.next());
        CHECK_FALSE(batches.failure());
        CHECK(batches.partial_tail());
        CHECK(batches.position() == 0);
    }
}

TEST_CASE("BI-61: a batch that is cut off anywhere ends the walk without an error") {
    const auto whole = batch({}, record(0));
    const auto next = batch({.base_offset = 43}, record(0));
    for (std::size_t size = 1; size < next.size(); ++size) {
        auto bytes = whole;
        bytes.insert(bytes.end(), next.begin(), next.begin() + static_cast<std::ptrdiff_t>(size));
        RecordBatches batches(exact(bytes));
        CHECK(batches.next());
        CHECK_FALSE(batches.next());
        CHECK_FALSE(batches.failure());
        CHECK(batches.partial_tail());
        CHECK(batches.position() == whole.size());
        CHECK(batches.next_offset() == 43);
        CHECK_FALSE(batches.next());
    }
}

TEST_CASE("BI-62: a wrong checksum names the batch and both values") {
    auto bytes = batch({}, record(0));
    bytes.back() ^= 1;
    RecordBatches batches(exact(bytes));
    const auto* b = batches.next();
    REQUIRE(b);
    const auto failure = check_crc(*b);
    CHECK(failure.code == errc::corrupt_records);
    const auto hex = [](std::uint32_t sum) {
        Bytes wire;
        wire::put(wire, sum);
        return "0x" + wire::to_hex(wire);
    };
    const auto found =
        crc32c(std::span<const std::uint8_t>(bytes).subspan(batch_layout::attributes));
    CHECK(failure.detail ==
          "batch at offset 42 @ 0: checksum " + hex(found) + ", but " + hex(b->crc) + " is stated");
}

TEST_CASE("BI-63: a record count of -1 is malformed and names its batch") {
    check_malformed(batch({.last_offset_delta = 0, .count = -1}, record(0)),
                    "batch at offset 42 @ 0: record count -1 is negative");
}

TEST_CASE("BI-64: a record count of 2^31-1 in a batch of 61 bytes is malformed") {
    check_malformed(batch({.last_offset_delta = 2147483647, .count = 2147483647}, {}),
                    "batch at offset 42 @ 0: record count 2147483647 does not fit 0 bytes");
}

TEST_CASE("BI-66: a last offset delta that is negative or below the record count is malformed") {
    check_malformed(batch({.last_offset_delta = -1}, record(0)),
                    "batch at offset 42 @ 0: last offset delta -1 is negative");
    check_malformed(batch({.last_offset_delta = 0, .count = 2}, wire::join({record(0), record(1)})),
                    "batch at offset 42 @ 0: record count 2 does not fit last offset delta 0");
}

TEST_CASE("BI-67: a negative base offset is malformed, and so is one that overflows") {
    check_malformed(batch({.base_offset = -1}, record(0)),
                    "batch at offset -1 @ 0: a negative base offset");
    check_malformed(batch({.base_offset = 0x7fffffffffffffff}, record(0)),
                    "batch at offset 9223372036854775807 @ 0: its last offset overflows");
    CHECK_FALSE(walk(batch({.base_offset = 0x7ffffffffffffffe}, record(0))));
}

TEST_CASE("BI-73: a format that is not known is malformed") {
    for (int magic = -128; magic < 128; ++magic) {
        if (0 <= magic && magic <= 2) continue;
        check_malformed(
            batch({.magic = static_cast<std::int8_t>(magic)}, record(0)),
            "batch at offset 42 @ 0: format " + std::to_string(magic) + " is not known");
    }
}

TEST_CASE("BI-76: a transactional batch without a producer id is malformed") {
    check_malformed(batch({.attributes = batch_attributes::transactional}, record(0)),
                    "batch at offset 42 @ 0: transactional, but without a producer id");
}

TEST_CASE("BI-78: after batches that overlap, the next offset is the furthest one") {
    const auto bytes =
        wire::join({batch({.base_offset = 50}, record(0)), batch({.base_offset = 42}, record(0))});
    RecordBatches batches(exact(bytes));
    CHECK(batches.next());
    CHECK(batches.next());
    CHECK(batches.next_offset() == 51);
}

TEST_CASE("BI-78: many batches, each over the last one, are walked in linear time") {
    const auto batches = [](std::size_t count) {
        Bytes all;
        for (std::size_t i = 0; i < count; ++i) {
            const auto each = batch({.base_offset = static_cast<std::int64_t>(i % 7)}, record(0));
            all.insert(all.end(), each.begin(), each.end());
        }
        return exact(all);
    };
    CHECK(test::growth(5'000, batches, [](const Slice& slice) {
              RecordBatches walked(slice);
              while (walked.next()) {
              }
              CHECK(walked.next_offset() == 7);
          }) < test::most_growth);
}

TEST_CASE("an error in a later header names its own offset and place") {
    const auto first = batch({}, record(0));
    const auto failure = walk(wire::join({first, batch({.base_offset = 43, .count = -5}, {})}));
    CHECK(failure.detail.find("batch at offset 43 @ " + std::to_string(first.size())) == 0);
}

TEST_CASE("a failure sticks") {
    RecordBatches batches(exact(batch({.count = -1}, {})));
    CHECK_FALSE(batches.next());
    CHECK_FALSE(batches.next());
    CHECK(batches.failure());
}

TEST_CASE("the offset to fetch next is found by the headers alone") {
    auto bytes = wire::join({batch({}, record(0)), wire::from_hex(golden::v2_zstd)});
    bytes.back() ^= 1;  // no checksum is looked at
    CHECK(*offset_after(bytes, 7) == 46);
    CHECK(*offset_after({}, 7) == 7);
    CHECK(*offset_after(std::span(bytes).first(20), 7) == 7);
    CHECK(offset_after(batch({.count = -1}, {}), 7).failure().code == errc::malformed_records);
}
