// SPDX-License-Identifier: Apache-2.0
// Building a record batch of format 2: each record is written in wire form as it comes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

#include <kafka/compression.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/protocol/varint.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::protocol {

/// Appends the compressed form of `in` to `out`. The library's own is kafka::codec::compress.
using CompressFn = Failure (*)(Compression codec, std::span<const std::uint8_t> in, ByteBuffer& out,
                               std::optional<int> level);

/// What a batch's header says beyond its records. The defaults are a producer's that is neither
/// idempotent nor transactional.
struct BatchFields {
    std::int64_t base_offset = 0;    ///< the broker assigns it
    std::int32_t leader_epoch = -1;  ///< the broker assigns it
    std::int64_t producer_id = -1;   ///< KIP-98; -1: not idempotent
    std::int16_t producer_epoch = -1;
    std::int32_t base_sequence = -1;  ///< sequence number of the first record
    bool transactional = false;
    bool control = false;
    /// Log append time in milliseconds since 1970, in place of the records' own. Default: none.
    std::optional<std::int64_t> append_time = {};
};

/// Appends records to a batch in a buffer; nothing is kept per record, and nothing is allocated
/// while the buffer is large enough. Move-only; not thread-safe.
///
///     RecordBatchBuilder builder(std::move(pooled));
///     while (more && builder.append(RecordRef{.value = text, .timestamp = now}, max_size)) ...
///     builder.seal({.producer_id = id, .producer_epoch = epoch, .base_sequence = sequence});
///     Slice batch = std::move(builder).take().release();
class KAFKA_API RecordBatchBuilder {
public:
    static constexpr std::size_t max_batch_size = std::numeric_limits<std::int32_t>::max();

    RecordBatchBuilder() = default;
    /// The batch begins behind what `buffer` holds already, so that a request's header may stand
    /// before it.
    explicit RecordBatchBuilder(ByteBuffer buffer) : buffer_(std::move(buffer)) { open(); }
    RecordBatchBuilder(RecordBatchBuilder&& other) noexcept { *this = std::move(other); }
    RecordBatchBuilder& operator=(RecordBatchBuilder&& other) noexcept;

    /// Adds a record with the next offset. False, with nothing changed, when the batch would grow
    /// beyond `max_size` bytes, or when its format cannot hold the record beside those it has
    /// (timestamps that lie 2^63 ms apart). Throws std::bad_alloc.
    [[nodiscard]] bool append(const RecordRef& record, std::size_t max_size = max_batch_size);
    /// The same where that costs least, inline; returns the bytes that the batch grew by. 0 for a
    /// batch's first record, one with a key, a value or headers of 2 KiB or with 64 headers, two
    /// seconds away from the first one in time, or that may come within 24 bytes of `max_size` or
    /// of capacity(): nothing was done then, and append() may still take it.
    [[nodiscard]] std::size_t append_small(const RecordRef& record, std::size_t max_size) noexcept;
    /// The same for a record that was read, headers included; its offset is not kept.
    [[nodiscard]] bool append(const RecordView& record, std::size_t max_size = max_batch_size);
    /// Adds the record without the bytes of its value, which are to follow behind the first n of
    /// the batch; returns n, or nothing where append() would return false. The record is the last
    /// one: nothing may be added any more, and only with the value, and enclose()
    /// (record_batch_edit.hpp), does what seal() returns make a batch. Throws std::bad_alloc.
    [[nodiscard]] std::optional<std::size_t> append_without_value(
        const RecordRef& record, std::size_t max_size = max_batch_size);
    /// Leaves `count` offsets without records, as compaction does. Only brokers send such batches.
    void skip_offsets(std::int32_t count) noexcept {
        next_delta_ += count;
        skipped_ += count;
    }

    /// Room for a batch of `size` bytes, header included. Throws std::bad_alloc.
    void reserve(std::size_t size);
    /// How large the batch may grow without an allocation, header included.
    [[nodiscard]] std::size_t capacity() const noexcept { return room_; }
    /// Bytes that append() would add now; huge when it would refuse the record in any case.
    [[nodiscard]] std::size_t size_of(const RecordRef& record) const noexcept;
    /// Bytes of the batch so far, header included.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Records so far.
    [[nodiscard]] std::int32_t count() const noexcept { return next_delta_ - skipped_; }
    [[nodiscard]] bool empty() const noexcept { return count() == 0; }
    /// Of the first record and the largest one; -1 while empty.
    [[nodiscard]] std::int64_t base_timestamp() const noexcept { return base_timestamp_; }
    [[nodiscard]] std::int64_t max_timestamp() const noexcept { return max_timestamp_; }

    /// Fills in the header with its checksum and returns the batch, valid until the next append(),
    /// clear() or take(). May be called again with other fields.
    std::span<std::uint8_t> seal(const BatchFields& fields);
    /// Appends the batch with compressed records to `out` instead, and returns it there; the
    /// builder keeps the records. Errors: compress's; `out` is then as before.
    Result<std::span<std::uint8_t>> seal_into(ByteBuffer& out, const BatchFields& fields,
                                              Compression codec, CompressFn compress,
                                              std::optional<int> level = {});

