// SPDX-License-Identifier: Apache-2.0
// The hashes by which clients spread keys over partitions. None is for untrusted input.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/big_endian.hpp"

namespace kafka {

/// MurmurHash2 with the seed of Java's clients (org.apache.kafka.common.utils.Utils.murmur2), on
/// the bit pattern of its signed result. Inline: it is most of what choosing a partition costs.
[[nodiscard]] inline std::uint32_t murmur2(std::span<const std::uint8_t> bytes) noexcept {
    constexpr std::uint32_t m = 0x5bd1e995;
    const auto* at = bytes.data();
    auto size = bytes.size();
    std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(size);
    for (; size >= 4; size -= 4, at += 4) {
        std::uint32_t k;
        std::memcpy(&k, at, sizeof k);
        if constexpr (std::endian::native == std::endian::big) k = byte_swapped(k);
        k *= m;
        k ^= k >> 24;
        h = (h * m) ^ (k * m);
    }
    // One to three bytes are left, the first of them lowest.
    if (size > 0) {
        std::uint32_t tail = at[0];
        if (size > 1) tail |= std::uint32_t{at[1]} << 8;
        if (size > 2) tail |= std::uint32_t{at[2]} << 16;
        h = (h ^ tail) * m;
    }
    h ^= h >> 13;
    h *= m;
    return h ^ h >> 15;
}

/// FNV-1a of 32 bits: Sarama's and kafka-go's hash.
[[nodiscard]] inline std::uint32_t fnv1a(std::span<const std::uint8_t> bytes) noexcept {
    std::uint32_t h = 0x811c9dc5;
    for (const auto byte : bytes)
        h = (h ^ byte) * 0x01000193;
    return h;
}

/// The checksum of zlib, PNG and Ethernet (IEEE 802.3): librdkafka's hash.
[[nodiscard]] std::uint32_t crc32(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace kafka
