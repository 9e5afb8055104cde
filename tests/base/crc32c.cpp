// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/slice.hpp>

namespace {

using kafka::crc32c;

/// The definition, bit by bit: the reference that shares nothing with the code under test.
std::uint32_t bit_by_bit(std::span<const std::uint8_t> bytes, std::uint32_t seed) {
    std::uint32_t state = ~seed;
    for (const std::uint8_t byte : bytes) {
        state ^= byte;
        for (int i = 0; i < 8; ++i)
            state = (state >> 1) ^ ((state & 1) ? 0x82F63B78U : 0U);
    }
    return ~state;
}

std::vector<std::uint8_t> noise(std::size_t size, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

std::vector<kafka::Crc32cVariant> runnable() {
    std::vector<kafka::Crc32cVariant> found;
    for (const auto& variant : kafka::crc32c_variants()) {
        if (variant.supported) found.push_back(variant);
    }
    return found;
}

}  // namespace

TEST_CASE("every CRC-32C variant gives the published check values") {
    // RFC 3720, appendix B.4; the first is the catalogue's check value.
    struct Vector {
        std::vector<std::uint8_t> bytes;
        std::uint32_t crc;
    };
    std::vector<std::uint8_t> rising(32);
    std::vector<std::uint8_t> falling(32);
    for (std::size_t i = 0; i < 32; ++i) {
        rising[i] = static_cast<std::uint8_t>(i);
        falling[31 - i] = static_cast<std::uint8_t>(i);
    }
    const std::string_view digits = "123456789";
    const Vector vectors[] = {
        {{digits.begin(), digits.end()}, 0xE3069283},
        {{}, 0},
        {std::vector<std::uint8_t>(32, 0x00), 0x8A9136AA},
        {std::vector<std::uint8_t>(32, 0xff), 0x62A8AB43},
        {rising, 0x46DD794E},
        {falling, 0x113FDB5C},
    };
    for (const auto& variant : runnable()) {
        CAPTURE(variant.name);
        for (const auto& vector : vectors) {
            CHECK(variant.compute(vector.bytes, 0) == vector.crc);
        }
    }
    for (const auto& vector : vectors)
        CHECK(crc32c(vector.bytes) == vector.crc);
}

TEST_CASE("every CRC-32C variant agrees with the definition at every length") {
    // Each input ends where its memory ends, so that a read beyond it is seen.
    const auto bytes = noise(1100);
    const auto variants = runnable();
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const auto exact = std::make_unique<std::uint8_t[]>(size);
        std::copy_n(bytes.begin(), size, exact.get());
        const std::uint32_t seed =
            size % 3 == 0 ? 0 : static_cast<std::uint32_t>(size * 0x9E3779B1);
        const std::uint32_t expected = bit_by_bit({exact.get(), size}, seed);
        for (const auto& variant : variants) {
            CAPTURE(variant.name);
            CAPTURE(size);
            REQUIRE(variant.compute({exact.get(), size}, seed) == expected);
        }
        REQUIRE(crc32c({exact.get(), size}, seed) == expected);
    }
}

TEST_CASE("every CRC-32C variant agrees with the definition at every alignment") {
    const auto bytes = noise(1200, 2);
    const auto variants = runnable();
    for (std::size_t offset = 0; offset < 64; ++offset) {
        for (std::size_t size = offset % 7; size <= 1100; size += 13) {
            const std::span input(bytes.data() + offset, size);
            const std::uint32_t expected = bit_by_bit(input, 0x12345678);
            for (const auto& variant : variants) {
                CAPTURE(variant.name);
                CAPTURE(offset);
                CAPTURE(size);
                REQUIRE(variant.compute(input, 0x12345678) == expected);
            }
        }
    }
}

TEST_CASE("every CRC-32C variant agrees with the definition on long inputs") {
    const auto bytes = noise(300'007, 3);
    constexpr std::size_t sizes[] = {3071, 3072, 3073, 4096, 6144, 9300, 65'535, 65'536, 300'007};
    const auto variants = runnable();
    for (const std::size_t size : sizes) {
        const std::span input(bytes.data(), size);
        const std::uint32_t expected = bit_by_bit(input, 0);
        for (const auto& variant : variants) {
            CAPTURE(variant.name);
            CAPTURE(size);
            CHECK(variant.compute(input, 0) == expected);
        }
    }
}

TEST_CASE("every CRC-32C variant notices each single flipped bit") {
    for (const auto& variant : runnable()) {
        CAPTURE(variant.name);
        auto bytes = noise(700, 4);
        const std::uint32_t before = variant.compute(bytes, 0);
        std::size_t missed = 0;
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << bit % 8));
            if (variant.compute(bytes, 0) == before) ++missed;
            bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << bit % 8));
        }
        CHECK(missed == 0);
    }
}

TEST_CASE("a CRC-32C in two parts is that of the whole, wherever it is split") {
    const auto bytes = noise(2000, 5);
    const std::span<const std::uint8_t> all(bytes);
    for (const auto& variant : runnable()) {
        CAPTURE(variant.name);
        const std::uint32_t whole = variant.compute(all, 0);
        for (std::size_t at = 0; at <= all.size(); at += at < 70 ? 1 : 37) {
            CAPTURE(at);
            const std::uint32_t first = variant.compute(all.first(at), 0);
            REQUIRE(variant.compute(all.subspan(at), first) == whole);
            REQUIRE(crc32c(all.subspan(at), first) == whole);
        }
    }
}

TEST_CASE("there is a CRC-32C variant for every processor, and each has a name of its own") {
    const auto variants = kafka::crc32c_variants();
    REQUIRE_FALSE(variants.empty());
    CHECK(variants.back().supported);
    CHECK(std::string_view(variants.back().name) == "slicing-by-8");
    std::vector<std::string> names;
    for (const auto& variant : variants) {
        names.emplace_back(variant.name);
        const std::string outcome = variant.supported ? ": checked" : ": not on this processor";
        MESSAGE((variant.name + outcome));
    }
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("threads may compute CRC-32C at the same time") {
    const auto bytes = noise(5000, 6);
    const std::uint32_t expected = bit_by_bit(bytes, 0);
    std::vector<std::uint32_t> found(8);
    {
        std::vector<std::jthread> threads;
        for (auto& slot : found)
            threads.emplace_back([&] { slot = crc32c(bytes); });
    }
    for (const std::uint32_t crc : found)
        CHECK(crc == expected);
}
