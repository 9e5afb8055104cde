// SPDX-License-Identifier: Apache-2.0
// CRC-32C on 64-bit ARM: the CRC32 extension, in three interleaved streams where carry-less
// multiplication can join them.
#include "base/crc32c_variants.hpp"

#if defined(KAFKA_CRC32C_ARM)

#include <algorithm>

#include <sys/auxv.h>

// <arm_acle.h> and <arm_neon.h> of older compilers hide these instructions from files that are
// compiled for the baseline; the builtins are there for each function that has the target.
#if defined(__clang__)
#define KAFKA_ARM_CRC __attribute__((target("crc")))
#define KAFKA_ARM_PMULL __attribute__((target("crc,aes,crypto")))
#define KAFKA_CRC32CX __builtin_arm_crc32cd
#define KAFKA_CRC32CW __builtin_arm_crc32cw
#define KAFKA_CRC32CH __builtin_arm_crc32ch
#define KAFKA_CRC32CB __builtin_arm_crc32cb
#else
#define KAFKA_ARM_CRC __attribute__((target("+crc")))
#define KAFKA_ARM_PMULL __attribute__((target("+crc+crypto")))
#define KAFKA_CRC32CX __builtin_aarch64_crc32cx
#define KAFKA_CRC32CW __builtin_aarch64_crc32cw
#define KAFKA_CRC32CH __builtin_aarch64_crc32ch
#define KAFKA_CRC32CB __builtin_aarch64_crc32cb
#endif

namespace kafka::crc32c_detail {
namespace {

// Bits of AT_HWCAP in the Linux kernel's interface.
constexpr unsigned long hwcap_pmull = 1UL << 4;
constexpr unsigned long hwcap_crc32 = 1UL << 7;

/// What a 32-bit state becomes when multiplied with a row of joins[]; see there.
KAFKA_ARM_PMULL inline std::uint64_t product(std::uint32_t state, std::uint32_t factor) noexcept {
    // In assembly, since the two compilers spell this builtin's types differently.
    std::uint64_t result;
    asm("fmov d0, %1\n\t"
        "fmov d1, %2\n\t"
        "pmull v0.1q, v0.1d, v1.1d\n\t"
        "fmov %0, d0"
        : "=r"(result)
        : "r"(std::uint64_t{state}), "r"(std::uint64_t{factor})
        : "v0", "v1");
    return result;
}

}  // namespace

bool has_arm() noexcept {
    return (getauxval(AT_HWCAP) & hwcap_crc32) != 0;
}

bool has_arm_pmull() noexcept {
    return has_arm() && (getauxval(AT_HWCAP) & hwcap_pmull) != 0;
}

KAFKA_ARM_CRC std::uint32_t update_arm(std::uint32_t state, const std::uint8_t* at,
                                       std::size_t size) noexcept {
    for (; size >= 8; size -= 8, at += 8)
        state = KAFKA_CRC32CX(state, load<std::uint64_t>(at));
    if (size & 4) {
        state = KAFKA_CRC32CW(state, load<std::uint32_t>(at));
        at += 4;
    }
    if (size & 2) {
        state = KAFKA_CRC32CH(state, load<std::uint16_t>(at));
        at += 2;
    }
    if (size & 1) state = KAFKA_CRC32CB(state, *at);
    return state;
}

// As update_sse42(): the instruction takes longer than the time until the next can start.
KAFKA_ARM_PMULL std::uint32_t update_arm_pmull(std::uint32_t state, const std::uint8_t* at,
                                               std::size_t size) noexcept {
    while (size >= 3 * 8 * 2) {
        const std::size_t words = std::min(size / (3 * 8), max_words_per_block);
        const std::size_t block = words * 8;
        std::uint32_t b = 0;
        std::uint32_t c = 0;
        const std::uint8_t* const last = at + block - 8;
        for (; at != last; at += 8) {
            state = KAFKA_CRC32CX(state, load<std::uint64_t>(at));
            b = KAFKA_CRC32CX(b, load<std::uint64_t>(at + block));
            c = KAFKA_CRC32CX(c, load<std::uint64_t>(at + 2 * block));
        }
        state = KAFKA_CRC32CX(state, load<std::uint64_t>(at));
        b = KAFKA_CRC32CX(b, load<std::uint64_t>(at + block));
        state = KAFKA_CRC32CX(c, load<std::uint64_t>(at + 2 * block) ^
                                     product(state, joins[2 * words]) ^ product(b, joins[words]));
        at += 8 + 2 * block;
        size -= 3 * block;
    }
    return update_arm(state, at, size);
}

}  // namespace kafka::crc32c_detail

#endif
