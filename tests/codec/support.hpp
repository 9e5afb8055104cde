// SPDX-License-Identifier: Apache-2.0
// Inputs and shorthands for the codecs' tests.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>

#include "allocation_counter.hpp"
#include "protocol/bytes.hpp"

namespace codec_test {

using kafka::ByteBuffer;
using kafka::Compression;
using kafka::errc;
using kafka::Failure;

using Bytes = std::vector<std::uint8_t>;

inline constexpr Compression all_codecs[] = {Compression::gzip, Compression::snappy,
                                             Compression::lz4, Compression::zstd};
/// Constants no output may reach: what "bounded" means in these tests.
inline constexpr std::size_t slack = 64 << 10;

inline Bytes text_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

inline Bytes from_hex(std::string_view hex) {
    Bytes bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(
            static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

inline Bytes join(std::initializer_list<Bytes> parts) {
    std::size_t size = 0;
    for (const auto& part : parts)
        size += part.size();
    Bytes all;
    all.reserve(size);
    for (const auto& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

inline Bytes little_endian(std::uint64_t value, int size) {
    Bytes bytes;
    bytes.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i)
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
}

inline Bytes big_endian32(std::uint32_t value) {
    const auto little = little_endian(value, 4);
    return {little.rbegin(), little.rend()};
}

/// The same bytes each time; incompressible.
inline Bytes noise(std::size_t size, std::uint64_t seed = 1) {
    Bytes bytes(size);
    auto state = seed * 0x9e3779b97f4a7c15u + 1;
    for (auto& byte : bytes) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte = static_cast<std::uint8_t>(state >> 32);
    }
    return bytes;
}

/// Log lines, as people put them into Kafka.
inline Bytes log_text(std::size_t size) {
    std::string text;
    const auto random = noise(size / 8 + 64, 7);
    for (std::size_t i = 0; text.size() < size; i += 4) {
        text += "{\"level\":\"" + std::string(random[i] & 1 ? "info" : "warning") +
                "\",\"order\":" + std::to_string(random[i + 1] * 256 + random[i + 2]) +
                ",\"message\":\"shipment " + std::to_string(random[i + 3]) + " left\"}\n";
    }
    text.resize(size);
    return text_bytes(text);
}

struct Outcome {
    Failure failure;
    Bytes bytes;
    std::size_t capacity = 0;
    std::size_t peak = 0;  ///< bytes of memory at once, the library's contexts among them
};

/// Calls decompress(in, out) on a copy of exactly the input's size.
template <class Decompress>
Outcome outcome_of(const Bytes& in, Decompress decompress) {
    const auto exact = kafka::test::ExactBytes::of(in);
    ByteBuffer out;
    kafka::test::AllocationScope scope;
    auto failure = decompress(exact.bytes(), out);
    const auto peak = scope.peak();
    return {std::move(failure), Bytes(out.data(), out.data() + out.size()), out.capacity(), peak};
}

inline Outcome decompressed(Compression c, const Bytes& in, std::size_t limit = 8 << 20) {
    return outcome_of(in, [c, limit](std::span<const std::uint8_t> exact, ByteBuffer& out) {
        return kafka::codec::decompress(c, exact, out, limit);
    });
}

/// A context of a library, and the words of a failure: memory that does not depend on the input.
inline constexpr std::size_t context = 512 << 10;
/// The words alone: the input was refused before memory was taken for it.
inline constexpr std::size_t words = 2048;

inline Bytes compressed(Compression c, const Bytes& in, std::optional<int> level = {}) {
    ByteBuffer out;
    if (kafka::codec::compress(c, in, out, level)) return {};
    return {out.data(), out.data() + out.size()};
}

}  // namespace codec_test
