// SPDX-License-Identifier: Apache-2.0
// Slicing by 4, not the 8 of crc32c: keys are short, and the tables share the first-level cache
// with the application. zlib has this function too, but base is below the codecs.
#include <array>

#include "base/key_hashes.hpp"

namespace kafka {
namespace {

/// tables[k][b]: what byte b adds to the checksum when k bytes follow it in its group of four.
constexpr auto tables = [] {
    constexpr std::uint32_t polynomial = 0xEDB88320;  // reflected
    std::array<std::array<std::uint32_t, 256>, 4> t{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t state = byte;
        for (int bit = 0; bit < 8; ++bit)
            state = (state >> 1) ^ ((state & 1) ? polynomial : 0);
        t[0][byte] = state;
    }
    for (std::size_t k = 1; k < t.size(); ++k)
        for (std::size_t byte = 0; byte < 256; ++byte)
            t[k][byte] = (t[k - 1][byte] >> 8) ^ t[0][t[k - 1][byte] & 0xff];
    return t;
}();

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> bytes) noexcept {
    std::uint32_t state = 0xffffffff;
    const auto* at = bytes.data();
    auto size = bytes.size();
    for (; size >= 4; size -= 4, at += 4) {
        std::uint32_t word;
        std::memcpy(&word, at, sizeof word);
        if constexpr (std::endian::native == std::endian::big) word = byte_swapped(word);
        word ^= state;
        state = tables[3][word & 0xff] ^ tables[2][word >> 8 & 0xff] ^
                tables[1][word >> 16 & 0xff] ^ tables[0][word >> 24];
    }
    for (; size != 0; --size, ++at)
        state = (state >> 8) ^ tables[0][(state ^ *at) & 0xff];
    return ~state;
}

}  // namespace kafka
