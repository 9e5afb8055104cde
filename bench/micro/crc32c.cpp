// SPDX-License-Identifier: Apache-2.0
// CRC-32C by length, each variant that this processor has, and memcpy of the same lengths, which
// is what all figures are compared with.
#include "base/crc32c.hpp"

#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "data.hpp"

namespace kafka::bench {
namespace {

void copy(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto from = random_bytes(size);
    std::vector<std::uint8_t> to(size);
    for (auto _ : state) {
        auto length = size;
        benchmark::DoNotOptimize(length);  // as of a record: not known to the compiler
        std::memcpy(to.data(), from.data(), length);
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void checksum(benchmark::State& state, const Crc32cVariant& variant) {
    const auto bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(variant.compute(bytes, 0));
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void lengths(benchmark::internal::Benchmark* b) {
    b->ArgName("bytes");
    for (const int size : {10, 16, 100, 110, 256, 1000, 4096, 16384, 262'144, 1'048'576})
        b->Arg(size);
}
BENCHMARK(copy)->Name("memcpy")->Apply(lengths);

const bool registered = [] {
    for (const auto& variant : crc32c_variants())
        if (variant.supported)
            lengths(benchmark::RegisterBenchmark(
                (std::string("crc32c/") + variant.name).c_str(),
                [&variant](benchmark::State& state) { checksum(state, variant); }));
    lengths(benchmark::RegisterBenchmark("crc32c/chosen", [](benchmark::State& state) {
        checksum(state, {"chosen", true, crc32c});
    }));
    return true;
}();

}  // namespace
}  // namespace kafka::bench
