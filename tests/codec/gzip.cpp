// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "codec/codecs.hpp"
#include "codec/support.hpp"

using namespace codec_test;

namespace {

constexpr auto gzip = Compression::gzip;

Outcome by_zlib(const Bytes& in, std::size_t limit = 8 << 20) {
    return outcome_of(in, [limit](std::span<const std::uint8_t> exact, ByteBuffer& out) {
        return kafka::codec::zlib_decompress(exact, out, limit);
    });
}

Bytes zlib_compressed(const Bytes& in, int level) {
    ByteBuffer out;
    CHECK_FALSE(kafka::codec::zlib_compress(in, out, level));
    return {out.data(), out.data() + out.size()};
}

}  // namespace

TEST_CASE("gzip: what Java's client writes is read") {
    const auto java = from_hex(
        "1f8b08000000000000ffcb4e4ccb4e54282e484dcc2ed651c806f372328b4b52f3e05c88a442627a62661e0051"
        "03a7c52f000000");
    CHECK(decompressed(gzip, java).bytes ==
          text_bytes("kafka speaks, kafka listens, kafka speaks again"));
}

TEST_CASE("gzip: zlib and the fast path read what the other writes") {
    for (const auto& in : {Bytes{}, log_text(100'000), noise(70'000), Bytes(3'000'000)})
        for (int level = 1; level <= 9; ++level) {
            const auto zlib = zlib_compressed(in, level);
            CHECK(decompressed(gzip, zlib, in.size()).bytes == in);
            CHECK(by_zlib(compressed(gzip, in, level), in.size()).bytes == in);
            CHECK(by_zlib(zlib, in.size()).bytes == in);
            if (!in.empty())
                CHECK(by_zlib(zlib, in.size() - 1).failure.code == errc::limit_exceeded);
        }
}

TEST_CASE("gzip: zlib's own path finds every cut, and takes no harm from flips") {
    const auto whole = zlib_compressed(text_bytes("to be or not to be, that is the question"), 6);
    for (std::size_t size = 1; size < whole.size(); ++size)
        CHECK(by_zlib(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))).failure.code ==
              errc::decompression_failed);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto flipped = whole;
        flipped[at] ^= 0x5a;
        CHECK(by_zlib(flipped, 4096).capacity <= 4096 + slack);
    }
}

TEST_CASE("BI-81: a gzip bomb of 1,000:1 is refused whatever size its trailer tells") {
    auto bomb = zlib_compressed(Bytes(32 << 20), 9);
    REQUIRE(bomb.size() < (32u << 20) / 1000);
    const std::size_t limit = 100'000;
    for (const std::uint32_t told : {32u << 20, 0u, 1000u, 100'000u, 0xffffffffu}) {
        const auto tail = little_endian(told, 4);
        std::copy(tail.begin(), tail.end(), bomb.end() - 4);
        for (const auto& read : {decompressed(gzip, bomb, limit), by_zlib(bomb, limit)}) {
            CHECK(read.failure.code == errc::limit_exceeded);
            CHECK(read.failure.detail ==
                  "gzip: decompresses to more than the limit of 100000 bytes");
            CHECK(read.capacity <= limit + slack);
            CHECK(read.peak <= limit + context);
        }
    }
}

TEST_CASE("gzip: a trailer with a wrong size or checksum is an error that tells the byte") {
    const auto whole = zlib_compressed(log_text(1000), 6);
    for (const std::size_t from_end : {1u, 8u}) {
        auto broken = whole;
        broken[broken.size() - from_end] ^= 1;
        const auto read = decompressed(gzip, broken);
        CHECK(read.failure.code == errc::decompression_failed);
        CHECK(read.failure.detail.find("gzip: ") == 0);
        CHECK(read.failure.detail.find("of " + std::to_string(broken.size())) != std::string::npos);
    }
}

TEST_CASE("gzip: a claimed size takes no memory that the input's bytes cannot fill") {
    auto small = zlib_compressed(text_bytes("small"), 6);
    const auto tail = little_endian(200 << 20, 4);
    std::copy(tail.begin(), tail.end(), small.end() - 4);
    const auto read = decompressed(gzip, small, 256 << 20);
    CHECK(read.failure.code == errc::decompression_failed);
    CHECK(read.capacity <= slack);
}

TEST_CASE("gzip: members of very different sizes are read as one") {
    const auto large = log_text(500'000);
    const auto small = text_bytes("x");
    const auto members = join({zlib_compressed(large, 6), zlib_compressed(small, 1),
                               zlib_compressed({}, 1), compressed(gzip, small)});
    const auto all = join({large, small, small});
    CHECK(decompressed(gzip, members, all.size()).bytes == all);
    CHECK(by_zlib(members, all.size()).bytes == all);
}

TEST_CASE("gzip: optional header fields are skipped") {
    auto plain = zlib_compressed(text_bytes("named"), 6);
    plain[3] = 0x08 | 0x10;  // FNAME, FCOMMENT
    const auto named = join({Bytes(plain.begin(), plain.begin() + 10), text_bytes("file"), Bytes(1),
                             text_bytes("why"), Bytes(1), Bytes(plain.begin() + 10, plain.end())});
    CHECK(decompressed(gzip, named).bytes == text_bytes("named"));
}

TEST_CASE("BI-90: gzip takes further members whole, and ignores what begins none") {
    const auto one = compressed(gzip, text_bytes("one"));
    CHECK(decompressed(gzip, join({one, {0x1f, 0x8b}})).bytes == text_bytes("one"));
    const auto cut = decompressed(gzip, join({one, {0x1f, 0x8b, 0x08}}));
    CHECK(cut.failure.code == errc::decompression_failed);
    CHECK(cut.failure.detail == "gzip: the stream is cut off at byte " +
                                    std::to_string(one.size() + 3) + " of " +
                                    std::to_string(one.size() + 3));
}

TEST_CASE("gzip: a header whose own checksum is wrong is refused on either path, as Java does") {
    auto member = from_hex("1f8b0802000000000003a77703000000000000000000");
    CHECK_FALSE(decompressed(gzip, member).failure);
    CHECK_FALSE(by_zlib(member).failure);
    member[10] ^= 1;
    CHECK(decompressed(gzip, member).failure.code == errc::decompression_failed);
    CHECK(by_zlib(member).failure.code == errc::decompression_failed);
    // Behind a member without one as well.
    auto two = compressed(gzip, text_bytes("first"));
    two.insert(two.end(), member.begin(), member.end());
    CHECK(decompressed(gzip, two).failure.code == errc::decompression_failed);
}
