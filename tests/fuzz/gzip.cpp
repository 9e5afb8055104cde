// SPDX-License-Identifier: Apache-2.0
// gzip, by libdeflate and by zlib. libdeflate takes some Huffman codes that zlib refuses; else they
// agree.
#include "codec/codecs.hpp"
#include "fuzz/codec.hpp"
#include "protocol/records/crc32_ieee.hpp"

namespace kafka::fuzz {
namespace {

void run(Input input) {
    run_codec<Compression::gzip>(input);
    if (input.empty()) return;
    ByteBuffer out, other;
    const auto exact = test::ExactBytes::of(input);
    const auto failure = codec::decompress(Compression::gzip, exact.bytes(), out, max_output);
    const auto zlib = codec::zlib_decompress(exact.bytes(), other, max_output);
    if (zlib) return;
    check(!failure, "libdeflate takes what zlib takes");
    check(as_text(out.bytes()) == as_text(other.bytes()), "and makes the same of it");
}

std::vector<Bytes> seeds() {
    auto seeds = codec_seeds<Compression::gzip>();
    // Every optional part of a header: extra field, name, comment, header checksum (RFC 1952). The
    // data is empty.
    Bytes header{0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 'x', 'y', 'n', 0, 'c', 0};
    const auto sum = protocol::crc32_ieee(header);
    put(header, Bytes{static_cast<std::uint8_t>(sum), static_cast<std::uint8_t>(sum >> 8)});
    put(header, Bytes{3, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    seeds.push_back(header);
    header[16] ^= 1;
    seeds.push_back(std::move(header));
    return seeds;
}

const Registration registration({"gzip", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
