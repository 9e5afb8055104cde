// SPDX-License-Identifier: Apache-2.0
// Reading the records of a `records` field, one after the other and without a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <kafka/compression.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::protocol {

/// Appends the decompressed form of `in` to `out`, at most `max_output` bytes. The library's own
/// is kafka::codec::decompress; this folder knows codecs by this type only.
using DecompressFn = Failure (*)(Compression codec, std::span<const std::uint8_t> in,
                                 ByteBuffer& out, std::size_t max_output);

/// The same for lz4 in messages of format 0, whose frames carry a wrong header checksum
/// (KAFKA-3160). The library's own is kafka::codec::decompress_lz4_magic0.
using DecompressLz4Magic0Fn = Failure (*)(std::span<const std::uint8_t> in, ByteBuffer& out,
                                          std::size_t max_output);

/// How records are read.
struct ReadOptions {
    /// Compare checksums (Kafka's `check.crcs`). Default: true.
    bool check_crcs = true;
    /// Needed for compressed batches; without it they fail with unsupported_codec. Default: none.
    DecompressFn decompress = nullptr;
    /// Used in place of `decompress` for lz4 in messages of format 0. Default: none, which leaves
    /// them to `decompress`: right for frames whose checksum is right.
    DecompressLz4Magic0Fn decompress_lz4_magic0 = nullptr;
    /// The largest decompressed size of one batch, in bytes; more is limit_exceeded. Default:
    /// 256 MiB.
    std::size_t max_decompressed = std::size_t{256} << 20;
    /// Where to decompress. With null each compressed batch gets memory of its own, which
    /// records_slice() shares; with a buffer that one is used again for each batch, and the views
    /// of a compressed batch end with the next batch. Default: null.
    ByteBuffer* scratch = nullptr;
};

struct RecordFault;   // what is wrong with a record's bytes
class InnerMessages;  // of a compressed message of the old formats
struct LegacyMessage;

/// Iterates the records of one batch. Not thread-safe.
class KAFKA_API BatchRecords {
public:
    BatchRecords();
    BatchRecords(BatchRecords&&) noexcept;
    BatchRecords& operator=(BatchRecords&&) noexcept;
    ~BatchRecords();

    /// Checks the batch's checksum and decompresses it. `owner` is the slice that holds the
    /// batch: records_slice() shares it. Errors: corrupt_records, malformed_records,
    /// unsupported_codec, limit_exceeded, decompression_failed; see failure().
    bool open(const RecordBatchView& batch, const Slice& owner, const ReadOptions& options);

    /// The next record, valid until the next call; what its views point to lives as long as
    /// records_slice() does. Null at the end and after a failure.
    [[nodiscard]] const RecordView* next();
    /// Errors: those of open(), and malformed_records. The detail names the batch by its offset,
    /// the record and the byte. Sticks until the next open().
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    /// The bytes that the views point into: keep a copy of the slice to keep them.
    [[nodiscard]] const Slice& records_slice() const noexcept { return slice_; }
    /// Bytes that decompression made of this batch; 0 when it is not compressed.
    [[nodiscard]] std::size_t decompressed_size() const noexcept {
        return compressed_ ? slice_.size() : 0;
    }

private:
    const RecordView* next_checked();
    const RecordView* next_with_headers(const std::uint8_t* at, const std::uint8_t* end,
                                        std::int32_t delta);
    const RecordView* next_of_other();
    bool read_headers(const std::uint8_t* at, const std::uint8_t* end);
    std::nullptr_t fail(const RecordFault& fault);
    bool fail_batch(Failure failure);
    bool open_legacy(const RecordBatchView& batch, const ReadOptions& options);
    bool decompress(const RecordBatchView& batch, std::span<const std::uint8_t> in,
                    const ReadOptions& options);
    void show(const LegacyMessage& message) noexcept;
    [[nodiscard]] std::string batch_name() const;

    const std::uint8_t* at_ = nullptr;
    const std::uint8_t* end_ = nullptr;
    std::int32_t left_ = 0;  // records of format 2 that were announced and not seen
    std::int32_t previous_delta_ = -1;
    std::int32_t last_delta_ = 0;
    bool log_append_time_ = false;
    std::int64_t timestamp_mask_ = -1;  // 0 with log append time: deltas do not count
    bool single_ = false;  // an uncompressed message of the old formats, not yet handed out
    std::int64_t base_offset_ = 0;
    std::int64_t base_timestamp_ = 0;  // with log append time: that of all records
    RecordView record_;

    const std::uint8_t* begin_ = nullptr;
    std::int32_t count_ = 0;
    std::int64_t batch_offset_ = 0;
    std::size_t batch_position_ = 0;
    bool compressed_ = false;
    Slice slice_;
    std::unique_ptr<InnerMessages> inner_;
    Failure failure_;
};

/// Iterates all records of a slice: batches of format 2, messages of formats 0 and 1, mixed as
/// they come. Records below a wanted offset, control records and aborted transactions are shown
/// as well: what to do with them is the caller's matter, who can look at batch() and leave one
/// with next_batch(). Not thread-safe.
///
///     RecordReader reader(slice, {.decompress = codec::decompress});
///     while (auto* record = reader.next()) use(*record);
///     if (reader.failure()) ...
class KAFKA_API RecordReader {
public:
    RecordReader() = default;
    explicit RecordReader(Slice records, ReadOptions options = {})
        : batches_(std::move(records)), options_(options) {}

    /// The next record, of the current batch or of a later one. See BatchRecords::next().
    [[nodiscard]] const RecordView* next() {
        if (const auto* record = records_.next()) return record;
        return next_of_later_batch();
    }
    /// The next record of the current batch; null at its end.
    [[nodiscard]] const RecordView* next_in_batch();

    /// Leaves the current batch and goes to the next one without opening it: a batch that is left
    /// before a record was read costs no checksum and no decompression. Null at the end and after
    /// a failure. Valid until the reader moves on to another batch.
    const RecordBatchView* next_batch();
    /// The batch of the last record; null before the first and after the last.
    [[nodiscard]] const RecordBatchView* batch() const noexcept {
        return on_batch_ ? &batches_.current() : nullptr;
    }

    /// Errors: those of RecordBatches and BatchRecords. Sticks.
    [[nodiscard]] const Failure& failure() const noexcept {
        return batches_.failure() ? batches_.failure() : records_.failure();
    }
    /// See RecordBatches::partial_tail().
    [[nodiscard]] bool partial_tail() const noexcept { return batches_.partial_tail(); }
    /// The offset behind the furthest batch that was reached, read or not; -1 before the first.
    /// After a failure inside a batch it lies behind that batch: skipping it is the caller's
    /// decision.
    [[nodiscard]] std::int64_t next_offset() const noexcept { return batches_.next_offset(); }
    /// See BatchRecords::records_slice(); of the current batch.
    [[nodiscard]] const Slice& records_slice() const noexcept { return records_.records_slice(); }
    /// Bytes made by decompression so far, over all batches: for a budget over many partitions.
    [[nodiscard]] std::size_t decompressed_total() const noexcept { return decompressed_total_; }

private:
    const RecordView* next_of_later_batch();
    bool open_current();

    RecordBatches batches_;
    BatchRecords records_;
    ReadOptions options_;
    bool on_batch_ = false;
    bool opened_ = false;
    std::size_t decompressed_total_ = 0;
};

}  // namespace kafka::protocol
