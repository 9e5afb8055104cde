// SPDX-License-Identifier: Apache-2.0
// Helpers of the record tests: bytes from hexadecimal, and batches put together by hand, right or
// wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/protocol/varint.hpp>
#include <kafka/slice.hpp>

#include "allocation_counter.hpp"
#include "base/crc32c.hpp"

namespace kafka::protocol::wire {

using Bytes = std::vector<std::uint8_t>;

inline Bytes from_hex(std::string_view text) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
    }
    return bytes;
}

inline std::string to_hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (auto byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

// A slice with memory of exactly that size, so that ASan sees every byte read beyond it.
inline Slice exact(std::span<const std::uint8_t> bytes) {
    struct Owner final : SliceOwner {
        explicit Owner(std::span<const std::uint8_t> from)
            : copy(std::make_unique<std::uint8_t[]>(from.size())) {
            std::copy(from.begin(), from.end(), copy.get());
        }
        void destroy() noexcept override { delete this; }
        std::unique_ptr<std::uint8_t[]> copy;
    };
    auto* owner = new Owner(bytes);
    Slice slice(owner, owner->copy.get(), bytes.size());
    owner->drop();
    return slice;
}
inline Slice exact_hex(std::string_view text) {
    return exact(from_hex(text));
}

template <class Int>
inline void put(Bytes& to, Int value) {
    for (int shift = 8 * (static_cast<int>(sizeof(Int)) - 1); shift >= 0; shift -= 8) {
        to.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
    }
}
template <class Int>
inline void put_at(Bytes& to, std::size_t at, Int value) {
    Bytes bytes;
    put(bytes, value);
    std::copy(bytes.begin(), bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(at));
}
inline void put_varint(Bytes& to, std::int64_t value) {
    std::uint8_t room[10];
    to.insert(to.end(), room, write_varint(room, zigzag(value)));
}
inline void put_text(Bytes& to, std::optional<std::string_view> text) {
    put_varint(to, text ? static_cast<std::int64_t>(text->size()) : -1);
    if (text) to.insert(to.end(), text->begin(), text->end());
}

// A record with its length in front.
inline Bytes with_length(const Bytes& body) {
    Bytes record;
    put_varint(record, static_cast<std::int64_t>(body.size()));
    record.insert(record.end(), body.begin(), body.end());
    return record;
}
inline Bytes record(std::int32_t offset_delta, std::optional<std::string_view> key = std::nullopt,
                    std::optional<std::string_view> value = "v", std::int64_t timestamp_delta = 0) {
    Bytes body{0};
    put_varint(body, timestamp_delta);
    put_varint(body, offset_delta);
    put_text(body, key);
    put_text(body, value);
    put_varint(body, 0);
    return with_length(body);
}
inline Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const auto& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

struct Head {
    std::int64_t base_offset = 42;
    std::optional<std::int32_t> length = {};
    std::int8_t magic = 2;
    std::int16_t attributes = 0;
    std::optional<std::int32_t> last_offset_delta = {};
    std::int64_t base_timestamp = 1000;
    std::int64_t max_timestamp = 1000;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    std::int32_t base_sequence = -1;
    std::int32_t count = 1;
};
inline void sum_up(Bytes& batch) {
    put_at(batch, batch_layout::crc,
           crc32c(std::span<const std::uint8_t>(batch).subspan(batch_layout::attributes)));
}
// A batch with a right checksum, whatever else it says.
inline Bytes batch(const Head& head, const Bytes& records) {
    Bytes b;
    put(b, head.base_offset);
    put(b, head.length.value_or(static_cast<std::int32_t>(49 + records.size())));
    put(b, std::int32_t{5});
    put(b, head.magic);
    put(b, std::uint32_t{0});
    put(b, head.attributes);
    put(b, head.last_offset_delta.value_or(head.count - 1));
    put(b, head.base_timestamp);
    put(b, head.max_timestamp);
    put(b, head.producer_id);
    put(b, head.producer_epoch);
    put(b, head.base_sequence);
    put(b, head.count);
    b.insert(b.end(), records.begin(), records.end());
    sum_up(b);
    return b;
}
inline Bytes compressed_batch(Head head, const Bytes& records, Compression codec) {
    ByteBuffer out;
    if (codec::compress(codec, records, out)) return {};
    head.attributes = static_cast<std::int16_t>(head.attributes | static_cast<int>(codec));
    return batch(head, Bytes(out.bytes().begin(), out.bytes().end()));
}

// A record that owns everything.
struct Owned {
    std::int64_t offset;
    std::int64_t timestamp;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;

    friend bool operator==(const Owned&, const Owned&) = default;
};
inline std::optional<std::string> own(const BytesView& bytes) {
    if (bytes.null()) return std::nullopt;
    return std::string(bytes.text());
}
inline Owned own(const RecordView& r) {
    Owned owned{r.offset, r.timestamp, own(r.key), own(r.value), {}};
    for (const auto& h : r.headers)
        owned.headers.emplace_back(h.key, own(h.value));
    return owned;
}

// The words of a failure: all the memory that reading takes where nothing is compressed.
constexpr std::size_t words = 2048;
// What reading may take of memory otherwise, whatever the bytes are; the codecs' contexts with it.
[[nodiscard]] constexpr std::size_t memory_bound(std::size_t input) {
    return 16 * input + (std::size_t{1} << 20);
}

struct Read {
    std::vector<Owned> records;
    Failure failure;
    bool partial_tail = false;
    std::int64_t next_offset = -1;
    std::size_t peak = 0;  // bytes of memory at once, without the records that are kept here
};
// Reads to the end and keeps nothing. Gives the most memory that it took at once.
inline std::size_t read_through(const Slice& slice, const ReadOptions& options) {
    test::AllocationScope scope;
    RecordReader reader(slice, options);
    while (reader.next()) {
    }
    return scope.peak();
}
inline Read read_all(const Slice& slice, ReadOptions options = {}) {
    if (!options.decompress) options.decompress = codec::decompress;
    options.decompress_lz4_magic0 = codec::decompress_lz4_magic0;
    Read read;
    read.peak = read_through(slice, options);
    CHECK(read.peak <= memory_bound(slice.size()));
    RecordReader reader(slice, options);
    while (const auto* r = reader.next())
        read.records.push_back(own(*r));
    read.failure = reader.failure();
    read.partial_tail = reader.partial_tail();
    read.next_offset = reader.next_offset();
    return read;
}
inline Read read_all(const Bytes& bytes, const ReadOptions& options = {}) {
    return read_all(exact(bytes), options);
}

}  // namespace kafka::protocol::wire
