// SPDX-License-Identifier: Apache-2.0
// Slicing by 8: eight table look-ups for eight bytes. For processors without better.
#include "base/crc32c_variants.hpp"

namespace kafka::crc32c_detail {
namespace {

/// tables[k][b]: what byte b adds to the checksum when k bytes follow it in its group of eight.
constexpr auto tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> t{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t state = byte;
        for (int bit = 0; bit < 8; ++bit)
            state = times_x(state);
        t[0][byte] = state;
    }
    for (std::size_t k = 1; k < t.size(); ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = t[k - 1][byte];
            t[k][byte] = (before >> 8) ^ t[0][before & 0xff];
        }
    }
    return t;
}();

/// Four bytes, the first one lowest, on either kind of processor.
std::uint32_t little_endian(const std::uint8_t* at) noexcept {
    return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 |
           std::uint32_t{at[3]} << 24;
}

}  // namespace

std::uint32_t update_portable(std::uint32_t state, const std::uint8_t* at,
                              std::size_t size) noexcept {
    for (; size >= 8; size -= 8, at += 8) {
        const std::uint32_t a = little_endian(at) ^ state;
        const std::uint32_t b = little_endian(at + 4);
        state = tables[7][a & 0xff] ^ tables[6][a >> 8 & 0xff] ^ tables[5][a >> 16 & 0xff] ^
                tables[4][a >> 24] ^ tables[3][b & 0xff] ^ tables[2][b >> 8 & 0xff] ^
                tables[1][b >> 16 & 0xff] ^ tables[0][b >> 24];
    }
    for (; size != 0; --size, ++at)
        state = (state >> 8) ^ tables[0][(state ^ *at) & 0xff];
    return state;
}

}  // namespace kafka::crc32c_detail
