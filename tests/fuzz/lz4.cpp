// SPDX-License-Identifier: Apache-2.0
// lz4 frames; also without a look at the header's checksum, as in message sets of format 0, which
// lets the fuzzer change the header.
#include "fuzz/codec.hpp"

namespace kafka::fuzz {
namespace {

void run(Input input) {
    run_codec<Compression::lz4>(input);
    if (!codec::available(Compression::lz4)) return;
    Bytes strict, lenient;
    const Decompress plain = [](Input in, ByteBuffer& to, std::size_t most) {
        return codec::decompress(Compression::lz4, in, to, most);
    };
    const auto failure = decompress_in_all_ways(plain, input, strict);
    const auto other = decompress_in_all_ways(codec::decompress_lz4_magic0, input, lenient);
    if (!failure) check(!other && strict == lenient, "a right checksum changes nothing");
}

const Registration registration({"lz4", run, codec_seeds<Compression::lz4>});

}  // namespace
}  // namespace kafka::fuzz
