// SPDX-License-Identifier: Apache-2.0
// snappy: raw blocks and xerial's stream of blocks.
#include "fuzz/codec.hpp"

namespace kafka::fuzz {
namespace {

// Puts the input into a stream of blocks, so that the fuzzer need not find the magic.
void run(Input input) {
    run_codec<Compression::snappy>(input);
    Bytes stream{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
    Script script(input);
    while (!script.empty()) {
        const auto block = script.bytes(1 + script.byte());
        put(stream, static_cast<std::uint32_t>(block.size()));
        put(stream, block);
    }
    run_codec<Compression::snappy>(stream);
}

std::vector<Bytes> seeds() {
    auto seeds = codec_seeds<Compression::snappy>();
    for (std::size_t i = seeds.size(); i-- > 0;) {
        if (seeds[i].size() > 255) continue;
        Bytes stream{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
        put(stream, static_cast<std::uint32_t>(seeds[i].size()));
        put(stream, seeds[i]);
        Bytes block{static_cast<std::uint8_t>(seeds[i].size() - 1)};
        put(block, seeds[i]);
        seeds.push_back(std::move(stream));
        seeds.push_back(std::move(block));
    }
    return seeds;
}

const Registration registration({"snappy", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
