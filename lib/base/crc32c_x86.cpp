// SPDX-License-Identifier: Apache-2.0
// CRC-32C on 64-bit x86: the crc32 instruction in three interleaved streams, and folding with
// carry-less multiplication in registers of 256 and 512 bits.
#include "base/crc32c_variants.hpp"

#if defined(KAFKA_CRC32C_X86)

#include <algorithm>

#include <immintrin.h>

// Only these functions are compiled for more than the baseline, and each is called only after its
// has_...() said yes. Helpers need the same targets to be inlined.
#define KAFKA_SSE42 __attribute__((target("sse4.2,pclmul")))
#define KAFKA_AVX2 __attribute__((target("avx2,vpclmulqdq,sse4.2,pclmul")))
#define KAFKA_AVX512 __attribute__((target("avx512f,avx512vl,vpclmulqdq,avx2,sse4.2,pclmul")))

namespace kafka::crc32c_detail {
namespace {

/// What a 32-bit state becomes when multiplied with a row of joins[]; see there.
KAFKA_SSE42 inline std::uint64_t product(std::uint64_t state, std::uint32_t factor) noexcept {
    const __m128i both = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(state)),
                                              _mm_cvtsi64_si128(static_cast<long long>(factor)), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(both));
}

/// The state after the 16 bytes that a folded register stands for.
KAFKA_SSE42 inline std::uint32_t state_of(__m128i folded) noexcept {
    const auto low = static_cast<std::uint64_t>(_mm_cvtsi128_si64(folded));
    const auto high = static_cast<std::uint64_t>(_mm_extract_epi64(folded, 1));
    return static_cast<std::uint32_t>(_mm_crc32_u64(_mm_crc32_u64(0, low), high));
}

KAFKA_SSE42 inline __m128i constants(Fold fold) noexcept {
    return _mm_set_epi64x(static_cast<long long>(fold.high), static_cast<long long>(fold.low));
}

KAFKA_AVX2 inline __m256i load256(const std::uint8_t* at) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

/// `a` moved forward by the distance of `k`, plus `b`.
KAFKA_AVX2 inline __m256i fold256(__m256i a, __m256i k, __m256i b) noexcept {
    const __m256i low = _mm256_clmulepi64_epi128(a, k, 0x00);
    const __m256i high = _mm256_clmulepi64_epi128(a, k, 0x11);
    return _mm256_xor_si256(_mm256_xor_si256(low, b), high);
}

KAFKA_AVX512 inline __m512i load512(const std::uint8_t* at) noexcept {
    return _mm512_loadu_si512(at);
}

/// The constants of the four 16-byte parts of a register, the first of them lowest.
KAFKA_AVX512 inline __m512i constants512(Fold a, Fold b, Fold c, Fold d) noexcept {
    const auto word = [](std::uint64_t bits) { return static_cast<long long>(bits); };
    return _mm512_set_epi64(word(d.high), word(d.low), word(c.high), word(c.low), word(b.high),
                            word(b.low), word(a.high), word(a.low));
}

KAFKA_AVX512 inline __m512i fold512(__m512i a, __m512i k, __m512i b) noexcept {
    const __m512i low = _mm512_clmulepi64_epi128(a, k, 0x00);
    const __m512i high = _mm512_clmulepi64_epi128(a, k, 0x11);
    return _mm512_ternarylogic_epi64(low, high, b, 0x96);  // the sum of all three
}

}  // namespace

bool has_sse42() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

bool has_avx2() noexcept {
    return has_sse42() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("vpclmulqdq");
}

bool has_avx512() noexcept {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
}

// The crc32 instruction takes 3 cycles, but one can start in each: three streams fill the unit.
KAFKA_SSE42 std::uint32_t update_sse42(std::uint32_t state, const std::uint8_t* at,
                                       std::size_t size) noexcept {
    std::uint64_t a = state;
    while (size >= 3 * 8 * 2) {
        const std::size_t words = std::min(size / (3 * 8), max_words_per_block);
        const std::size_t block = words * 8;
        std::uint64_t b = 0;
        std::uint64_t c = 0;
        const std::uint8_t* const last = at + block - 8;
        for (; at != last; at += 8) {
            a = _mm_crc32_u64(a, load<std::uint64_t>(at));
            b = _mm_crc32_u64(b, load<std::uint64_t>(at + block));
            c = _mm_crc32_u64(c, load<std::uint64_t>(at + 2 * block));
        }
        a = _mm_crc32_u64(a, load<std::uint64_t>(at));
        b = _mm_crc32_u64(b, load<std::uint64_t>(at + block));
        a = _mm_crc32_u64(c, load<std::uint64_t>(at + 2 * block) ^ product(a, joins[2 * words]) ^
                                 product(b, joins[words]));
        at += 8 + 2 * block;
        size -= 3 * block;
    }
    for (; size >= 8; size -= 8, at += 8)
        a = _mm_crc32_u64(a, load<std::uint64_t>(at));
    auto tail = static_cast<std::uint32_t>(a);
    if (size & 4) {
        tail = _mm_crc32_u32(tail, load<std::uint32_t>(at));
        at += 4;
    }
    if (size & 2) {
        tail = _mm_crc32_u16(tail, load<std::uint16_t>(at));
        at += 2;
    }
    if (size & 1) tail = _mm_crc32_u8(tail, *at);
    return tail;
}

