// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <kafka/protocol/record_batch_builder.hpp>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"

namespace kafka::protocol {

namespace at = batch_layout;

RecordBatchBuilder& RecordBatchBuilder::operator=(RecordBatchBuilder&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    std::swap(start_, other.start_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
    std::swap(next_delta_, other.next_delta_);
    std::swap(skipped_, other.skipped_);
    std::swap(base_timestamp_, other.base_timestamp_);
    std::swap(max_timestamp_, other.max_timestamp_);
    return *this;
}

// Reserves the header, and takes all the memory that the buffer has.
void RecordBatchBuilder::open() {
    start_ = buffer_.size();
    buffer_.grow(at::records);
    buffer_.grow(buffer_.capacity() - buffer_.size());
    begin_ = buffer_.data() + start_;
    room_ = buffer_.size() - start_;
}

void RecordBatchBuilder::reserve(std::size_t size) {
    if (!begin_) open();
    if (size <= room_) return;
    // Only what is in use is copied. An attempt that found no memory may have left this undone.
    buffer_.grow(buffer_.capacity() - buffer_.size());
    buffer_.truncate(start_ + size_);
    buffer_.reserve(start_ + size);
    buffer_.grow(buffer_.capacity() - buffer_.size());
    begin_ = buffer_.data() + start_;
    room_ = buffer_.size() - start_;
}

void RecordBatchBuilder::make_room(std::size_t count) {
    if (!begin_) open();
    if (count <= room_ - size_) return;
    reserve(std::max(size_ + count, room_ + room_ / 2));
}

template <class Record>
bool RecordBatchBuilder::append_any(const Record& record, std::size_t max_size) {
    const auto sizes = measure(record);
    if (!sizes.fits || size_ > max_size || sizes.total > max_size - size_) return false;
    if (!begin_ || sizes.total > room_ - size_) [[unlikely]]
        make_room(sizes.total);
    // Members are set before the bytes are written: a byte may alias them, for all that the
    // compiler knows, and it would read them again after each.
    auto* at = begin_ + size_;
    size_ += sizes.total;
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

std::optional<std::size_t> RecordBatchBuilder::append_without_value(const RecordRef& record,
                                                                    std::size_t max_size) {
    const auto sizes = measure(record);
    if (!sizes.fits || size_ > max_size || sizes.total > max_size - size_) return std::nullopt;
    const auto own = sizes.total - record.value.size();
    make_room(own);
    if (empty()) base_timestamp_ = max_timestamp_ = record.timestamp;
    if (record.timestamp > max_timestamp_) max_timestamp_ = record.timestamp;
    auto* at = write_varint(begin_ + size_, std::uint64_t{sizes.body} << 1);
    *at++ = 0;  // attributes: none are defined
    at = write_varint(at, sizes.timestamp_delta);
    at = write_varint(at, sizes.offset_delta);
    at = detail::write_bytes(at, record.key);
    at = write_varint(at, std::uint64_t{record.value.size()} << 1);
    const auto place = static_cast<std::size_t>(at - begin_);
    detail::write_headers(at, record.headers);
    size_ += own;
    ++next_delta_;
    return place;
}

bool RecordBatchBuilder::append_measured(BytesView key, BytesView value,
                                         std::span<const RecordHeaderView> headers,
                                         std::int64_t timestamp, std::size_t max_size) {
    const RecordRef record{key, value, headers, timestamp};
    return (!headers.empty() && write_small<true>(record, max_size)) ||
           append_any(record, max_size);
}
bool RecordBatchBuilder::append_measured(const RecordView& record, std::size_t max_size) {
    return append_any(record, max_size);
}

void RecordBatchBuilder::write_header(std::uint8_t* to, std::size_t size, const BatchFields& fields,
                                      Compression codec) const noexcept {
    auto attributes = static_cast<unsigned>(codec);
    if (fields.append_time) attributes |= unsigned{batch_attributes::log_append_time};
    if (fields.transactional) attributes |= unsigned{batch_attributes::transactional};
    if (fields.control) attributes |= unsigned{batch_attributes::control};

    store_big(to + at::base_offset, fields.base_offset);
    store_big(to + at::length, static_cast<std::int32_t>(size - at::leader_epoch));
    store_big(to + at::leader_epoch, fields.leader_epoch);
    store_big(to + at::magic, std::int8_t{2});
    store_big(to + at::attributes, static_cast<std::int16_t>(attributes));
    // A batch without any offset cannot be told in this format; an empty one stands for one.
    store_big(to + at::last_offset_delta, next_delta_ > 0 ? next_delta_ - 1 : 0);
    store_big(to + at::base_timestamp, base_timestamp_);
    store_big(to + at::max_timestamp, fields.append_time.value_or(max_timestamp_));
    store_big(to + at::producer_id, fields.producer_id);
    store_big(to + at::producer_epoch, fields.producer_epoch);
    store_big(to + at::base_sequence, fields.base_sequence);
    store_big(to + at::count, count());
    store_big(to + at::crc, crc32c({to + at::attributes, size - at::attributes}));
}

std::span<std::uint8_t> RecordBatchBuilder::seal(const BatchFields& fields) {
    if (!begin_) open();
    write_header(begin_, size(), fields, Compression::none);
    return {begin_, size()};
}

Result<std::span<std::uint8_t>> RecordBatchBuilder::seal_into(ByteBuffer& out,
                                                              const BatchFields& fields,
                                                              Compression codec,
                                                              CompressFn compress,
                                                              std::optional<int> level) {
    if (!begin_) open();
    const auto start = out.size();
    out.grow(at::records);
    const std::span<const std::uint8_t> records{begin_ + at::records, begin_ + size_};
    if (auto failure = compress(codec, records, out, level)) {
        out.truncate(start);
        return failure;
    }
    const std::span<std::uint8_t> batch{out.data() + start, out.size() - start};
    write_header(batch.data(), batch.size(), fields, codec);
    return batch;
}

void RecordBatchBuilder::clear() noexcept {
    size_ = at::records;
    next_delta_ = skipped_ = 0;
    base_timestamp_ = max_timestamp_ = -1;
}

ByteBuffer RecordBatchBuilder::take() && {
    if (begin_) buffer_.truncate(start_ + size());
    auto buffer = std::move(buffer_);
    *this = RecordBatchBuilder();
    return buffer;
}

}  // namespace kafka::protocol
