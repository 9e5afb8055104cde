// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "codec/support.hpp"

using namespace codec_test;

namespace {

constexpr auto lz4 = Compression::lz4;

bool here() {
    return kafka::codec::available(lz4);
}

// "kafka speaks, kafka listens, kafka speaks again", written by Java's client.
const char java_frame[] =
    "04224d1860408224000000e26b61666b6120737065616b732c200e00656c697374656e0f00021d006020616761"
    "696e00000000";
const char java_text[] = "kafka speaks, kafka listens, kafka speaks again";

// Frame headers whose checksums are right, named by their flags and block size bytes.
const char plain_64k[] = "04224d18604082";

void check_refused(const Bytes& in, std::string_view word, std::size_t limit = 256 << 20) {
    const auto read = decompressed(lz4, in, limit);
    CHECK(read.failure.code == errc::decompression_failed);
    CHECK_MESSAGE(read.failure.detail.find(word) != std::string::npos, read.failure.detail);
    CHECK(read.bytes.empty());
    CHECK(read.capacity <= slack);
    CHECK(read.peak <= slack + context);
}

Outcome of_magic0(const Bytes& in, std::size_t limit = 8 << 20) {
    return outcome_of(in, [limit](std::span<const std::uint8_t> exact, ByteBuffer& out) {
        return kafka::codec::decompress_lz4_magic0(exact, out, limit);
    });
}

}  // namespace

TEST_CASE("lz4: what Java's client writes is read") {
    if (!here()) return;
    CHECK(decompressed(lz4, from_hex(java_frame)).bytes == text_bytes(java_text));
}

