// SPDX-License-Identifier: Apache-2.0
// Variable-length integers: seven bits a byte, low bits first, the top bit says "more follows".
// Records write signed numbers zigzag-folded; the flexible versions of messages (KIP-482) write
// unsigned ones as they are.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <kafka/export.hpp>

namespace kafka::protocol {

/// Folds the sign into the lowest bit, so that small numbers of either sign are short.
[[nodiscard]] constexpr std::uint32_t zigzag(std::int32_t v) noexcept {
    return (static_cast<std::uint32_t>(v) << 1) ^ static_cast<std::uint32_t>(v >> 31);
}
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t v) noexcept {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
[[nodiscard]] constexpr std::int32_t unzigzag(std::uint32_t v) noexcept {
    return static_cast<std::int32_t>((v >> 1) ^ (~(v & 1) + 1));
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t v) noexcept {
    return static_cast<std::int64_t>((v >> 1) ^ (~(v & 1) + 1));
}

/// Bytes that `v` takes: 1 to 5 for 32 bits, up to 10 for 64.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t v) noexcept {
    // Branches that are foreseen beat counting bits, which is slow on some processors.
    if (v < 0x80) return 1;
    if (v < 0x4000) return 2;
    // The same as (bits + 6) / 7 for 1 to 64 bits, without a division.
    return (static_cast<std::size_t>(std::bit_width(v)) * 9 + 64) / 64;
}

/// Writes `v` to `at`, where varint_size(v) bytes must be free, and returns the end of it.
inline std::uint8_t* write_varint(std::uint8_t* at, std::uint64_t v) noexcept {
    if (v < 0x80) {
        at[0] = static_cast<std::uint8_t>(v);
        return at + 1;
    }
    if (v < 0x4000) {
        at[0] = static_cast<std::uint8_t>(v | 0x80);
        at[1] = static_cast<std::uint8_t>(v >> 7);
        return at + 2;
    }
    do {
        *at++ = static_cast<std::uint8_t>(v | 0x80);
        v >>= 7;
    } while (v >= 0x80);
    *at++ = static_cast<std::uint8_t>(v);
    return at;
}

namespace detail {
// Returned in registers: with pointers to the caller's variables these would live in memory.
struct LongVarint {
    const std::uint8_t* end;  // behind the number; null if there is none
    std::uint64_t value;
};
[[nodiscard]] KAFKA_API LongVarint read_long_varint(const std::uint8_t* at, const std::uint8_t* end,
                                                    int bits) noexcept;
}  // namespace detail

/// Reads a number and moves `at` behind it. False, with `at` where it was, when the bytes end
/// first, when a 32-bit number takes more than 5 bytes (64-bit: 10), or when bits do not fit.
/// Longer forms of a small number than needed are accepted, as Kafka's own reader does.
template <class Unsigned>
[[nodiscard]] inline bool read_varint(const std::uint8_t*& at, const std::uint8_t* end,
                                      Unsigned& v) noexcept {
    if (at != end) [[likely]] {
        const std::uint32_t first = at[0];
        if (first < 0x80) {
            v = first;
            at += 1;
            return true;
        }
        if (end - at >= 2 && at[1] < 0x80) {
            v = (first & 0x7f) | (std::uint32_t{at[1]} << 7);
            at += 2;
            return true;
        }
    }
    const auto read = detail::read_long_varint(at, end, std::numeric_limits<Unsigned>::digits);
    if (!read.end) return false;
    v = static_cast<Unsigned>(read.value);
    at = read.end;
    return true;
}

/// The same for zigzag-folded numbers.
[[nodiscard]] inline bool read_zigzag(const std::uint8_t*& at, const std::uint8_t* end,
                                      std::int32_t& v) noexcept {
    std::uint32_t folded = 0;
    if (!read_varint(at, end, folded)) return false;
    v = unzigzag(folded);
    return true;
}
[[nodiscard]] inline bool read_zigzag(const std::uint8_t*& at, const std::uint8_t* end,
                                      std::int64_t& v) noexcept {
    std::uint64_t folded = 0;
    if (!read_varint(at, end, folded)) return false;
    v = unzigzag(folded);
    return true;
}

}  // namespace kafka::protocol