    /// Drops all records and keeps the memory.
    void clear() noexcept;
    /// The buffer with what stood before the batch, and the batch as it is (sealed or not). The
    /// builder is empty afterwards, without a buffer.
    [[nodiscard]] ByteBuffer take() &&;

private:
    struct Sizes {
        std::size_t total;  // of all, the length in front included
        std::size_t body;   // what the length says
        std::uint64_t timestamp_delta;
        std::uint32_t offset_delta;
        bool fits;
    };
    template <class Record>
    [[nodiscard]] KAFKA_LOCAL Sizes measure(const Record& record) const noexcept;
    template <class Record>
    KAFKA_LOCAL bool append_any(const Record& record, std::size_t max_size);
    template <bool with_headers>
    KAFKA_LOCAL bool write_small(const RecordRef& record, std::size_t max_size) noexcept;
    // A RecordRef in parts: a reference to it would keep it out of registers in write_small().
    bool append_measured(BytesView key, BytesView value, std::span<const RecordHeaderView> headers,
                         std::int64_t timestamp, std::size_t max_size);
    bool append_measured(const RecordView& record, std::size_t max_size);
    void open();
    void make_room(std::size_t count);
    void write_header(std::uint8_t* to, std::size_t size, const BatchFields& fields,
                      Compression codec) const noexcept;

    ByteBuffer buffer_;  // its size() is its capacity while a batch is open: size_ counts
    std::size_t start_ = 0;
    std::uint8_t* begin_ = nullptr;  // of the batch; null until there is a need of memory
    std::size_t size_ = batch_layout::records;
    std::size_t room_ = 0;
    std::int32_t next_delta_ = 0;
    std::int32_t skipped_ = 0;
    std::int64_t base_timestamp_ = -1;
    std::int64_t max_timestamp_ = -1;
};

// The hot path of producing: in the header, so that it becomes part of its callers.

namespace detail {

/// Writes `v`, which is below 0x4000, as one or two bytes; the three bytes behind may be
/// overwritten as well. Without a branch: lengths around 64 would make it a coin's toss.
inline std::uint8_t* write_short_varint(std::uint8_t* at, std::uint32_t v) noexcept {
    const std::uint32_t longer = v >= 0x80;
    // The upper seven bits move up by one, to make room for the "more follows" of the lower ones.
    const std::uint32_t both = v + (v & 0x3f80) + (longer << 7);
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at, &both, sizeof both);
    } else {
        at[0] = static_cast<std::uint8_t>(both);
        at[1] = static_cast<std::uint8_t>(both >> 8);
        at[2] = at[3] = 0;
    }
    return at + 1 + longer;
}

/// memcpy() without a call where there are 8 to 16 bytes, as most keys have.
inline void copy_few(std::uint8_t* to, const void* from, std::size_t size) noexcept {
    if (size >= 8 && size <= 16) {
        std::uint64_t first, last;
        std::memcpy(&first, from, 8);
        std::memcpy(&last, static_cast<const std::uint8_t*>(from) + size - 8, 8);
        std::memcpy(to, &first, 8);
        std::memcpy(to + size - 8, &last, 8);
    } else if (size) {
        std::memcpy(to, from, size);
    }
}

/// Null, or `size` bytes, less than 8 KiB, behind that number; the three bytes behind may be
/// overwritten as well. `few`: probably.
template <bool few>
inline std::uint8_t* write_short_bytes(std::uint8_t* at, const BytesView& bytes,
                                       std::size_t size) noexcept {
    if (bytes.null()) {
        *at++ = 1;  // -1, folded
        return at;
    }
    at = write_short_varint(at, static_cast<std::uint32_t>(size << 1));
    if constexpr (few) {
        copy_few(at, bytes.data(), size);
    } else if (size) {
        std::memcpy(at, bytes.data(), size);
    }
    return at + size;
}

inline std::size_t size_of_bytes(const BytesView& bytes) noexcept {
    return bytes.null() ? 1 : varint_size(std::uint64_t{bytes.size()} << 1) + bytes.size();
}
inline std::uint8_t* write_bytes(std::uint8_t* at, const BytesView& bytes) noexcept {
    if (bytes.null()) {
        *at++ = 1;  // -1, folded
        return at;
    }
    at = write_varint(at, std::uint64_t{bytes.size()} << 1);
    if (bytes.size()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
}

inline std::size_t size_of_headers(std::span<const RecordHeaderView> headers) noexcept {
    std::size_t sum = varint_size(std::uint64_t{headers.size()} << 1);
    for (const auto& header : headers) {
        sum += size_of_bytes(BytesView(header.key)) + size_of_bytes(header.value);
    }
    return sum;
}
inline std::uint8_t* write_headers(std::uint8_t* at,
                                   std::span<const RecordHeaderView> headers) noexcept {
    at = write_varint(at, std::uint64_t{headers.size()} << 1);
    for (const auto& header : headers) {
        at = write_bytes(at, BytesView(header.key));
        at = write_bytes(at, header.value);
    }
    return at;
}
inline std::size_t size_of_headers(const RecordHeaders& headers) noexcept {
    return varint_size(std::uint64_t{headers.size()} << 1) + headers.wire().size();
}
inline std::uint8_t* write_headers(std::uint8_t* at, const RecordHeaders& headers) noexcept {
    at = write_varint(at, std::uint64_t{headers.size()} << 1);
    const auto wire = headers.wire();
    if (!wire.empty()) std::memcpy(at, wire.data(), wire.size());
    return at + wire.size();
}

}  // namespace detail

