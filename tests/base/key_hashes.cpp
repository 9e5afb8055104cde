// SPDX-License-Identifier: Apache-2.0
#include "base/key_hashes.hpp"

#include <memory>
#include <random>
#include <string_view>

#include <doctest/doctest.h>

#include <kafka/slice.hpp>

namespace {

using kafka::as_bytes;

std::int32_t java(std::string_view text) {
    return static_cast<std::int32_t>(kafka::murmur2(as_bytes(text)));
}

// The definition, bit by bit.
std::uint32_t slow_crc32(std::span<const std::uint8_t> bytes) {
    std::uint32_t state = 0xffffffff;
    for (const auto byte : bytes) {
        state ^= byte;
        for (int i = 0; i < 8; ++i)
            state = (state >> 1) ^ ((state & 1) ? 0xEDB88320U : 0U);
    }
    return ~state;
}

}  // namespace

TEST_CASE("murmur2 is what Java's clients compute") {
    // The cases of Apache's own test of Utils.murmur2.
    CHECK(java("21") == -973932308);
    CHECK(java("foobar") == -790332482);
    CHECK(java("a-little-bit-long-string") == -985981536);
    CHECK(java("a-little-bit-longer-string") == -1486304829);
    CHECK(java("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
    CHECK(java("abc") == 479470107);
}

TEST_CASE("FNV-1a has the values of its authors' table") {
    CHECK(kafka::fnv1a({}) == 0x811c9dc5U);
    CHECK(kafka::fnv1a(as_bytes("a")) == 0xe40c292cU);
    CHECK(kafka::fnv1a(as_bytes("foobar")) == 0xbf9cf968U);
}

TEST_CASE("CRC-32 has the check value of its catalogue entry") {
    CHECK(kafka::crc32({}) == 0);
    CHECK(kafka::crc32(as_bytes("123456789")) == 0xCBF43926U);
}

TEST_CASE("CRC-32 of every short length at every alignment is the bitwise one") {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t before = 0; before < 4; ++before) {
            const auto block = std::make_unique<std::uint8_t[]>(before + size);
            for (std::size_t i = 0; i < before + size; ++i)
                block[i] = static_cast<std::uint8_t>(random());
            const std::span<const std::uint8_t> bytes(block.get() + before, size);
            CHECK(kafka::crc32(bytes) == slow_crc32(bytes));
        }
    }
}

TEST_CASE("no hash reads past the end of a key") {
    for (std::size_t size = 0; size < 20; ++size) {
        const auto block = std::make_unique<std::uint8_t[]>(size);
        const std::span<const std::uint8_t> bytes(block.get(), size);
        // The same bytes with others behind them.
        std::uint8_t longer[24];
        for (auto& byte : longer)
            byte = 0xaa;
        for (std::size_t i = 0; i < size; ++i)
            longer[i] = 0;
        const std::span<const std::uint8_t> part(longer, size);
        CHECK(kafka::murmur2(bytes) == kafka::murmur2(part));
        CHECK(kafka::fnv1a(bytes) == kafka::fnv1a(part));
        CHECK(kafka::crc32(bytes) == kafka::crc32(part));
    }
}
