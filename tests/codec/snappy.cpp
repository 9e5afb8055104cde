// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "codec/support.hpp"

using namespace codec_test;

namespace {

constexpr auto snappy = Compression::snappy;

bool here() {
    return kafka::codec::available(snappy);
}

Bytes xerial_header(std::uint32_t version = 1, std::uint32_t compatible = 1) {
    return join({from_hex("82534e4150505900"), big_endian32(version), big_endian32(compatible)});
}

Bytes chunk(const Bytes& in) {
    const auto block = compressed(snappy, in);
    return join({big_endian32(static_cast<std::uint32_t>(block.size())), block});
}

void check_refused(const Bytes& in, std::string_view word, std::size_t limit = 8 << 20) {
    const auto read = decompressed(snappy, in, limit);
    CHECK(read.failure.code == errc::decompression_failed);
    CHECK_MESSAGE(read.failure.detail.find(word) != std::string::npos, read.failure.detail);
    CHECK(read.bytes.empty());
    CHECK(read.capacity <= slack);
    CHECK(read.peak <= slack + context);
}

}  // namespace

TEST_CASE("snappy: what Java's client writes is read") {
    if (!here()) return;
    const auto java = from_hex(
        "82534e41505059000000000100000001000000282f346b61666b6120737065616b732c20090e146c697374656e"
        "150f2c737065616b7320616761696e");
    CHECK(decompressed(snappy, java).bytes ==
          text_bytes("kafka speaks, kafka listens, kafka speaks again"));
}

TEST_CASE("snappy: a raw block is written, without xerial's header") {
    if (!here()) return;
    const auto block = compressed(snappy, text_bytes("abc"));
    CHECK(block == Bytes{3, 2 << 2, 'a', 'b', 'c'});  // a length, a literal of 3
}

TEST_CASE("BI-86: a raw block that claims 4 GiB is refused before memory is taken") {
    if (!here()) return;
    const auto claim = join({from_hex("ffffffff0f"), text_bytes("\x04zz")});
    const auto read = decompressed(snappy, claim, 256 << 20);
    CHECK(read.failure.code == errc::limit_exceeded);
    CHECK(read.failure.detail.find("4294967295") != std::string::npos);
    CHECK(read.capacity == 0);
    CHECK(read.peak <= words);
    // Below the limit, it still is more than those bytes can hold.
    check_refused(claim, "claims to hold 4294967295", SIZE_MAX);
    check_refused(from_hex("ffffffffff0f"), "without a valid length");
}

TEST_CASE("snappy: a raw block whose data are shorter or longer than it claims is refused") {
    if (!here()) return;
    check_refused({4, 2 << 2, 'a', 'b', 'c'}, "does not decompress");
    check_refused({2, 2 << 2, 'a', 'b', 'c'}, "does not decompress");
}

TEST_CASE("snappy: xerial chunks are put together, also over headers between them") {
    if (!here()) return;
    const auto a = log_text(40'000);
    const auto b = noise(33'000);
    const auto one = join({xerial_header(), chunk(a), chunk(b)});
    const auto all = join({a, b, a, b});
    CHECK(decompressed(snappy, join({one, one}), all.size()).bytes == all);
    CHECK(decompressed(snappy, join({one, one}), all.size() - 1).failure.code ==
          errc::limit_exceeded);
    CHECK_FALSE(decompressed(snappy, xerial_header()).failure);
    CHECK_FALSE(decompressed(snappy, xerial_header(2, 1)).failure);
}

TEST_CASE("BI-87: xerial chunk lengths that are negative, too large or zero are refused") {
    if (!here()) return;
    const auto good = chunk(text_bytes("good"));
    check_refused(join({xerial_header(), good, big_endian32(0xffffffff), good}), "negative");
    check_refused(join({xerial_header(), good, big_endian32(0x80000000), good}), "negative");
    check_refused(join({xerial_header(), big_endian32(0x7fffffff), good}),
                  "bytes where 10 are left");
    check_refused(join({xerial_header(), big_endian32(11), good}), "11 bytes where 10 are left");
    check_refused(join({xerial_header(), Bytes(4'000)}), "of no bytes");
    check_refused(join({xerial_header(), good, {0, 0, 0}}), "length is cut off");
}

TEST_CASE("snappy: xerial chunks that claim too much in sum are refused before memory is taken") {
    if (!here()) return;
    const auto claim = join({big_endian32(8), from_hex("ffffff7f"), text_bytes("\x08zzz")});
    const auto read = decompressed(snappy, join({xerial_header(), claim, claim}), 300 << 20);
    CHECK(read.failure.code == errc::limit_exceeded);
    CHECK(read.capacity == 0);
    CHECK(read.peak <= words);
    check_refused(join({xerial_header(), claim}), "claims to hold 268435455", 300 << 20);
}

TEST_CASE("snappy: a xerial header that is cut off or has no version is refused") {
    if (!here()) return;
    const auto header = xerial_header();
    for (long size = 8; size < 16; ++size)
        check_refused(Bytes(header.begin(), header.begin() + size), "header is cut off");
    check_refused(join({xerial_header(0), chunk({1})}), "version");
    check_refused(join({xerial_header(0xffffffff), chunk({1})}), "version");
}

TEST_CASE("BI-91: a xerial stream cut off anywhere but between its chunks is refused") {
    if (!here()) return;
    const auto first = join({xerial_header(), chunk(text_bytes("first"))});
    const auto whole = join({first, chunk(text_bytes("second"))});
    for (std::size_t size = 9; size < whole.size(); ++size) {
        CAPTURE(size);
        const auto read =
            decompressed(snappy, Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
        // Nothing in the format tells a stream that ends there from a whole one.
        if (size == xerial_header().size() || size == first.size())
            CHECK_FALSE(read.failure);
        else
            CHECK(read.failure.code == errc::decompression_failed);
    }
}

TEST_CASE("BI-88: no raw block can begin with xerial's magic, so the two are never confused") {
    if (!here()) return;
    // The magic as a raw block: 10,626 bytes are claimed, and the first element is a copy from
    // before the beginning. Whatever follows, a raw decoder must refuse it.
    auto magic = from_hex("82534e4150505900");
    CHECK(((magic[0] & 0x7f) | magic[1] << 7) == 10'626);
    CHECK((magic[2] & 3) == 2);  // a copy, with an offset of two bytes
    check_refused(join({from_hex("82534e4150505901"), noise(2000)}), "does not decompress");
    check_refused(join({magic, noise(400)}), "xerial");
}
