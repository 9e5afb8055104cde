// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/protocol/varint.hpp>

using namespace kafka::protocol;

namespace {

// Reads from memory of exactly that size.
template <class Unsigned>
bool read(const std::vector<std::uint8_t>& bytes, Unsigned& v, std::size_t& used) {
    const auto copy = std::make_unique<std::uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    const std::uint8_t* at = copy.get();
    const bool good = read_varint(at, copy.get() + bytes.size(), v);
    used = static_cast<std::size_t>(at - copy.get());
    return good;
}

template <class Signed>
void check_round_trip(Signed v) {
    using Unsigned = std::make_unsigned_t<Signed>;
    CHECK(unzigzag(zigzag(v)) == v);
    std::vector<std::uint8_t> bytes(10);
    bytes.resize(static_cast<std::size_t>(write_varint(bytes.data(), zigzag(v)) - bytes.data()));
    CHECK(bytes.size() == varint_size(zigzag(v)));
    Unsigned back = 0;
    std::size_t used = 0;
    REQUIRE(read(bytes, back, used));
    CHECK(used == bytes.size());
    CHECK(unzigzag(back) == v);
    // Cut off anywhere, it is none, and nothing is taken.
    while (!bytes.empty()) {
        bytes.pop_back();
        CHECK_FALSE(read(bytes, back, used));
        CHECK(used == 0);
    }
}

}  // namespace

TEST_CASE("zigzag folds the sign into the lowest bit") {
    CHECK(zigzag(std::int32_t{0}) == 0);
    CHECK(zigzag(std::int32_t{-1}) == 1);
    CHECK(zigzag(std::int32_t{1}) == 2);
    CHECK(zigzag(std::numeric_limits<std::int32_t>::min()) == 0xffffffff);
    CHECK(zigzag(std::numeric_limits<std::int64_t>::max()) == 0xfffffffffffffffe);
}

TEST_CASE("varints of every length come back as they were") {
    for (int bit = 0; bit < 31; ++bit) {
        const auto power = std::int32_t{1} << bit;
        for (auto v : {power - 1, power, -power, -power - 1})
            check_round_trip(v);
    }
    for (int bit = 0; bit < 63; ++bit) {
        const auto power = std::int64_t{1} << bit;
        for (auto v : {power - 1, power, -power, -power - 1})
            check_round_trip(v);
    }
    check_round_trip(std::numeric_limits<std::int32_t>::min());
    check_round_trip(std::numeric_limits<std::int64_t>::min());
    check_round_trip(std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("the size of a varint grows by one each seven bits") {
    for (int bits = 1; bits <= 64; ++bits) {
        const auto largest = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
        CHECK(varint_size(largest) == static_cast<std::size_t>((bits + 6) / 7));
    }
    CHECK(varint_size(0) == 1);
}

TEST_CASE("BI-18: a varint with more bytes than its type needs at most is none") {
    std::uint32_t narrow = 0;
    std::uint64_t wide = 0;
    std::size_t used = 0;
    for (std::size_t size = 6; size <= 11; ++size) {
        std::vector<std::uint8_t> bytes(size, 0x80);
        bytes.back() = 0;
        CHECK_FALSE(read(bytes, narrow, used));
        CHECK(used == 0);
        CHECK(read(bytes, wide, used) == (size <= 10));
        CHECK(used == (size <= 10 ? size : 0));
    }
    CHECK_FALSE(read(std::vector<std::uint8_t>(11, 0x80), wide, used));
}

TEST_CASE("BI-19: a varint whose last byte has bits that do not fit is none") {
    std::uint32_t narrow = 0;
    std::uint64_t wide = 0;
    std::size_t used = 0;
    CHECK(read({0xff, 0xff, 0xff, 0xff, 0x0f}, narrow, used));
    CHECK(narrow == 0xffffffff);
    CHECK_FALSE(read({0xff, 0xff, 0xff, 0xff, 0x1f}, narrow, used));
    std::vector<std::uint8_t> ten(9, 0xff);
    ten.push_back(1);
    CHECK(read(ten, wide, used));
    CHECK(wide == ~std::uint64_t{0});
    ten.back() = 2;
    CHECK_FALSE(read(ten, wide, used));
}

TEST_CASE("a number written longer than needed is read, as Kafka does") {
    std::uint32_t v = 7;
    std::size_t used = 0;
    CHECK(read({0x81, 0x80, 0x00}, v, used));
    CHECK(v == 1);
    CHECK(used == 3);
}
