// SPDX-License-Identifier: Apache-2.0
// Building a record batch of format 2: each record is written in wire form as it comes.
#pragma once

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
///     while (more && builder.append({.value = text, .timestamp = now}, max_size)) ...
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
    /// The same for a record that was read, headers included; its offset is not kept.
    [[nodiscard]] bool append(const RecordView& record, std::size_t max_size = max_batch_size);
    /// Leaves `count` offsets without records, as compaction does. Only brokers send such batches.
    void skip_offsets(std::int32_t count) noexcept {
        next_delta_ += count;
        skipped_ += count;
    }

    /// Bytes that append() would add now; huge when it would refuse the record in any case.
    [[nodiscard]] std::size_t size_of(const RecordRef& record) const noexcept;
    /// Bytes of the batch so far, header included.
    [[nodiscard]] std::size_t size() const noexcept {
        return begin_ ? static_cast<std::size_t>(at_ - begin_) : batch_layout::records;
    }
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
    [[nodiscard]] Sizes measure(const Record& record) const noexcept;
    template <class Record>
    bool append_any(const Record& record, std::size_t max_size);
    void open();
    void make_room(std::size_t count);
    void write_header(std::uint8_t* to, std::size_t size, const BatchFields& fields,
                      Compression codec) const noexcept;

    ByteBuffer buffer_;  // its size() is its capacity while a batch is open: at_ counts
    std::size_t start_ = 0;
    std::uint8_t* begin_ = nullptr;
    std::uint8_t* at_ = nullptr;
    std::uint8_t* limit_ = nullptr;
    std::int32_t next_delta_ = 0;
    std::int32_t skipped_ = 0;
    std::int64_t base_timestamp_ = -1;
    std::int64_t max_timestamp_ = -1;
};

// The hot path of producing: in the header, so that it becomes part of its callers.

namespace detail {

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

template <class Record>
inline bool RecordBatchBuilder::append_any(const Record& record, std::size_t max_size) {
    const auto sizes = measure(record);
    const auto before = size();
    if (!sizes.fits || before > max_size || sizes.total > max_size - before) return false;
    if (sizes.total > static_cast<std::size_t>(limit_ - at_)) [[unlikely]]
        make_room(sizes.total);
    // Members are set before the bytes are written: a byte may alias them, for all that the
    // compiler knows, and it would read them again after each.
    auto* at = at_;
    at_ = at + sizes.total;
    if (empty()) base_timestamp_ = max_timestamp_ = record.timestamp;
    if (record.timestamp > max_timestamp_) max_timestamp_ = record.timestamp;
    ++next_delta_;
    at = write_varint(at, std::uint64_t{sizes.body} << 1);
    *at++ = 0;  // attributes: none are defined
    at = write_varint(at, sizes.timestamp_delta);
    at = write_varint(at, sizes.offset_delta);
    at = detail::write_bytes(at, record.key);
    at = detail::write_bytes(at, record.value);
    detail::write_headers(at, record.headers);
    return true;
}

inline bool RecordBatchBuilder::append(const RecordRef& record, std::size_t max_size) {
    return append_any(record, max_size < max_batch_size ? max_size : max_batch_size);
}
inline bool RecordBatchBuilder::append(const RecordView& record, std::size_t max_size) {
    return append_any(record, max_size < max_batch_size ? max_size : max_batch_size);
}
inline std::size_t RecordBatchBuilder::size_of(const RecordRef& record) const noexcept {
    const auto sizes = measure(record);
    return sizes.fits ? sizes.total : std::numeric_limits<std::size_t>::max();
}

}  // namespace kafka::protocol
