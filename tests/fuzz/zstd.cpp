// SPDX-License-Identifier: Apache-2.0
#include "fuzz/codec.hpp"

namespace kafka::fuzz {
namespace {

std::vector<Bytes> seeds() {
    auto seeds = codec_seeds<Compression::zstd>();
    // A skippable frame before a frame (RFC 8878, section 3.1.2).
    Bytes skippable{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
    put(skippable, seeds.back());
    seeds.push_back(std::move(skippable));
    return seeds;
}

const Registration registration({"zstd", run_codec<Compression::zstd>, seeds});

}  // namespace
}  // namespace kafka::fuzz
