// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;
using wire::batch;
using wire::Bytes;
using wire::read_all;
using wire::record;

namespace {

int decompressions = 0;
Failure counting(Compression codec, std::span<const std::uint8_t> in, ByteBuffer& out,
                 std::size_t max_output) {
    ++decompressions;
    return codec::decompress(codec, in, out, max_output);
}

}  // namespace

TEST_CASE("a slice of mixed formats is read as one sequence of records") {
    const auto bytes =
        wire::join({wire::from_hex(golden::v0_gzip), wire::from_hex(golden::v1_plain),
                    wire::from_hex(golden::v1_lz4), wire::from_hex(golden::v2_plain),
                    wire::from_hex(golden::v2_commit), batch({.base_offset = 100}, record(0))});
    const auto read = read_all(bytes);
    CHECK_FALSE(read.failure);
    CHECK(read.records.size() == 3 + 3 + 3 + 4 + 1 + 1);
    CHECK(read.records.back().offset == 100);
    CHECK(read.next_offset == 101);
}

TEST_CASE("records before a partial batch are read, and the tail is told") {
    auto bytes = wire::join({batch({}, record(0)), batch({.base_offset = 43}, record(0))});
    bytes.pop_back();
    const auto read = read_all(bytes);
    CHECK_FALSE(read.failure);
    CHECK(read.partial_tail);
    CHECK(read.records.size() == 1);
    CHECK(read.next_offset == 43);
}

TEST_CASE("records before a wrong batch are read, and the failure sticks") {
    auto wrong = batch({.base_offset = 43}, record(0));
    wrong.back() ^= 1;
    const auto bytes =
        wire::join({batch({}, record(0)), wrong, batch({.base_offset = 44}, record(0))});
    RecordReader reader(wire::exact(bytes));
    CHECK(reader.next());
    CHECK_FALSE(reader.next());
    CHECK(reader.failure().code == errc::corrupt_records);
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.next_batch());
    CHECK(reader.failure().code == errc::corrupt_records);
}

TEST_CASE("a batch that is left before its first record costs no decompression") {
    const auto bytes =
        wire::join({wire::from_hex(golden::v2_gzip), wire::from_hex(golden::v2_zstd)});
    decompressions = 0;
    RecordReader reader(wire::exact(bytes), {.decompress = counting});
    REQUIRE(reader.next_batch());
    CHECK(reader.batch()->compression() == Compression::gzip);
    REQUIRE(reader.next_batch());
    CHECK(reader.batch()->compression() == Compression::zstd);
    CHECK(decompressions == 0);
    int count = 0;
    while (reader.next_in_batch())
        ++count;
    CHECK(count == 4);
    CHECK(decompressions == 1);
    CHECK_FALSE(reader.next_batch());
    CHECK_FALSE(reader.batch());
    CHECK_FALSE(reader.failure());
}

TEST_CASE("the batch of each record is at hand, and can be left in its midst") {
    const auto bytes =
        wire::join({wire::from_hex(golden::v2_txn), wire::from_hex(golden::v2_commit)});
    RecordReader reader(wire::exact(bytes));
    CHECK_FALSE(reader.batch());
    REQUIRE(reader.next());
    CHECK(reader.batch()->transactional());
    CHECK_FALSE(reader.batch()->control());
    REQUIRE(reader.next_batch());
    CHECK(reader.batch()->control());
    REQUIRE(reader.next());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.batch());
}

TEST_CASE("records stay readable while their slice is kept, also after the reader is gone") {
    for (const auto* text : {golden::v2_plain, golden::v2_gzip, golden::v1_gzip}) {
        Slice keep;
        BytesView value;
        {
            RecordReader reader(wire::exact_hex(text), {.decompress = codec::decompress});
            const auto* r = reader.next();
            REQUIRE(r);
            value = r->value;
            keep = reader.records_slice();
        }
        CHECK(value.text() == "value");
    }
}

TEST_CASE("a scratch buffer is used again for each compressed batch") {
    const auto bytes = wire::join({wire::from_hex(golden::v2_gzip), wire::from_hex(golden::v2_zstd),
                                   wire::from_hex(golden::v1_gzip)});
    ByteBuffer scratch(1000);
    const auto* memory = scratch.data();
    const auto read = read_all(wire::exact(bytes), {.scratch = &scratch});
    CHECK_FALSE(read.failure);
    CHECK(read.records.size() == 11);
    CHECK(scratch.data() == memory);
}

TEST_CASE("BI-95: the bytes that decompression made are counted over all batches") {
    const auto one = wire::compressed_batch({}, record(0), Compression::gzip);
    const auto two =
        wire::compressed_batch({.base_offset = 43}, record(0, "key"), Compression::zstd);
    RecordReader reader(wire::exact(wire::join({one, two, batch({.base_offset = 44}, record(0))})),
                        {.decompress = codec::decompress});
    while (reader.next()) {
    }
    CHECK_FALSE(reader.failure());
    CHECK(reader.decompressed_total() == record(0).size() + record(0, "key").size());
}

TEST_CASE(
    "BI-95: partitions that decompress to more than a budget are left in time, batch by batch") {
    // Ten partitions of a mebibyte each, from little on the wire. A budget of three and a half is
    // spent by the fourth, and the memory that was taken is that of one.
    const auto records = record(0, std::nullopt, std::string(1 << 20, 'x'));
    const auto partition = wire::exact(wire::compressed_batch({}, records, Compression::gzip));
    const std::size_t budget = 3'500'000;
    ByteBuffer scratch;
    std::size_t total = 0;
    int read = 0;
    test::AllocationScope scope;
    for (int i = 0; i < 10 && total <= budget; ++i) {
        RecordReader reader(partition,
                            {.decompress = codec::decompress,
                             .max_decompressed = std::max(budget - total, records.size()),
                             .scratch = &scratch});
        while (reader.next())
            ++read;
        total += reader.decompressed_total();
    }
    const auto peak = scope.peak();
    CHECK(read == 4);
    CHECK(total == 4 * records.size());
    CHECK(peak <= records.size() + (std::size_t{256} << 10));
}

TEST_CASE("BI-67: records below a wanted offset are shown, and an offset far above is legal") {
    const auto read = read_all(wire::join({batch({.base_offset = 1}, record(0)),
                                           batch({.base_offset = 1'000'000'000'000}, record(0))}));
    CHECK_FALSE(read.failure);
    CHECK(read.records.size() == 2);
    CHECK(read.next_offset == 1'000'000'000'001);
}

TEST_CASE("BI-78: batches that overlap are read as they come") {
    const auto records = wire::join({record(0), record(1)});
    const auto read = read_all(wire::join({batch({.base_offset = 10, .count = 2}, records),
                                           batch({.base_offset = 11, .count = 2}, records)}));
    CHECK_FALSE(read.failure);
    REQUIRE(read.records.size() == 4);
    CHECK(read.records[2].offset == 11);
    CHECK(read.next_offset == 13);
}

TEST_CASE("a reader that is moved goes on where it was") {
    RecordReader first(wire::exact_hex(golden::v2_plain));
    REQUIRE(first.next());
    RecordReader second = std::move(first);
    REQUIRE(second.batch());
    CHECK(second.batch()->count == 4);
    int left = 0;
    while (second.next())
        ++left;
    CHECK(left == 3);
}
