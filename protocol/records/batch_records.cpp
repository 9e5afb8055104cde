// SPDX-License-Identifier: Apache-2.0
// The records inside a batch: the hot path of reading. next() has a short way for what nearly all
// records are, and leaves the others and all errors to next_checked(), which starts the record
// again and checks each byte. The words for an error are made after the error.
#include <string>

#include <kafka/error.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/protocol/varint.hpp>

#include "protocol/records/message_set.hpp"

namespace kafka::protocol {

// What is wrong, in pieces, so that the hot path builds no strings.
struct RecordFault {
    enum Kind {
        not_varint,
        exceeds,
        negative,
        below_null,
        plain,
        not_above,
        beyond,
        trailing
    } kind = plain;
    const char* what = nullptr;
    const std::uint8_t* at = nullptr;
    std::int64_t value = 0;
    std::int64_t limit = 0;  // the bytes left, or the number that `value` is compared with

    [[nodiscard]] std::string text() const {
        const auto name = std::string(what);
        const auto number = std::to_string(value);
        const auto bound = std::to_string(limit);
        switch (kind) {
            case not_varint:
                return name + " is no varint within the " + bound + " bytes left";
            case exceeds:
                return name + " " + number + " exceeds the " + bound + " bytes left";
            case negative:
                return name + " " + number + " is negative";
            case below_null:
                return name + " " + number + " is below -1";
            case not_above:
                return name + " " + number + " follows " + bound;
            case beyond:
                return name + " " + number + " is above " + bound;
            case trailing:
                return bound + " bytes follow " + name;
            case plain:
                break;
        }
        return name;
    }
};

namespace {

using Bytes = const std::uint8_t*;
constexpr std::size_t smallest_record = 7;

// A number of one or two bytes, both readable. False if it is longer.
inline bool take_short(Bytes& at, std::uint32_t& folded) noexcept {
    folded = at[0];
    if (folded < 0x80) {
        at += 1;
        return true;
    }
    const std::uint32_t second = at[1];
    folded += (second << 7) - 0x80;
    at += 2;
    return second < 0x80;
}

// The same for up to three bytes: offset deltas pass two at 8192 records.
inline bool take_medium(Bytes& at, std::uint32_t& folded) noexcept {
    if (take_short(at, folded)) [[likely]]
        return true;
    const std::uint32_t third = at[0];
    folded += (third << 14) - 0x4000;
    at += 1;
    return third < 0x80;
}

// A length, -1 for null, and that many bytes. False, with `at` where it was, when that cannot be.
inline bool take_bytes(Bytes& at, Bytes end, BytesView& into) noexcept {
    auto from = at;
    std::int32_t size = 0;
    if (!read_zigzag(from, end, size)) [[unlikely]]
        return false;
    if (size < 0) {
        if (size != -1) [[unlikely]]
            return false;
        into = nullptr;
        at = from;
        return true;
    }
    if (size > end - from) [[unlikely]]
        return false;
    into = BytesView(from, static_cast<std::size_t>(size));
    at = from + size;
    return true;
}

RecordFault not_varint(const char* what, Bytes at, Bytes end) noexcept {
    return {RecordFault::not_varint, what, at, 0, end - at};
}

// Why take_bytes() refused what is at `at`.
RecordFault not_bytes(const char* what, Bytes at, Bytes end) noexcept {
    auto from = at;
    std::int32_t size = 0;
    if (!read_zigzag(from, end, size)) return not_varint(what, at, end);
    if (size < 0) return {RecordFault::below_null, what, at, size, 0};
    return {RecordFault::exceeds, what, at, size, end - from};
}

// Checks all headers, so that showing them later cannot fail. The kind of the fault is `plain`
// with no text when there is none.
RecordFault check_headers(Bytes& at, Bytes end, std::int32_t count) noexcept {
    for (std::int32_t i = 0; i < count; ++i) {
        BytesView bytes;
        const auto before = at;
        if (!take_bytes(at, end, bytes)) return not_bytes("header key length", at, end);
        if (bytes.null()) return {RecordFault::negative, "header key length", before, -1, 0};
        if (!take_bytes(at, end, bytes)) return not_bytes("header value length", at, end);
    }
    return {};
}

}  // namespace

BatchRecords::BatchRecords() = default;
BatchRecords::BatchRecords(BatchRecords&&) noexcept = default;
BatchRecords& BatchRecords::operator=(BatchRecords&&) noexcept = default;
BatchRecords::~BatchRecords() = default;

// Fields are read without asking before each byte whether it is there: the batch has enough left
// for all but the key and the value, and reading only moves forward, so that all was inside the
// record when its last field is. What is known goes to its place at once: held in registers until
// the end it would cost more of them than a function has for free.
const RecordView* BatchRecords::next() {
    // Length 2, attributes 1, timestamp 2, offset 3, key length 2.
    constexpr std::ptrdiff_t front = 10;
    // Value length 2.
    constexpr std::ptrdiff_t rest = 2;
    auto at = at_;
    if (left_ == 0 || end_ - at < front + rest) [[unlikely]]
        return next_checked();
    // Folded lengths and deltas: odd ones are negative, and a 1 is -1, which is null.
    std::uint32_t length = 0;
    if (!take_short(at, length) || (length & 1) || length >> 1 > end_ - at) [[unlikely]]
        return next_checked();
    const auto end = at + (length >> 1);
    ++at;  // the attributes of a record have no meaning yet

    std::uint32_t timestamp_delta = 0;
    if (!take_short(at, timestamp_delta) ||
        __builtin_add_overflow(base_timestamp_,
                               unzigzag(std::uint64_t{timestamp_delta}) & timestamp_mask_,
                               &record_.timestamp)) [[unlikely]]
        return next_checked();

    std::uint32_t offset_delta = 0;
    if (!take_medium(at, offset_delta) || (offset_delta & 1)) [[unlikely]]
        return next_checked();
    const auto delta = static_cast<std::int32_t>(offset_delta >> 1);
    if (delta <= previous_delta_ || delta > last_delta_) [[unlikely]]
        return next_checked();
    record_.offset = base_offset_ + delta;

    std::uint32_t key = 0;
    if (!take_short(at, key)) [[unlikely]]
        return next_checked();
    if (key & 1) {
        if (key != 1) [[unlikely]]
            return next_checked();
        record_.key = nullptr;
    } else {
        if (key >> 1 > end_ - at - rest) [[unlikely]]
            return next_checked();
        record_.key = BytesView(at, key >> 1);
        at += key >> 1;
    }

    std::uint32_t value = 0;
    if (!take_short(at, value)) [[unlikely]]
        return next_checked();
    if (value & 1) [[unlikely]] {
        if (value != 1) return next_checked();
        record_.value = nullptr;
        value = 0;
    } else {
        record_.value = BytesView(at, value >> 1);
    }
    // At least the count of headers follows; that it is there says that all before it is.
    if (value >> 1 >= end - at) [[unlikely]]
        return next_checked();
    at += value >> 1;
    if (*at != 0 || end - at != 1) return next_with_headers(at, end, delta);
    record_.headers = {};
    previous_delta_ = delta;
    at_ = end;
    --left_;
    return &record_;
}

// The headers of a record of which all else is in its place.
const RecordView* BatchRecords::next_with_headers(Bytes at, Bytes end, std::int32_t delta) {
    if (!read_headers(at, end)) return nullptr;
    previous_delta_ = delta;
    at_ = end;
    --left_;
    return &record_;
}

const RecordView* BatchRecords::next_checked() {
    if (left_ == 0) [[unlikely]]
        return next_of_other();
    const auto start = at_;
    auto at = start;
    std::int32_t length = 0;
    if (!read_zigzag(at, end_, length)) [[unlikely]] {
        return fail(not_varint("record length", at, end_));
    }
    if (length < 0) [[unlikely]] {
        return fail({RecordFault::negative, "record length", start, length, 0});
    }
    if (length > end_ - at) [[unlikely]] {
        return fail({RecordFault::exceeds, "record length", start, length, end_ - at});
    }
    if (length == 0) [[unlikely]] {
        return fail({RecordFault::plain, "an empty record", start, 0, 0});
    }
    const auto end = at + length;
    ++at;  // the attributes of a record have no meaning yet

    std::int64_t timestamp_delta = 0;
    const auto timestamp_at = at;
    if (!read_zigzag(at, end, timestamp_delta)) [[unlikely]] {
        return fail(not_varint("timestamp delta", at, end));
    }
    std::int64_t timestamp = 0;
    if (__builtin_add_overflow(base_timestamp_, timestamp_delta & timestamp_mask_, &timestamp))
        [[unlikely]] {
        return fail({RecordFault::plain, "timestamp overflows", timestamp_at, 0, 0});
    }

    std::int32_t offset_delta = 0;
    const auto offset_at = at;
    if (!read_zigzag(at, end, offset_delta)) [[unlikely]] {
        return fail(not_varint("offset delta", at, end));
    }
    if (offset_delta <= previous_delta_) [[unlikely]] {
        return fail(
            {RecordFault::not_above, "offset delta", offset_at, offset_delta, previous_delta_});
    }
    if (offset_delta > last_delta_) [[unlikely]] {
        return fail({RecordFault::beyond, "offset delta", offset_at, offset_delta, last_delta_});
    }

    if (!take_bytes(at, end, record_.key)) [[unlikely]] {
        return fail(not_bytes("key length", at, end));
    }
    if (!take_bytes(at, end, record_.value)) [[unlikely]] {
        return fail(not_bytes("value length", at, end));
    }
    if (end - at == 1 && *at == 0) [[likely]] {
        record_.headers = {};
    } else if (!read_headers(at, end)) {
        return nullptr;
    }

    record_.offset = base_offset_ + offset_delta;
    record_.timestamp = timestamp;
    previous_delta_ = offset_delta;
    at_ = end;
    --left_;
    return &record_;
}

bool BatchRecords::read_headers(Bytes at, Bytes end) {
    const auto count_at = at;
    std::int32_t count = 0;
    if (!read_zigzag(at, end, count)) return fail(not_varint("header count", at, end)), false;
    if (count < 0) return fail({RecordFault::negative, "header count", count_at, count, 0}), false;
    if (count > (end - at) / 2) {  // a key length and a value length each
        return fail({RecordFault::exceeds, "header count", count_at, count, end - at}), false;
    }
    const auto first = at;
    if (const auto fault = check_headers(at, end, count); fault.what) return fail(fault), false;
    if (at != end) {
        return fail({RecordFault::trailing, "the headers of the record", at, 0, end - at}), false;
    }
    record_.headers = RecordHeaders({first, at}, static_cast<std::size_t>(count));
    return true;
}

// Everything that is no record of format 2: the end, and the old formats.
const RecordView* BatchRecords::next_of_other() {
    if (failure_) return nullptr;
    if (single_) {
        single_ = false;
        return &record_;
    }
    if (inner_) {
        std::string fault;
        if (auto message = inner_->next(fault)) {
            show(*message);
            return &record_;
        }
        if (!fault.empty()) {
            return fail({RecordFault::plain, fault.c_str(), begin_ + inner_->position(), 0, 0});
        }
        return nullptr;
    }
    if (at_ != end_) {
        return fail({RecordFault::trailing, "the last record", at_, count_, end_ - at_});
    }
    return nullptr;
}

std::nullptr_t BatchRecords::fail(const RecordFault& fault) {
    const auto offset = static_cast<std::size_t>(fault.at - begin_);
    std::string where = "batch at offset " + std::to_string(batch_offset_);
    if (left_ > 0) {
        where += ", record " + std::to_string(count_ - left_ + 1) + " of " + std::to_string(count_);
    }
    where += compressed_ ? " @ decompressed " + std::to_string(offset)
                         : " @ " + std::to_string(batch_position_ + offset);
    left_ = 0;
    failure_ = {errc::malformed_records, where + ": " + fault.text()};
    return nullptr;
}

std::string BatchRecords::batch_name() const {
    return "batch at offset " + std::to_string(batch_offset_) + " @ " +
           std::to_string(batch_position_);
}

bool BatchRecords::fail_batch(Failure failure) {
    left_ = 0;
    at_ = end_ = nullptr;
    failure_ = std::move(failure);
    return false;
}

bool BatchRecords::open(const RecordBatchView& batch, const Slice& owner,
                        const ReadOptions& options) {
    *this = BatchRecords();
    slice_ = owner;
    batch_offset_ = batch.base_offset;
    batch_position_ = batch.position;
    if (options.check_crcs) {
        if (auto failure = check_crc(batch)) return fail_batch(std::move(failure));
    }
    record_.timestamp_type = batch.timestamp_type();
    log_append_time_ = record_.timestamp_type == TimestampType::log_append;
    timestamp_mask_ = log_append_time_ ? 0 : -1;
    base_timestamp_ = log_append_time_ ? batch.max_timestamp : batch.base_timestamp;
    base_offset_ = batch.base_offset;
    last_delta_ = batch.last_offset_delta;

    if (batch.magic < 2) return open_legacy(batch, options);

    count_ = left_ = batch.count;
    begin_ = batch.bytes.data();
    auto records = batch.payload();
    if (batch.compression() != Compression::none) {
        // What compaction emptied has nothing to decompress.
        if (batch.count == 0) return true;
        if (!decompress(batch, records, options)) return false;
        records = slice_.bytes();
        if (static_cast<std::size_t>(batch.count) > records.size() / smallest_record) {
            return fail_batch({errc::malformed_records,
                               batch_name() + ": record count " + std::to_string(batch.count) +
                                   " does not fit " + std::to_string(records.size()) +
                                   " decompressed bytes"});
        }
    }
    at_ = records.data();
    end_ = at_ + records.size();
    return true;
}

bool BatchRecords::open_legacy(const RecordBatchView& batch, const ReadOptions& options) {
    auto message = read_legacy_header(batch.bytes);
    if (auto fault = read_legacy_body(batch.bytes, message); !fault.empty()) {
        return fail_batch({errc::malformed_records, batch_name() + ": " + fault});
    }
    if (batch.compression() == Compression::none) {
        show(message);
        single_ = true;
        return true;
    }
    if (message.value.null()) {
        return fail_batch(
            {errc::malformed_records, batch_name() + ": a compressed message without a value"});
    }
    if (!decompress(batch, message.value.bytes(), options)) return false;
    inner_ = std::make_unique<InnerMessages>(slice_.bytes(), message);
    if (auto fault = inner_->prepare(); !fault.empty()) {
        fail({RecordFault::plain, fault.c_str(), begin_ + inner_->position(), 0, 0});
        return false;
    }
    return true;
}

bool BatchRecords::decompress(const RecordBatchView& batch, std::span<const std::uint8_t> in,
                              const ReadOptions& options) {
    const auto codec = batch.compression();
    if (codec > Compression::zstd || !options.decompress) {
        return fail_batch({errc::unsupported_codec,
                           batch_name() + ": codec " + std::to_string(static_cast<int>(codec)) +
                               " (" + std::string(to_string(codec)) + ")" +
                               (codec > Compression::zstd ? "" : " without a decompressor")});
    }
    ByteBuffer own;
    auto& out = options.scratch ? *options.scratch : own;
    out.clear();
    const bool old_lz4 =
        batch.magic == 0 && codec == Compression::lz4 && options.decompress_lz4_magic0;
    auto failure = old_lz4 ? options.decompress_lz4_magic0(in, out, options.max_decompressed)
                           : options.decompress(codec, in, out, options.max_decompressed);
    if (failure) {
        failure.detail = batch_name() + ": " + failure.detail;
        return fail_batch(std::move(failure));
    }
    slice_ = options.scratch ? Slice(out.data(), out.size()) : std::move(own).release();
    compressed_ = true;
    begin_ = slice_.data();
    return true;
}

void BatchRecords::show(const LegacyMessage& message) noexcept {
    record_.offset = message.offset;
    // With log append time the wrapper's timestamp holds for all inside (KIP-32).
    record_.timestamp = log_append_time_ ? base_timestamp_ : message.timestamp;
    record_.key = message.key;
    record_.value = message.value;
}

}  // namespace kafka::protocol