KAFKA_AVX2 std::uint32_t update_avx2(std::uint32_t state, const std::uint8_t* at,
                                     std::size_t size) noexcept {
    constexpr std::size_t stride = 4 * 32;
    if (size < 2 * stride) return update_sse42(state, at, size);
    __m256i x0 = _mm256_xor_si256(
        load256(at), _mm256_zextsi128_si256(_mm_cvtsi32_si128(static_cast<int>(state))));
    __m256i x1 = load256(at + 32);
    __m256i x2 = load256(at + 64);
    __m256i x3 = load256(at + 96);
    at += stride;
    size -= stride;
    constexpr Fold by_stride = fold_by(stride * 8);
    const __m256i k = _mm256_broadcastsi128_si256(constants(by_stride));
    for (; size >= stride; size -= stride, at += stride) {
        x0 = fold256(x0, k, load256(at));
        x1 = fold256(x1, k, load256(at + 32));
        x2 = fold256(x2, k, load256(at + 64));
        x3 = fold256(x3, k, load256(at + 96));
    }
    constexpr Fold by_256 = fold_by(256);
    constexpr Fold by_512 = fold_by(512);
    const __m256i k256 = _mm256_broadcastsi128_si256(constants(by_256));
    const __m256i k512 = _mm256_broadcastsi128_si256(constants(by_512));
    x1 = fold256(x0, k256, x1);
    x3 = fold256(x2, k256, x3);
    x3 = fold256(x1, k512, x3);
    constexpr Fold by_128 = fold_by(128);
    const __m128i k128 = constants(by_128);
    const __m128i first = _mm256_castsi256_si128(x3);
    const __m128i sum = _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(first, k128, 0x00),
                                                    _mm_clmulepi64_si128(first, k128, 0x11)),
                                      _mm256_extracti128_si256(x3, 1));
    return update_sse42(state_of(sum), at, size);
}

KAFKA_AVX512 std::uint32_t update_avx512(std::uint32_t state, const std::uint8_t* at,
                                         std::size_t size) noexcept {
    constexpr std::size_t stride = 4 * 64;
    if (size < stride) return update_sse42(state, at, size);
    __m512i x0 = _mm512_xor_si512(
        load512(at), _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(state))));
    __m512i x1 = load512(at + 64);
    __m512i x2 = load512(at + 128);
    __m512i x3 = load512(at + 192);
    at += stride;
    size -= stride;
    constexpr Fold by_stride = fold_by(stride * 8);
    const __m512i k = constants512(by_stride, by_stride, by_stride, by_stride);
    for (; size >= stride; size -= stride, at += stride) {
        x0 = fold512(x0, k, load512(at));
        x1 = fold512(x1, k, load512(at + 64));
        x2 = fold512(x2, k, load512(at + 128));
        x3 = fold512(x3, k, load512(at + 192));
    }
    constexpr Fold by_512 = fold_by(512);
    constexpr Fold by_1024 = fold_by(1024);
    const __m512i k512 = constants512(by_512, by_512, by_512, by_512);
    const __m512i k1024 = constants512(by_1024, by_1024, by_1024, by_1024);
    x1 = fold512(x0, k512, x1);
    x3 = fold512(x2, k512, x3);
    x3 = fold512(x1, k1024, x3);
    for (; size >= 64; size -= 64, at += 64)
        x3 = fold512(x3, k512, load512(at));
    // The four parts of the register lie 384, 256, 128 and 0 bits from its end. A product with
    // zero is nothing, and so the last part is added as it is.
    constexpr Fold by_384 = fold_by(384);
    constexpr Fold by_256 = fold_by(256);
    constexpr Fold by_128 = fold_by(128);
    const __m512i k_parts = constants512(by_384, by_256, by_128, {0, 0});
    const __m512i parts = fold512(x3, k_parts, _mm512_maskz_mov_epi64(0xc0, x3));
    // The masked form, as GCC 12 takes the plain one's "undefined" for a mistake and warns.
    const __m256i halves = _mm256_xor_si256(_mm512_maskz_extracti64x4_epi64(0xf, parts, 0),
                                            _mm512_maskz_extracti64x4_epi64(0xf, parts, 1));
    const __m128i sum =
        _mm_xor_si128(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
    return update_sse42(state_of(sum), at, size);
}

}  // namespace kafka::crc32c_detail

#endif
