// SPDX-License-Identifier: Apache-2.0
#include "fuzz/records.hpp"

#include <utility>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>

#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

using namespace protocol;

OwnedRecord own(const RecordView& record) {
    const auto copy = [](Input bytes) { return Bytes(bytes.begin(), bytes.end()); };
    std::size_t headers = 0;
    for (const auto& header : record.headers) {
        ++headers;
        check(Bytes(header.key.begin(), header.key.end()).size() == header.key.size(),
              "a header's key can be read");
        check(copy(header.value.bytes()).size() == header.value.size(),
              "a header's value can be read");
    }
    check(headers == record.headers.size(), "there are as many headers as announced");
    return {record.offset,
            record.timestamp,
            copy(record.key.bytes()),
            copy(record.value.bytes()),
            copy(record.headers.wire()),
            record.key.null(),
            record.value.null(),
            headers};
}

struct Outcome {
    std::vector<OwnedRecord> records;
    Failure failure;
    std::int64_t next_offset;
    bool partial_tail;
};

void check_failure(const Failure& failure) {
    const auto& code = failure.code;
    if (!failure) return;
    check(code == errc::malformed_records || code == errc::corrupt_records ||
              code == errc::unsupported_codec || code == errc::limit_exceeded ||
              code == errc::decompression_failed,
          "records fail with one of their documented errors");
    check(!failure.detail.empty(), "a failure has words");
}

Outcome read(const Slice& slice, bool check_crcs, ByteBuffer* scratch) {
    RecordReader reader(slice, {.check_crcs = check_crcs,
                                .decompress = codec::decompress,
                                .decompress_lz4_magic0 = codec::decompress_lz4_magic0,
                                .max_decompressed = max_decompressed,
                                .scratch = scratch});
    Outcome outcome{};
    std::int64_t previous = -1;
    while (const auto* record = reader.next()) {
        outcome.records.push_back(own(*record));
        check(reader.batch() != nullptr, "a record is in a batch");
        const auto next = reader.next_offset();
        check(next >= previous, "next_offset() never goes back");
        previous = next;
    }
    check(reader.next() == nullptr, "the end is the end");
    outcome.failure = reader.failure();
    outcome.next_offset = reader.next_offset();
    outcome.partial_tail = reader.partial_tail();
    check_failure(outcome.failure);
    return outcome;
}

bool same(const std::vector<OwnedRecord>& a, const std::vector<OwnedRecord>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].offset != b[i].offset || !a[i].same_content(b[i])) return false;
    return true;
}

}  // namespace

std::vector<OwnedRecord> read_records(Input bytes) {
    const auto slice = test::ExactBytes::of(bytes);
    const auto checked = read(slice, true, nullptr);
    ByteBuffer scratch;
    const auto reused = read(slice, true, &scratch);
    check(same(checked.records, reused.records) &&
              checked.failure.message() == reused.failure.message(),
          "a scratch buffer changes nothing");
    auto unchecked = read(slice, false, nullptr);
    check(unchecked.records.size() >= checked.records.size(),
          "without checksums no fewer records are read");
    if (!checked.failure)
        check(same(checked.records, unchecked.records) && !unchecked.failure &&
                  checked.next_offset == unchecked.next_offset &&
                  checked.partial_tail == unchecked.partial_tail,
              "right checksums change nothing");

    // By their headers alone.
    RecordBatches batches(slice);
    std::size_t end = 0;
    while (const auto* batch = batches.next()) {
        check(batch->position == end, "one batch begins where the last one ends");
        end = batch->position + batch->bytes.size();
        (void)check_crc(*batch);
        BatchRecords records;
        if (records.open(*batch, slice,
                         {.check_crcs = false,
                          .decompress = codec::decompress,
                          .decompress_lz4_magic0 = codec::decompress_lz4_magic0,
                          .max_decompressed = max_decompressed})) {
            const Slice kept = records.records_slice();
            while (const auto* record = records.next())
                (void)own(*record);
        }
        check_failure(records.failure());
    }
    check(batches.position() == end, "the position is behind the last whole batch");
    check(batches.failure() || batches.partial_tail() == (end != bytes.size()),
          "what is left is a partial tail");
    check_failure(batches.failure());
    const auto next = offset_after(slice.bytes(), 77);
    check(static_cast<bool>(next) == !batches.failure(), "the walk fails where the walk fails");
    return std::move(unchecked.records);
}

Bytes compressed(unsigned codec, Input bytes) {
    ByteBuffer out;
    const auto failure = codec::compress(static_cast<Compression>(codec), bytes, out);
    if (failure) return {bytes.begin(), bytes.end()};
    return {out.bytes().begin(), out.bytes().end()};
}

}  // namespace kafka::fuzz
