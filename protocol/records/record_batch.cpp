// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <kafka/error.hpp>
#include <kafka/protocol/record_batch.hpp>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "protocol/records/crc32_ieee.hpp"
#include "protocol/records/message_set.hpp"

namespace kafka::protocol {
namespace {

namespace at = batch_layout;

constexpr std::size_t prefix_size = 12;  // base offset and length: outside the length
constexpr std::int64_t smallest_record = 7;
constexpr auto max_offset = std::numeric_limits<std::int64_t>::max();

Failure bad_header(std::int64_t offset, std::size_t position, const std::string& what) {
    return {errc::malformed_records, "batch at offset " + std::to_string(offset) + " @ " +
                                         std::to_string(position) + ": " + what};
}

std::string hex(std::uint32_t v) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4)
        text += digits[(v >> shift) & 15];
    return text;
}

// What is wrong with the numbers of a header of format 2, or nothing.
std::string find_fault(const RecordBatchView& b) {
    if (b.base_offset < 0) return "a negative base offset";
    if (b.last_offset_delta < 0) {
        return "last offset delta " + std::to_string(b.last_offset_delta) + " is negative";
    }
    // The offset behind the batch must be one as well.
    if (b.base_offset > max_offset - 1 - b.last_offset_delta) return "its last offset overflows";
    if (b.count < 0) return "record count " + std::to_string(b.count) + " is negative";
    if (std::int64_t{b.count} - 1 > b.last_offset_delta) {
        return "record count " + std::to_string(b.count) + " does not fit last offset delta " +
               std::to_string(b.last_offset_delta);
    }
    const auto bytes = static_cast<std::int64_t>(b.payload().size());
    if (b.compression() == Compression::none && b.count > bytes / smallest_record) {
        return "record count " + std::to_string(b.count) + " does not fit " +
               std::to_string(bytes) + " bytes";
    }
    if (b.transactional() && b.producer_id < 0) return "transactional, but without a producer id";
    return {};
}

void read_header(RecordBatchView& b) noexcept {
    const auto* from = b.bytes.data();
    b.leader_epoch = load_big<std::int32_t>(from + at::leader_epoch);
    b.crc = load_big<std::uint32_t>(from + at::crc);
    b.attributes = load_big<std::int16_t>(from + at::attributes);
    b.last_offset_delta = load_big<std::int32_t>(from + at::last_offset_delta);
    b.base_timestamp = load_big<std::int64_t>(from + at::base_timestamp);
    b.max_timestamp = load_big<std::int64_t>(from + at::max_timestamp);
    b.producer_id = load_big<std::int64_t>(from + at::producer_id);
    b.producer_epoch = load_big<std::int16_t>(from + at::producer_epoch);
    b.base_sequence = load_big<std::int32_t>(from + at::base_sequence);
    b.count = load_big<std::int32_t>(from + at::count);
}

void read_message_header(RecordBatchView& b) noexcept {
    const auto message = read_legacy_header(b.bytes);
    b.crc = message.crc;
    b.attributes = message.attributes;
    b.base_timestamp = b.max_timestamp = message.timestamp;
    if (b.compression() == Compression::none) b.count = 1;
}

}  // namespace

const RecordBatchView* RecordBatches::next() {
    if (failure_ || partial_tail_) return nullptr;
    const auto left = slice_.bytes().subspan(position_);
    if (left.empty()) return nullptr;
    if (left.size() < prefix_size) {
        partial_tail_ = true;
        return nullptr;
    }
    const auto offset = load_big<std::int64_t>(left.data());
    const auto fail = [&](const std::string& what) {
        failure_ = bad_header(offset, position_, what);
        return nullptr;
    };
    const auto length = load_big<std::int32_t>(left.data() + at::length);
    const auto too_short = [&](std::size_t least) {
        return length < 0 || static_cast<std::size_t>(length) < least;
    };
    const auto length_fault = [&](std::size_t least) {
        return fail("length " + std::to_string(length) + " is below " + std::to_string(least));
    };
    if (too_short(legacy_min_length(0))) return length_fault(legacy_min_length(0));
    if (left.size() <= at::magic) {
        partial_tail_ = true;
        return nullptr;
    }
    const auto magic = static_cast<std::int8_t>(left[at::magic]);
    if (magic < 0 || magic > 2) return fail("format " + std::to_string(magic) + " is not known");
    const auto least = magic == 2 ? at::records - prefix_size : legacy_min_length(magic);
    if (too_short(least)) return length_fault(least);
    const auto size = prefix_size + static_cast<std::size_t>(length);
    if (size > left.size()) {
        partial_tail_ = true;
        return nullptr;
    }

    batch_ = {};
    batch_.bytes = left.first(size);
    batch_.position = position_;
    batch_.base_offset = offset;
    batch_.magic = magic;
    if (magic == 2) {
        read_header(batch_);
        if (auto fault = find_fault(batch_); !fault.empty()) return fail(fault);
    } else {
        read_message_header(batch_);
        if (offset < 0 || offset == max_offset) return fail("an offset out of range");
    }
    position_ += size;
    // Never backwards, should a broker send batches that overlap.
    if (batch_.next_offset() > next_offset_) next_offset_ = batch_.next_offset();
    return &batch_;
}

Failure check_crc(const RecordBatchView& batch) {
    const auto found = batch.magic == 2 ? crc32c(batch.bytes.subspan(at::attributes))
                                        : crc32_ieee(batch.bytes.subspan(at::magic));
    if (found == batch.crc) return {};
    return {errc::corrupt_records, "batch at offset " + std::to_string(batch.base_offset) + " @ " +
                                       std::to_string(batch.position) + ": checksum " + hex(found) +
                                       ", but " + hex(batch.crc) + " is stated"};
}

Result<std::int64_t> offset_after(std::span<const std::uint8_t> records, std::int64_t otherwise) {
    RecordBatches batches(Slice(records.data(), records.size()));
    while (batches.next()) {
    }
    if (batches.failure()) return batches.failure();
    return batches.next_offset() < 0 ? otherwise : batches.next_offset();
}

}  // namespace kafka::protocol
