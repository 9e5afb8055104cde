// SPDX-License-Identifier: Apache-2.0
#include "protocol/records/crc32_ieee.hpp"

#include <vector>

#include <doctest/doctest.h>

#include <kafka/slice.hpp>

using namespace kafka::protocol;

TEST_CASE("CRC-32 gives the check values of its catalogue") {
    CHECK(crc32_ieee({}) == 0);
    CHECK(crc32_ieee(kafka::as_bytes("123456789")) == 0xcbf43926);
    CHECK(crc32_ieee(kafka::as_bytes("The quick brown fox jumps over the lazy dog")) == 0x414fa339);
}

TEST_CASE("CRC-32 by eight bytes equals CRC-32 by one bit at every length") {
    std::vector<std::uint8_t> bytes;
    for (unsigned i = 0; i < 100; ++i) {
        std::uint32_t crc = 0xffffffff;
        for (auto byte : bytes) {
            crc ^= byte;
            for (int bit = 0; bit < 8; ++bit)
                crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320 : 0);
        }
        CHECK(crc32_ieee(bytes) == ~crc);
        bytes.push_back(static_cast<std::uint8_t>(i * 37 + 11));
    }
}
