// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "codec/support.hpp"

using namespace codec_test;

namespace {

constexpr auto zstd = Compression::zstd;

bool here() {
    return kafka::codec::available(zstd);
}

const Bytes magic = from_hex("28b52ffd");

// "kafka speaks, kafka listens, kafka speaks again", written by Java's client: no content size.
const char java_frame[] =
    "28b52ffd00582c0100d06b61666b6120737065616b732c206c697374656e20616761696e0300400d20b314314c25"
    "010000";
const char java_text[] = "kafka speaks, kafka listens, kafka speaks again";

enum BlockType { raw, repeated, packed, reserved };

Bytes block(BlockType type, std::uint32_t size, const Bytes& content, bool last = true) {
    return join(
        {little_endian(size << 3 | static_cast<std::uint32_t>(type) << 1 | (last ? 1 : 0), 3),
         content});
}
/// A frame with a window descriptor and no content size.
Bytes windowed(std::uint8_t window, const Bytes& blocks) {
    return join({magic, {0x00, window}, blocks});
}
/// A frame in a single segment, with a content size of 8 bytes.
Bytes declaring(std::uint64_t size, const Bytes& blocks) {
    return join({magic, {0xe0}, little_endian(size, 8), blocks});
}

void check_refused(const Bytes& in, std::string_view word, std::size_t limit = 256 << 20) {
    const auto read = decompressed(zstd, in, limit);
    CHECK(read.failure.code == errc::decompression_failed);
    CHECK_MESSAGE(read.failure.detail.find(word) != std::string::npos, read.failure.detail);
    CHECK(read.bytes.empty());
    CHECK(read.capacity <= slack);
    CHECK(read.peak <= slack + context);
}

}  // namespace

TEST_CASE("zstd: the preset level is 1, and frames tell their content's size") {
    if (!here()) return;
    CHECK(kafka::codec::level_range(zstd).preset == 1);
    const auto frame = compressed(zstd, log_text(1000));
    CHECK((frame[4] & 0xe0) == 0x60);  // two bytes of size, single segment
    CHECK((frame[5] | frame[6] << 8) == 1000 - 256);
}

TEST_CASE("BI-82: a zstd frame that declares 1 TiB is refused before memory is taken") {
    if (!here()) return;
    const auto frame = declaring(std::uint64_t{1} << 40, block(raw, 3, text_bytes("abc")));
    const auto read = decompressed(zstd, frame, 256 << 20);
    CHECK(read.failure.code == errc::limit_exceeded);
    CHECK(read.failure.detail.find("declares 1099511627776 bytes") != std::string::npos);
    CHECK(read.capacity == 0);
    CHECK(read.peak <= words);
    check_refused(frame, "declares 1099511627776 bytes, of blocks that hold at most 3", SIZE_MAX);
    CHECK(decompressed(zstd, declaring(UINT64_MAX, block(raw, 0, {})), 1000).failure.code ==
          errc::limit_exceeded);
}

TEST_CASE("BI-82: frames that declare too much only in sum are refused before memory is taken") {
    if (!here()) return;
    Bytes all;
    for (int i = 0; i < 5; ++i)
        all = join({all, declaring(100'000, block(repeated, 100'000, {'x'}))});
    const auto read = decompressed(zstd, all, 499'999);
    CHECK(read.failure.code == errc::limit_exceeded);
    CHECK(read.capacity == 0);
    CHECK(read.peak <= words);
    CHECK(decompressed(zstd, all, 500'000).bytes == Bytes(500'000, 'x'));
}

TEST_CASE("BI-82: a small frame that declares less than the limit gets what its blocks can hold") {
    if (!here()) return;
    check_refused(declaring(200 << 20, block(raw, 3, text_bytes("abc"))), "declares 209715200");
    check_refused(declaring(4, block(raw, 3, text_bytes("abc"))), "declares 4");
    check_refused(declaring(2, block(raw, 3, text_bytes("abc"))), "larger than a block may be");
    CHECK(decompressed(zstd, declaring(3, block(raw, 3, text_bytes("abc")))).bytes ==
          text_bytes("abc"));
}

