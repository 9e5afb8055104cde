// SPDX-License-Identifier: Apache-2.0
// Between the sources of crc32c only: the variants, and the arithmetic behind their constants.
//
// A CRC is the remainder of the message, read as a polynomial over GF(2), times x^32, modulo P.
// CRC-32C is reflected: the first bit of a byte is its lowest, and in a register of n bits, bit i
// stands for x^(n-1-i). A 32-bit remainder in the upper half of a 64-bit register thus keeps its
// meaning. Carry-less multiplication of two n-bit registers gives bits 0 to 2n-2; read as a
// register of 2n bits it is x times the product, so constants carry one power less.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// 64-bit x86 with the compilers that know function targets.
#if defined(__x86_64__) && defined(__GNUC__)
#define KAFKA_CRC32C_X86 1
#endif
// 64-bit ARM on Linux, where getauxval() tells what the processor has.
#if defined(__aarch64__) && defined(__linux__) && defined(__GNUC__) && !defined(__ARM_BIG_ENDIAN)
#define KAFKA_CRC32C_ARM 1
#endif

namespace kafka::crc32c_detail {

/// P without its x^32, reflected: 0x1EDC6F41 (RFC 3720, section 12.1) mirrored.
inline constexpr std::uint32_t polynomial = 0x82F63B78;

/// a times x, modulo P.
constexpr std::uint32_t times_x(std::uint32_t a) noexcept {
    return (a >> 1) ^ ((a & 1) ? polynomial : 0);
}

/// a times b, modulo P.
constexpr std::uint32_t times(std::uint32_t a, std::uint32_t b) noexcept {
    std::uint32_t product = 0;
    for (; b != 0; b <<= 1) {
        if (b & 0x80000000U) product ^= a;
        a = times_x(a);
    }
    return product;
}

/// x to the power n, modulo P.
constexpr std::uint32_t x_to_the(std::uint64_t n) noexcept {
    std::uint32_t result = 0x80000000U;  // 1
    for (std::uint32_t square = 0x40000000U; n != 0; n >>= 1) {
        if (n & 1) result = times(result, square);
        square = times(square, square);
    }
    return result;
}

/// The two constants that move 16 bytes forward by a distance, for 64 x 64 bit products: the
/// first (lower) 8 bytes stand 64 bits further from the end than the second.
struct Fold {
    std::uint64_t low;
    std::uint64_t high;
};
constexpr Fold fold_by(std::uint64_t bits) noexcept {
    return {std::uint64_t{x_to_the(bits + 63)} << 32, std::uint64_t{x_to_the(bits - 1)} << 32};
}

/// Three checksums of equal neighbouring blocks are joined by multiplying the first two with what
/// follows them. joins[n] moves a 32-bit checksum over n times 8 bytes; the product of 32 x 32 bits
/// goes into the checksum's last 8 bytes, which multiplies it with x^32 once more (and the reading
/// as a 64-bit register with x).
inline constexpr std::size_t max_words_per_block = 128;
inline constexpr auto joins = [] {
    std::array<std::uint32_t, 2 * max_words_per_block + 1> table{};
    table[1] = x_to_the(64 - 33);
    constexpr std::uint32_t word = x_to_the(64);
    for (std::size_t n = 2; n < table.size(); ++n)
        table[n] = times(table[n - 1], word);
    return table;
}();

template <class Word>
Word load(const std::uint8_t* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof(word));
    return word;
}

// All work on the state between two bytes, which is the inverted checksum.
using Update = std::uint32_t(std::uint32_t state, const std::uint8_t* at,
                             std::size_t size) noexcept;

Update update_portable;
#if defined(KAFKA_CRC32C_X86)
Update update_sse42;
Update update_avx2;
Update update_avx512;
bool has_sse42() noexcept;
bool has_avx2() noexcept;
bool has_avx512() noexcept;
#endif
#if defined(KAFKA_CRC32C_ARM)
Update update_arm;
Update update_arm_pmull;
bool has_arm() noexcept;
bool has_arm_pmull() noexcept;
#endif

}  // namespace kafka::crc32c_detail