template <class Record>
inline RecordBatchBuilder::Sizes RecordBatchBuilder::measure(const Record& record) const noexcept {
    Sizes sizes{};
    std::int64_t delta = 0;
    sizes.fits = empty() || !__builtin_sub_overflow(record.timestamp, base_timestamp_, &delta);
    sizes.timestamp_delta = zigzag(delta);
    sizes.offset_delta = zigzag(next_delta_);
    // Sizes above 2^31 need no check of their own: the sum is then above any max_size.
    sizes.body = 1 + varint_size(sizes.timestamp_delta) + varint_size(sizes.offset_delta) +
                 detail::size_of_bytes(record.key) + detail::size_of_bytes(record.value) +
                 detail::size_of_headers(record.headers);
    sizes.total = varint_size(std::uint64_t{sizes.body} << 1) + sizes.body;
    return sizes;
}

// What most records are. The writing is then all there is: one comparison of sizes for everything,
// and no field is measured before it is written but the whole.
template <bool with_headers>
inline bool RecordBatchBuilder::write_small(const RecordRef& record,
                                            std::size_t max_size) noexcept {
    // More than the fields take (2 length, 1 attributes, 2 timestamp, 5 offset, 2 + 2 lengths,
    // 1 headers) and what write_short_varint() writes beyond its number.
    constexpr std::size_t spare = 24;
    const auto key = record.key.size();
    const auto value = record.value.size();
    std::int64_t delta = 0;
    if (__builtin_sub_overflow(record.timestamp, base_timestamp_, &delta)) return false;
    const auto timestamp = zigzag(delta);
    // One test for all: their varints have one or two bytes, and so has that of the sum.
    if ((timestamp | key << 1 | value << 1) >= 0x1000) return false;
    std::size_t headers = 0;
    if constexpr (with_headers) {
        if (record.headers.size() >= 0x40) return false;
        std::size_t lengths = 0;
        for (const auto& header : record.headers) {
            const auto name = header.key.size(), content = header.value.size();
            lengths |= name | content;
            headers += name + content + 2 + (name >= 0x40) + (content >= 0x40);
        }
        if ((lengths | headers) >= 0x800) return false;
    }
    if (empty() || (!with_headers && !record.headers.empty()) ||
        size_ + key + value + headers + spare > std::min(room_, max_size))
        return false;

    const auto offset = static_cast<std::uint32_t>(next_delta_) << 1;  // never below 0
    const std::size_t body = key + value + headers + 5 + (timestamp >= 0x80) + varint_size(offset) +
                             (key >= 0x40) + (value >= 0x40);
    // Members first: see append_any().
    auto* at = begin_ + size_;
    size_ += body + 1 + (body >= 0x40);
    if (record.timestamp > max_timestamp_) max_timestamp_ = record.timestamp;
    ++next_delta_;
    // What is written behind the number is 0: the attributes, of which none are defined.
    at = detail::write_short_varint(at, static_cast<std::uint32_t>(body << 1)) + 1;
    at = write_varint(at, static_cast<std::uint32_t>(timestamp));
    at = write_varint(at, offset);
    at = detail::write_short_bytes<true>(at, record.key, key);
    at = detail::write_short_bytes<false>(at, record.value, value);
    if constexpr (with_headers) {
        *at++ = static_cast<std::uint8_t>(record.headers.size() << 1);
        for (const auto& header : record.headers) {
            at = detail::write_short_bytes<true>(at, BytesView(header.key), header.key.size());
            at = detail::write_short_bytes<true>(at, header.value, header.value.size());
        }
    } else {
        *at = 0;  // headers: none
    }
    return true;
}

inline std::size_t RecordBatchBuilder::append_small(const RecordRef& record,
                                                    std::size_t max_size) noexcept {
    const auto before = size_;
    const bool written = record.headers.empty() ? write_small<false>(record, max_size)
                                                : write_small<true>(record, max_size);
    return written ? size_ - before : 0;
}

inline bool RecordBatchBuilder::append(const RecordRef& record, std::size_t max_size) {
    max_size = max_size < max_batch_size ? max_size : max_batch_size;
    if (write_small<false>(record, max_size)) [[likely]]
        return true;
    return append_measured(record.key, record.value, record.headers, record.timestamp, max_size);
}
inline bool RecordBatchBuilder::append(const RecordView& record, std::size_t max_size) {
    return append_measured(record, max_size < max_batch_size ? max_size : max_batch_size);
}
inline std::size_t RecordBatchBuilder::size_of(const RecordRef& record) const noexcept {
    const auto sizes = measure(record);
    return sizes.fits ? sizes.total : std::numeric_limits<std::size_t>::max();
}

}  // namespace kafka::protocol
