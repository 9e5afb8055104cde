// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_batch_edit.hpp>

#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;
using wire::batch;
using wire::Bytes;
using wire::Head;
using wire::record;

namespace {

Failure produced(const Bytes& bytes) {
    const auto slice = wire::exact(bytes);
    return check_produced(slice.bytes(), {.decompress = codec::decompress}).failure();
}

void check_refused(const Bytes& bytes, const std::string& detail) {
    const auto failure = produced(bytes);
    CHECK(failure.code == errc::malformed_records);
    CHECK(failure.detail == detail);
}

}  // namespace

TEST_CASE("a base offset and a leader epoch are set outside the checksum") {
    auto bytes = wire::from_hex(golden::v2_txn);
    set_base_offset(bytes, 1000);
    set_leader_epoch(bytes, 9);
    const auto read = wire::read_all(bytes);
    CHECK_FALSE(read.failure);
    CHECK(read.records.front().offset == 1000);
    RecordBatches batches(wire::exact(bytes));
    CHECK(batches.next()->leader_epoch == 9);
}

TEST_CASE("log append time is set on a batch with whatever codec, checksum included") {
    for (const auto* text : {golden::v2_plain, golden::v2_zstd}) {
        auto bytes = wire::from_hex(text);
        set_log_append_time(bytes, 123456);
        const auto read = wire::read_all(bytes);
        CHECK_FALSE(read.failure);
        REQUIRE(read.records.size() == 4);
        for (const auto& r : read.records)
            CHECK(r.timestamp == 123456);
        RecordBatches batches(wire::exact(bytes));
        CHECK(batches.next()->timestamp_type() == TimestampType::log_append);
    }
}

TEST_CASE("another producer id is set, checksum included") {
    auto bytes = wire::from_hex(golden::v2_txn);
    set_producer(bytes, 5000, 0, 1);
    CHECK_FALSE(produced(bytes));
    RecordBatches batches(wire::exact(bytes));
    const auto* b = batches.next();
    CHECK(b->producer_id == 5000);
    CHECK(b->producer_epoch == 0);
    CHECK(b->base_sequence == 1);
}

TEST_CASE("a batch of which a value lies elsewhere is the same batch") {
    const std::string large(5000, 'x');
    const std::array<RecordHeaderView, 1> headers{{{"header", "of it"}}};
    const RecordRef before{.key = "k", .value = "first", .timestamp = 1'700'000'000'000};
    for (const bool alone : {true, false})
        for (const auto& value : {std::string_view(large), std::string_view(large).substr(0, 1)})
            for (const auto of_it : {std::span<const RecordHeaderView>(headers),
                                     std::span<const RecordHeaderView>()}) {
                const RecordRef last{"key", value, of_it, 1'700'000'000'777};
                RecordBatchBuilder whole, parted;
                if (!alone) {
                    REQUIRE(whole.append(before));
                    REQUIRE(parted.append(before));
                }
                REQUIRE(whole.append(last));
                const auto expected = whole.seal({.producer_id = 7, .base_sequence = 3});
                // As append(), for size.
                CHECK_FALSE(parted.append_without_value(last, expected.size() - 1));
                const auto place = parted.append_without_value(last, expected.size());
                REQUIRE(place);
                CHECK(parted.count() == whole.count());
                CHECK(parted.max_timestamp() == whole.max_timestamp());
                const auto own = parted.seal({.producer_id = 7, .base_sequence = 3});
                CHECK(own.size() + value.size() == expected.size());
                enclose(own, *place, as_bytes(value));
                std::string joined(as_text(own.first(*place)));
                joined += value;
                joined += as_text(own.subspan(*place));
                CHECK(joined == as_text(expected));
            }
}

TEST_CASE("what Kafka's own producer sends is accepted") {
    for (const auto* text : {golden::v2_plain, golden::v2_txn, golden::v2_gzip, golden::v2_snappy,
                             golden::v2_lz4, golden::v2_zstd}) {
        const auto bytes = wire::from_hex(text);
        const auto b = check_produced(bytes, {.decompress = codec::decompress});
        REQUIRE(b);
        CHECK(b->count == 4);
        CHECK(b->bytes.data() == bytes.data());
    }
}

TEST_CASE("anything but one whole batch of format 2 is refused") {
    const auto one = batch({}, record(0));
    check_refused({}, "produced batch: no bytes");
    check_refused(Bytes(one.begin(), one.end() - 1), "produced batch: cut off");
    check_refused(wire::join({one, one}), "produced batch: more than one batch");
    check_refused(wire::join({one, {0}}), "produced batch: more than one batch");
    check_refused(wire::from_hex(golden::v1_gzip), "produced batch: format 1 cannot be produced");
}

TEST_CASE("a control batch or one without records is refused") {
    check_refused(wire::from_hex(golden::v2_commit),
                  "produced batch: clients cannot produce control batches");
    check_refused(wire::from_hex(golden::v2_empty), "produced batch: no records");
}

TEST_CASE("offset deltas with a gap are refused") {
    check_refused(batch({.last_offset_delta = 2, .count = 2}, wire::join({record(0), record(2)})),
                  "produced batch: record count 2 does not fit last offset delta 2");
    auto bytes = batch({.count = 2}, wire::join({record(0), record(1)}));
    bytes[batch_layout::records + 3] = 2;  // both deltas are 1 now
    wire::sum_up(bytes);
    check_refused(bytes, "produced batch: record 1 has offset delta 1");
}

TEST_CASE("producer fields that do not go together are refused") {
    check_refused(batch({.producer_id = 5, .base_sequence = 0}, record(0)),
                  "produced batch: a producer id without an epoch");
    check_refused(batch({.producer_id = 5, .producer_epoch = 0}, record(0)),
                  "produced batch: a producer id without a sequence number");
    check_refused(batch({.base_sequence = 0}, record(0)),
                  "produced batch: an epoch or sequence number without a producer id");
}

TEST_CASE("a largest timestamp that is not the records' is refused") {
    check_refused(batch({.max_timestamp = 1001}, record(0)),
                  "produced batch: largest timestamp 1001, but 1000 is found");
}

TEST_CASE("a wrong checksum is refused even if checking was turned off") {
    auto bytes = batch({}, record(0));
    bytes.back() ^= 1;
    CHECK(check_produced(bytes, {.check_crcs = false}).failure().code == errc::corrupt_records);
}

TEST_CASE("malformed records are refused by their own error") {
    CHECK(produced(batch({.count = 2}, wire::join({record(0), record(0)}))).detail ==
          "batch at offset 42, record 2 of 2 @ 72: offset delta 0 follows 0");
}