TEST_CASE("BI-83: a window above 2^27 bytes is refused, 2^27 is taken") {
    if (!here()) return;
    const auto content = block(raw, 3, text_bytes("abc"));
    CHECK(decompressed(zstd, windowed((27 - 10) << 3, content), 100).bytes == text_bytes("abc"));
    check_refused(windowed((27 - 10) << 3 | 1, content), "a window of 150994944 bytes");
    check_refused(windowed((29 - 10) << 3, content), "a window of 536870912 bytes");
    check_refused(windowed((31 - 10) << 3, content), "a window of 2147483648 bytes");
    check_refused(windowed(0xff, content), "a window of 4123168604160 bytes");
    check_refused(windowed((29 - 10) << 3, block(raw, 0, {})), "a window of 536870912 bytes");
}

TEST_CASE("BI-84: a zstd frame without a content size is read, within the limit") {
    if (!here()) return;
    const auto frame = from_hex(java_frame);
    CHECK(decompressed(zstd, frame).bytes == text_bytes(java_text));
    CHECK(decompressed(zstd, frame, 47).bytes == text_bytes(java_text));
    CHECK(decompressed(zstd, frame, 46).failure.code == errc::limit_exceeded);

    Bytes blocks;
    for (int i = 0; i < 100; ++i)
        blocks = join({blocks, block(repeated, 128 << 10, {'z'}, i == 99)});
    const auto bomb = windowed(0x58, blocks);
    const std::size_t size = 100 * (128 << 10);
    CHECK(decompressed(zstd, bomb, size).bytes == Bytes(size, 'z'));
    const auto above = decompressed(zstd, bomb, size - 1);
    CHECK(above.failure.code == errc::limit_exceeded);
    CHECK(above.capacity <= size);
}

TEST_CASE("BI-85: frames behind each other and skippable ones are read") {
    if (!here()) return;
    const auto skipped = join({from_hex("5f2a4d18"), little_endian(5, 4), text_bytes("notes")});
    const auto frame = from_hex(java_frame);
    const auto sized = compressed(zstd, text_bytes("sized"));
    CHECK(decompressed(zstd, join({skipped, sized, skipped, frame, sized, skipped}), 57).bytes ==
          join({text_bytes("sized"), text_bytes(java_text), text_bytes("sized")}));
    CHECK(decompressed(zstd, skipped, 0).bytes.empty());
    check_refused(join({sized, Bytes(skipped.begin(), skipped.end() - 1)}), "cut off");
    check_refused(join({from_hex("502a4d18"), little_endian(0xffffffff, 4), sized}), "cut off");
}

TEST_CASE("BI-90: bytes behind a zstd frame that begin none are refused at their place") {
    if (!here()) return;
    const auto frame = from_hex(java_frame);
    check_refused(join({frame, Bytes(4)}), "begin no frame at byte 49 of 53");
    check_refused(join({frame, Bytes(1)}), "too few bytes for a frame at byte 49 of 50");
}

TEST_CASE("zstd: frames of many small blocks take memory by their content, not their outline") {
    if (!here()) return;
    // Each block holds one literal; by the outline alone it could hold 128 KiB.
    const Bytes one_literal{0x08, 'r', 0x00};
    Bytes blocks;
    for (int i = 0; i < 200; ++i)
        blocks = join({blocks, block(packed, 3, one_literal, i == 199)});
    const auto frame = windowed(0x58, blocks);
    const auto read = decompressed(zstd, frame, 256 << 20);
    CHECK(read.bytes == Bytes(200, 'r'));
    CHECK(read.capacity <= 8 * frame.size());
}

TEST_CASE("zstd: blocks of the reserved type or of too large a size are refused") {
    if (!here()) return;
    check_refused(windowed(0x58, block(reserved, 1, {0})), "reserved");
    check_refused(windowed(0x58, block(raw, 131'073, Bytes(131'073))), "larger than a block");
    check_refused(windowed(0, block(repeated, 1025, {0})), "larger than a block");
    check_refused(windowed(0x58, block(repeated, 0x1fffff, {0})), "larger than a block");
    check_refused(windowed(0x58, block(packed, 20, noise(20))), "zstd: ");
}

TEST_CASE("zstd: a frame that needs a dictionary is refused") {
    if (!here()) return;
    check_refused(join({magic, {0x01, 0x58, 0x07}, block(raw, 3, text_bytes("abc"))}),
                  "Dictionary mismatch");
}

TEST_CASE("zstd: a wrong checksum of the content is an error") {
    if (!here()) return;
    const auto frame = join({magic, {0x04, 0x58}, block(raw, 3, text_bytes("abc")), Bytes(4)});
    check_refused(frame, "checksum");
}
