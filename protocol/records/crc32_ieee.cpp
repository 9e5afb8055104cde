// SPDX-License-Identifier: Apache-2.0
#include "protocol/records/crc32_ieee.hpp"

#include <array>
#include <cstddef>

namespace kafka::protocol {
namespace {

constexpr std::uint32_t polynomial = 0xedb88320;  // bits reversed

// tables[k][b]: what byte b, followed by k zero bytes, does to the remainder.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit)
            rest = (rest >> 1) ^ ((rest & 1) ? polynomial : 0);
        tables[0][byte] = rest;
    }
    for (std::size_t zeros = 1; zeros < 8; ++zeros) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const auto before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}
constexpr Tables tables = make_tables();

std::uint32_t load_le(const std::uint8_t* p) noexcept {
    return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
           std::uint32_t{p[3]} << 24;
}

}  // namespace

std::uint32_t crc32_ieee(std::span<const std::uint8_t> bytes) noexcept {
    std::uint32_t crc = ~std::uint32_t{0};
    const auto* p = bytes.data();
    auto left = bytes.size();
    for (; left >= 8; p += 8, left -= 8) {
        const auto low = load_le(p) ^ crc;
        const auto high = load_le(p + 4);
        crc = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^
              tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^
              tables[1][(high >> 16) & 0xff] ^ tables[0][high >> 24];
    }
    for (; left > 0; ++p, --left)
        crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 0xff];
    return ~crc;
}

}  // namespace kafka::protocol
