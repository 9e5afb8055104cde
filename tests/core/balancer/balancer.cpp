// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <ostream>
#include <random>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <kafka/balancer.hpp>
#include <kafka/error.hpp>

#include "base/key_hashes.hpp"

namespace {

using namespace kafka;
using protocol::BytesView;

const Balancer keyed[] = {Murmur2Balancer{}, Crc32Balancer{}, HashBalancer{},
                          ReferenceHashBalancer{}};

std::string bytes_of(std::uint32_t number) {
    std::string text(4, '\0');
    for (auto& c : text) {
        c = static_cast<char>(number & 0xff);
        number >>= 8;
    }
    return text;
}

/// A key of five bytes with that FNV-1a hash: the last byte changes only eight bits before the last
/// multiplication, which has an inverse, so one in 2^24 beginnings fits.
std::string key_with_fnv1a(std::uint32_t hash) {
    constexpr std::uint32_t prime = 0x01000193;
    constexpr std::uint32_t inverse = 0x359c449b;
    static_assert(inverse * prime == 1);
    for (std::uint32_t number = 0; number < 1U << 28; ++number) {
        std::uint32_t state = 0x811c9dc5;
        for (unsigned shift = 0; shift < 32; shift += 8)
            state = (state ^ (number >> shift & 0xff)) * prime;
        const auto last = state ^ hash * inverse;
        if (last < 256) return bytes_of(number) + static_cast<char>(last);
    }
    return {};
}

}  // namespace

TEST_CASE(
    "a balancer is murmur2 with an adaptive sticky policy for records without key unless told "
    "otherwise") {
    const Balancer balancer;
    const auto* murmur2 = std::get_if<Murmur2Balancer>(&balancer);
    REQUIRE(murmur2);
    CHECK(!murmur2->consistent);
    const auto* sticky = std::get_if<UniformStickyBalancer>(&murmur2->unkeyed);
    REQUIRE(sticky);
    CHECK(sticky->adaptive);
    CHECK(sticky->sticky_bytes == 0);
    CHECK(!sticky->rack_aware);
}

TEST_CASE("keys go where other clients' documentation says") {
    // murmur2("21") is -973932308 in Java.
    CHECK(key_partition(Murmur2Balancer{}, "21", 6) == (-973932308 & 0x7fffffff) % 6);
    CHECK(key_partition(Crc32Balancer{}, "123456789", 1000) == 0xCBF43926U % 1000);
    // FNV-1a of "a" is 0xe40c292c, a negative number.
    CHECK(key_partition(HashBalancer{}, "a", 1000) ==
          -(static_cast<std::int32_t>(0xe40c292cU) % 1000));
    CHECK(key_partition(ReferenceHashBalancer{}, "a", 1000) == (0xe40c292cU & 0x7fffffff) % 1000);
}

TEST_CASE("every key is on one of the partitions, and on the only one") {
    std::mt19937 random(1);
    for (const auto& balancer : keyed) {
        std::set<std::int32_t> seen;
        for (int i = 0; i < 2000; ++i) {
            const auto key = bytes_of(static_cast<std::uint32_t>(random()));
            const auto partition = key_partition(balancer, key, 7);
            REQUIRE(partition >= 0);
            REQUIRE(partition < 7);
            seen.insert(partition);
            REQUIRE(key_partition(balancer, key, 1) == 0);
            REQUIRE(key_partition(balancer, key, INT32_MAX) >= 0);
        }
        CHECK(seen.size() == 7);
    }
}

TEST_CASE("the smallest hash, which has no absolute value, has a partition") {
    const auto key = key_with_fnv1a(0x80000000U);
    REQUIRE(fnv1a(as_bytes(key)) == 0x80000000U);
    for (const std::int32_t count : {1, 2, 3, 7, 1000, INT32_MAX}) {
        const auto expected =
            static_cast<std::int32_t>(0x80000000U % static_cast<std::uint32_t>(count));
        CHECK(key_partition(HashBalancer{}, key, count) == expected);
        CHECK(key_partition(ReferenceHashBalancer{}, key, count) == 0);
    }
}

TEST_CASE("a hash of -1 loses its sign in each balancer's own way") {
    const auto key = key_with_fnv1a(0xffffffffU);
    REQUIRE(fnv1a(as_bytes(key)) == 0xffffffffU);
    CHECK(key_partition(HashBalancer{}, key, 10) == 1);
    CHECK(key_partition(ReferenceHashBalancer{}, key, 10) == 0x7fffffff % 10);
}

TEST_CASE("an empty key is a key, but not for CRC-32") {
    CHECK(key_partition(Murmur2Balancer{}, "", 1000) == (murmur2({}) & 0x7fffffff) % 1000);
    CHECK(key_partition(HashBalancer{}, "", 1000) >= 0);
    CHECK(key_partition(ReferenceHashBalancer{}, "", 1000) >= 0);
    CHECK(key_partition(Crc32Balancer{}, "", 1000) == -1);
}

TEST_CASE("a null key decides nothing unless the balancer is consistent") {
    for (const auto& balancer : keyed)
        CHECK(key_partition(balancer, nullptr, 1000) == -1);
    const Balancer murmur2 = Murmur2Balancer{.consistent = true};
    CHECK(key_partition(murmur2, nullptr, 1000) == key_partition(murmur2, "", 1000));
    const Balancer crc32 = Crc32Balancer{.consistent = true};
    CHECK(key_partition(crc32, nullptr, 1000) == 0);
    CHECK(key_partition(crc32, "", 1000) == 0);
}

TEST_CASE("no key has a partition in a topic without partitions") {
    for (const auto& balancer : keyed) {
        CHECK(key_partition(balancer, "key", 0) == -1);
        CHECK(key_partition(balancer, "key", -1) == -1);
    }
}

TEST_CASE("keys do not decide for the balancers that ignore them") {
    for (const Balancer& balancer : {Balancer(UniformStickyBalancer{}), Balancer(StickyBalancer{}),
                                     Balancer(RoundRobinBalancer{}), Balancer(LeastBytesBalancer{}),
                                     Balancer(RandomBalancer{}), Balancer(ManualBalancer{})})
        CHECK(key_partition(balancer, "key", 10) == -1);
}

TEST_CASE("a function balancer without function is refused, all others are fine") {
    const auto failure = check_balancer(FunctionBalancer{});
    CHECK(failure.code == errc::invalid_argument);
    CHECK(failure.detail.find("FunctionBalancer") != std::string::npos);
    CHECK(!check_balancer(FunctionBalancer{[](const BalancerCall&) { return 0; }}));
    CHECK(!check_balancer(Balancer{}));
    CHECK(!check_balancer(RoundRobinBalancer{.chunk_size = 0}));
}

TEST_CASE("each balancer has a name of its own") {
    const Balancer all[] = {Murmur2Balancer{},    UniformStickyBalancer{}, StickyBalancer{},
                            RoundRobinBalancer{}, LeastBytesBalancer{},    RandomBalancer{},
                            Crc32Balancer{},      HashBalancer{},          ReferenceHashBalancer{},
                            ManualBalancer{},     FunctionBalancer{}};
    std::set<std::string_view> names;
    for (const auto& balancer : all)
        names.insert(balancer_name(balancer));
    CHECK(names.size() == std::variant_size_v<Balancer>);
    CHECK(names.count("") == 0);
}
