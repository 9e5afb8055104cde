// SPDX-License-Identifier: Apache-2.0
// Record batches: the header of one, and a walk over those that lie one behind the other in the
// `records` field of a Produce request or a Fetch response. Reading the records inside is
// record_reader.hpp's matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include <kafka/compression.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::protocol {

/// Where the fields of a batch of format 2 lie, in bytes from its start (KIP-98). The checksum
/// covers everything from `attributes` on.
namespace batch_layout {
inline constexpr std::size_t base_offset = 0;
inline constexpr std::size_t length = 8;  ///< of what follows this field
inline constexpr std::size_t leader_epoch = 12;
inline constexpr std::size_t magic = 16;
inline constexpr std::size_t crc = 17;
inline constexpr std::size_t attributes = 21;
inline constexpr std::size_t last_offset_delta = 23;
inline constexpr std::size_t base_timestamp = 27;
inline constexpr std::size_t max_timestamp = 35;
inline constexpr std::size_t producer_id = 43;
inline constexpr std::size_t producer_epoch = 51;
inline constexpr std::size_t base_sequence = 53;
inline constexpr std::size_t count = 57;
inline constexpr std::size_t records = 61;
}  // namespace batch_layout

/// The bits of a batch's attributes (the lowest three are the codec).
namespace batch_attributes {
inline constexpr std::int16_t codec = 0x07;
inline constexpr std::int16_t log_append_time = 0x08;
inline constexpr std::int16_t transactional = 0x10;
inline constexpr std::int16_t control = 0x20;
inline constexpr std::int16_t delete_horizon = 0x40;  ///< KIP-534
}  // namespace batch_attributes

/// The header of a batch. In the old formats (magic 0 and 1) each message stands for a batch of
/// its own: `base_offset` is the message's offset, which of a compressed one is its last record's;
/// fields that the format lacks keep their defaults.
struct RecordBatchView {
    std::span<const std::uint8_t> bytes;  ///< the whole batch, header included
    std::size_t position = 0;             ///< of the batch within the slice that is walked
    std::int64_t base_offset = 0;
    std::int32_t leader_epoch = -1;
    std::int8_t magic = 2;
    std::uint32_t crc = 0;  ///< as stated, not checked
    std::int16_t attributes = 0;
    std::int32_t last_offset_delta = 0;
    std::int64_t base_timestamp = -1;  ///< milliseconds since 1970; magic 1: the message's
    std::int64_t max_timestamp = -1;   ///< the same; with log append time, that of every record
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    std::int32_t base_sequence = -1;
    std::int32_t count = -1;  ///< records; -1: not known before decompression (magic 0 and 1)

    /// May be a number that is no codec: reading the records then fails.
    [[nodiscard]] Compression compression() const noexcept {
        return static_cast<Compression>(attributes & batch_attributes::codec);
    }
    [[nodiscard]] TimestampType timestamp_type() const noexcept {
        if (magic == 0) return TimestampType::none;
        return attributes & batch_attributes::log_append_time ? TimestampType::log_append
                                                              : TimestampType::create;
    }
    [[nodiscard]] bool transactional() const noexcept {
        return magic >= 2 && (attributes & batch_attributes::transactional);
    }
    /// Control batches hold markers of brokers (control_records.hpp), nothing for applications.
    [[nodiscard]] bool control() const noexcept {
        return magic >= 2 && (attributes & batch_attributes::control);
    }
    [[nodiscard]] std::int64_t last_offset() const noexcept {
        return base_offset + last_offset_delta;
    }
    /// Where to go on after this batch. Counts offsets that compaction removed as well.
    [[nodiscard]] std::int64_t next_offset() const noexcept { return last_offset() + 1; }
    /// Magic 2 only: what follows the header, perhaps compressed.
    [[nodiscard]] std::span<const std::uint8_t> payload() const noexcept {
        return bytes.subspan(batch_layout::records);
    }
};

/// Compares the stated checksum with the bytes'. Errors: corrupt_records.
[[nodiscard]] KAFKA_API Failure check_crc(const RecordBatchView& batch);

/// Walks the batches of a slice by their headers; nothing is decompressed or checked by checksum.
/// Formats may be mixed, as they are in old logs. Not thread-safe.
class KAFKA_API RecordBatches {
public:
    RecordBatches() = default;
    explicit RecordBatches(Slice records) : slice_(std::move(records)) {}

    /// The next batch, valid until the next call; null at the end and after a failure.
    [[nodiscard]] const RecordBatchView* next();
    /// What next() returned last.
    [[nodiscard]] const RecordBatchView& current() const noexcept { return batch_; }
    /// Errors: malformed_records, for a header that cannot be one. Sticks.
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    /// True after the end when the slice ends within a batch. That is legal in a Fetch response,
    /// which brokers cut at the wanted number of bytes: such a batch is simply fetched anew.
    [[nodiscard]] bool partial_tail() const noexcept { return partial_tail_; }
    /// Bytes that belong to whole batches seen so far.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    /// The offset behind the furthest batch seen so far; -1 before the first.
    [[nodiscard]] std::int64_t next_offset() const noexcept { return next_offset_; }
    [[nodiscard]] const Slice& slice() const noexcept { return slice_; }

private:
    Slice slice_;
    std::size_t position_ = 0;
    std::int64_t next_offset_ = -1;
    bool partial_tail_ = false;
    RecordBatchView batch_;
    Failure failure_;
};

/// Where to fetch next after `records`: the offset behind its last whole batch, found by the
/// headers alone, or `otherwise` when there is none. Errors: malformed_records.
[[nodiscard]] KAFKA_API Result<std::int64_t> offset_after(std::span<const std::uint8_t> records,
                                                          std::int64_t otherwise);

}  // namespace kafka::protocol
