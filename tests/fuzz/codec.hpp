// SPDX-License-Identifier: Apache-2.0
// What the targets of the four codecs share.
#pragma once

#include <string>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>

#include "fuzz/script.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {

constexpr std::size_t max_output = 1024 * 1024;

using Decompress = Failure (*)(Input in, ByteBuffer& out, std::size_t max_output);

/// Decompresses into an empty buffer and behind something else, with limits that are met and
/// missed, and checks that the outcomes agree. Gives the outcome; `out` holds the output.
inline Failure decompress_in_all_ways(Decompress decompress, Input input, Bytes& out) {
    const auto exact = test::ExactBytes::of(input);
    ByteBuffer fresh;
    auto failure = decompress(exact.bytes(), fresh, max_output);
    if (failure) {
        check(fresh.empty(), "a failure leaves nothing behind");
        check(failure.code == errc::decompression_failed || failure.code == errc::limit_exceeded,
              "a codec fails with one of its documented errors");
        check(!failure.detail.empty(), "a failure has words");
    } else {
        check(fresh.size() <= max_output, "the limit holds");
    }
    ByteBuffer behind;
    behind.append("before", 6);
    const auto second = decompress(exact.bytes(), behind, max_output);
    check(second.code == failure.code, "what stands before changes nothing");
    check(as_text(behind.bytes()) == "before" + std::string(as_text(fresh.bytes())),
          "output goes behind what stands before");
    if (!failure) {
        ByteBuffer full;
        check(!decompress(exact.bytes(), full, fresh.size()), "a limit that is met is no failure");
        check(full.size() == fresh.size(), "and gives the same");
        if (!fresh.empty()) {
            const auto missed = decompress(exact.bytes(), full, fresh.size() - 1);
            check(missed.code == errc::limit_exceeded, "one byte above the limit is a failure");
        }
    }
    out.assign(fresh.bytes().begin(), fresh.bytes().end());
    return failure;
}

/// What is compressed, at the level that the first byte chooses, decompresses to itself.
inline void check_round_trip(Compression codec, Input input) {
    if (input.empty()) return;
    const auto range = codec::level_range(codec);
    // The lowest levels of zstd are many and alike.
    const auto lowest = range.lowest < -20 ? -20 : range.lowest;
    const auto level = lowest + input[0] % (range.highest < 12 ? range.highest - lowest + 1 : 12);
    ByteBuffer packed, unpacked;
    const auto failure = codec::compress(codec, input, packed, level);
    check(!failure, failure.message().c_str());
    const auto back = codec::decompress(codec, packed.bytes(), unpacked, input.size());
    check(!back, back.message().c_str());
    check(as_text(unpacked.bytes()) == as_text(input), "and is what it was");
}

/// The usual use of a codec: any bytes decompressed, and the same bytes compressed and back.
template <Compression C>
void run_codec(Input input) {
    if (!codec::available(C)) return;
    Bytes out;
    const Decompress decompress = [](Input in, ByteBuffer& to, std::size_t most) {
        return codec::decompress(C, in, to, most);
    };
    (void)decompress_in_all_ways(decompress, input, out);
    check_round_trip(C, input);
}

/// Compressed forms of several sizes and kinds, one behind the other as well.
template <Compression C>
std::vector<Bytes> codec_seeds() {
    std::vector<Bytes> seeds{{0}};
    if (!codec::available(C)) return seeds;
    Bytes mixed;
    for (unsigned i = 0; i < 700; ++i)
        mixed.push_back(static_cast<std::uint8_t>(i * i >> 3));
    const auto range = codec::level_range(C);
    for (const auto& plain : {Bytes{'a'}, Bytes(300, 'b'), mixed, Bytes(70'000, 'c')}) {
        for (const auto level : {range.preset, range.highest}) {
            ByteBuffer out;
            check(!codec::compress(C, plain, out, level), "a seed can be compressed");
            Bytes seed(out.bytes().begin(), out.bytes().end());
            seeds.push_back(seed);
            if (seed.size() > 200) continue;
            seed.insert(seed.end(), out.bytes().begin(), out.bytes().end());
            seeds.push_back(std::move(seed));
        }
    }
    return seeds;
}

}  // namespace kafka::fuzz
