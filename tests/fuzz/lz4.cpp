// SPDX-License-Identifier: Apache-2.0
// lz4 frames; also without a look at the header's checksum, as in message sets of format 0, which
// lets the fuzzer change the header.
#include "fuzz/codec.hpp"

namespace kafka::fuzz {
namespace {

void run(Input input) {
    if (!codec::available(Compression::lz4)) return;
    Bytes strict, lenient;
    const Decompress plain = [](Input in, ByteBuffer& to, std::size_t most) {
        return codec::decompress(Compression::lz4, in, to, most);
    };
    const auto failure = decompress_in_all_ways(plain, input, strict);
    const auto other = decompress_in_all_ways(codec::decompress_lz4_magic0, input, lenient);
    if (!failure) check(!other && strict == lenient, "a right checksum changes nothing");
    check_round_trip(Compression::lz4, input);
}

std::vector<Bytes> seeds() {
    auto seeds = codec_seeds<Compression::lz4>();
    // Broken before its declared size of 100: what the context keeps of it must not show in the
    // next frame.
    seeds.push_back({0x04, 0x22, 0x4d, 0x18, 0x68, 0x40, 100,  0, 0, 0, 0, 0, 0,
                     0,    0,    2,    0,    0,    0,    0xff, 0, 0, 0, 0, 0});
    return seeds;
}

const Registration registration({"lz4", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
