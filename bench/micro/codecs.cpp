// SPDX-License-Identifier: Apache-2.0
// Each codec at its levels, over log lines; bytes of the uncompressed side a second.
#include <string>

#include <benchmark/benchmark.h>

#include <kafka/codec.hpp>

#include "data.hpp"
#include "skip.hpp"

namespace kafka::bench {
namespace {

void pack(benchmark::State& state, Compression codec, int level) {
    const auto text = log_lines(static_cast<std::size_t>(state.range(0)));
    ByteBuffer out;
    for (auto _ : state) {
        out.clear();
        if (auto failure = codec::compress(codec, as_bytes(text), out, level))
            return skip(state, failure.message());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
    state.counters["ratio"] = static_cast<double>(text.size()) /
                              static_cast<double>(std::max<std::size_t>(out.size(), 1));
}

void unpack(benchmark::State& state, Compression codec, int level) {
    const auto text = log_lines(static_cast<std::size_t>(state.range(0)));
    ByteBuffer packed;
    ByteBuffer out;
    if (auto failure = codec::compress(codec, as_bytes(text), packed, level))
        return skip(state, failure.message());
    for (auto _ : state) {
        out.clear();
        if (auto failure = codec::decompress(codec, packed.bytes(), out, text.size()))
            return skip(state, failure.message());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

struct Levels {
    Compression codec;
    std::initializer_list<int> levels;
};

const bool registered = [] {
    // lz4's 9 is its fast compressor, as in Java; zstd 3 is Java's preset.
    for (const auto& [codec, levels] :
         {Levels{Compression::gzip, {1, 6, 9}}, Levels{Compression::snappy, {0}},
          Levels{Compression::lz4, {9, 3, 12}}, Levels{Compression::zstd, {-5, 1, 3, 9}}}) {
        if (!codec::available(codec)) continue;
        for (const int level : levels) {
            const auto name = std::string(to_string(codec)) +
                              (codec == Compression::snappy ? "" : ":" + std::to_string(level));
            for (const auto& [verb, run] :
                 {std::pair("compress", &pack), std::pair("decompress", &unpack)}) {
                benchmark::RegisterBenchmark(
                    ("codec/" + name + '/' + verb).c_str(),
                    [run = run, codec = codec, level](auto& state) { run(state, codec, level); })
                    ->ArgName("bytes")
                    ->Arg(16 * 1024)
                    ->Arg(256 * 1024);
            }
        }
    }
    return true;
}();

}  // namespace
}  // namespace kafka::bench