TEST_CASE("lz4: frames are written in Kafka's form: independent blocks of 64 KiB, no checksums") {
    if (!here()) return;
    for (const int level : {1, 9, 17}) {
        const auto frame = compressed(lz4, log_text(150'000), level);
        CHECK(Bytes(frame.begin(), frame.begin() + 7) == from_hex(plain_64k));
        CHECK(Bytes(frame.end() - 4, frame.end()) == Bytes(4));  // the end mark comes last
    }
}

TEST_CASE(
    "BI-89: a header checksum over the magic too is wrong, but read in magic 0 (KAFKA-3160)") {
    if (!here()) return;
    auto old = from_hex(java_frame);
    old[6] = 0x1a;  // as Java's client writes it for magic 0
    check_refused(old, "lz4: ERROR_headerChecksum_invalid at byte");
    CHECK(of_magic0(old).bytes == text_bytes(java_text));
    CHECK(of_magic0(from_hex(java_frame)).bytes == text_bytes(java_text));
    CHECK(of_magic0(join({old, old})).bytes.size() == 2 * 47);
    CHECK(of_magic0(old, 46).failure.code == errc::limit_exceeded);
    for (std::size_t size = 1; size < old.size(); ++size)
        CHECK(of_magic0(Bytes(old.begin(), old.begin() + static_cast<long>(size))).failure.code ==
              errc::decompression_failed);
}

TEST_CASE("lz4: the header checksum of magic 0 frames is mended with a content size too") {
    if (!here()) return;
    // Made by `lz4 --content-size -B4 --no-frame-crc`; then without its header checksum.
    auto frame = from_hex("04224d1868400b00000000000000580b0000806b61666b61206b61666b6100000000");
    CHECK(decompressed(lz4, frame).bytes == text_bytes("kafka kafka"));
    frame[14] ^= 0xff;
    CHECK(decompressed(lz4, frame).failure.code == errc::decompression_failed);
    CHECK(of_magic0(frame).bytes == text_bytes("kafka kafka"));
}

TEST_CASE("BI-89: block size codes that do not exist are refused") {
    if (!here()) return;
    for (const int code : {0, 1, 2, 3}) {
        auto frame = from_hex(java_frame);
        frame[5] = static_cast<std::uint8_t>(code << 4);
        check_refused(frame, "invalid block size code at byte 5 of 51");
    }
}

TEST_CASE("BI-89: a block larger than the frame permits is refused at its place") {
    if (!here()) return;
    const auto header = from_hex(plain_64k);
    check_refused(join({header, little_endian(65'537, 4), Bytes(65'537), Bytes(4)}),
                  "65537 bytes where 65536 are the most, at byte 7");
    check_refused(join({header, little_endian(65'537 | 1u << 31, 4), Bytes(65'537), Bytes(4)}),
                  "65537");
    check_refused(join({header, little_endian(0x7fffffff, 4), Bytes(10)}), "2147483647");
}

TEST_CASE("BI-89: a content size that lies is refused, a large one before memory is taken") {
    if (!here()) return;
    // Headers of version 1 with independent blocks and a content size, checksums computed apart.
    const auto block = join({little_endian(3 | 1u << 31, 4), text_bytes("abc"), Bytes(4)});
    const auto of_size = [&](const char* header) { return join({from_hex(header), block}); };
    const char three[] = "04224d186840030000000000000087";
    const char four[] = "04224d1868400400000000000000cd";
    const char tebibyte[] = "04224d1868400000000000010000b7";
    CHECK(decompressed(lz4, of_size(three)).bytes == text_bytes("abc"));
    check_refused(of_size(four), "declares 4 bytes, of blocks that hold at most 3");
    check_refused(of_size(tebibyte), "declares 1099511627776 bytes", SIZE_MAX);
    const auto above = decompressed(lz4, of_size(tebibyte), 256 << 20);
    CHECK(above.failure.code == errc::limit_exceeded);
    CHECK(above.capacity == 0);
    CHECK(above.peak <= words);
}

TEST_CASE("BI-89: a small frame of blocks of 4 MiB costs the library two of them, and no more") {
    if (!here()) return;
    // liblz4 takes its buffers by the header's block size, whatever comes behind it: a bound that
    // does not grow with what a peer sends.
    auto frame = from_hex(java_frame);
    frame[5] = 0x70;
    const auto read = of_magic0(frame);
    CHECK(read.bytes == text_bytes(java_text));
    CHECK(read.peak <= (std::size_t{8} << 20) + slack + context);
    // And it keeps none of them.
    const auto next = decompressed(lz4, from_hex(java_frame));
    CHECK(next.bytes == text_bytes(java_text));
    CHECK(next.peak <= slack + context);
}

TEST_CASE("lz4: stored blocks, repeated output and an empty frame are read") {
    if (!here()) return;
    const auto header = from_hex(plain_64k);
    CHECK(decompressed(lz4, join({header, Bytes(4)}), 0).bytes.empty());
    const auto stored = join({little_endian(5 | 1u << 31, 4), text_bytes("plain")});
    CHECK(decompressed(lz4, join({header, stored, stored, Bytes(4)})).bytes ==
          text_bytes("plainplain"));
}

TEST_CASE("lz4: other versions, reserved bits and dictionaries are refused") {
    if (!here()) return;
    auto frame = from_hex(java_frame);
    frame[4] = 0x20;
    check_refused(frame, "unknown frame version");
    frame[4] = 0x61;
    check_refused(frame, "dictionary");
    frame[4] = 0x62;
    check_refused(frame, "lz4: ERROR_");
    check_refused(from_hex("02214c1800000000"), "begin no frame");  // the legacy format
}

TEST_CASE("lz4: skippable frames are skipped, and refused when cut off") {
    if (!here()) return;
    const auto skipped = join({from_hex("5a2a4d18"), little_endian(5, 4), text_bytes("notes")});
    const auto frame = from_hex(java_frame);
    CHECK(decompressed(lz4, join({skipped, frame, skipped})).bytes == text_bytes(java_text));
    check_refused(join({frame, Bytes(skipped.begin(), skipped.end() - 1)}), "cut off");
    check_refused(join({from_hex("502a4d18"), little_endian(0xffffffff, 4)}), "cut off");
}

TEST_CASE("lz4: frames of many small blocks take memory by their content, not their outline") {
    if (!here()) return;
    // Each block holds one literal; by the frame's header it could hold 64 KiB.
    const auto one_literal = join({little_endian(2, 4), {0x10, 'a'}});
    auto frame = from_hex(plain_64k);
    for (int i = 0; i < 200; ++i)
        frame = join({frame, one_literal});
    frame = join({frame, Bytes(4)});
    const auto read = decompressed(lz4, frame, 256 << 20);
    CHECK(read.bytes == Bytes(200, 'a'));
    CHECK(read.capacity <= 4 * frame.size());
}

TEST_CASE("lz4: a frame that breaks before its declared size leaves the next frame unharmed") {
    // Content size 100, one block that is no lz4, the end mark; the header checksum is not looked
    // at.
    const Bytes bad{0x04, 0x22, 0x4d, 0x18, 0x68, 0x40, 100,  0, 0, 0, 0, 0, 0,
                    0,    0,    2,    0,    0,    0,    0xff, 0, 0, 0, 0, 0};
    const auto plain = log_text(1000);
    const auto good = compressed(lz4, plain);
    ByteBuffer out;
    CHECK(kafka::codec::decompress_lz4_magic0(bad, out, 4096).code == errc::decompression_failed);
    CHECK(decompressed(lz4, good).bytes == plain);
    // The same where it holds more than it declares, and the limit ends it.
    Bytes large(bad.begin(), bad.begin() + 15);
    large[6] = 1;
    large.insert(large.end(), {0xd0, 0x07, 0, 0x80});  // 2000 bytes, stored
    large.resize(large.size() + 2000, 'x');
    large.insert(large.end(), {0, 0, 0, 0});
    CHECK(kafka::codec::decompress_lz4_magic0(large, out, 100).code == errc::limit_exceeded);
    CHECK(decompressed(lz4, good).bytes == plain);
}
