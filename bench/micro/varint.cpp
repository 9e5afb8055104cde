// SPDX-License-Identifier: Apache-2.0
// Varints of one, two and five bytes, and of lengths that cannot be foreseen; nanoseconds a number.
#include <vector>

#include <benchmark/benchmark.h>

#include <kafka/protocol/varint.hpp>

#include "data.hpp"
#include "skip.hpp"

namespace kafka::bench {
namespace {

using namespace protocol;

constexpr std::size_t count = 4096;

// `bytes` each, or 1 to 5 at random where it is 0.
std::vector<std::uint64_t> numbers(std::int64_t bytes) {
    std::minstd_rand random(1);
    std::vector<std::uint64_t> all(count);
    for (auto& number : all) {
        const auto length = bytes ? bytes : 1 + static_cast<std::int64_t>(random() % 5);
        const auto top = std::uint64_t{1} << (7 * (length - 1));
        number = length == 1 ? random() % 0x80 : top + random() % (top * 0x7f);
        number &= 0xffffffff;
    }
    return all;
}

void write(benchmark::State& state) {
    const auto all = numbers(state.range(0));
    std::vector<std::uint8_t> out(count * 10);
    for (auto _ : state) {
        auto* at = out.data();
        for (const auto number : all)
            at = write_varint(at, number);
        benchmark::DoNotOptimize(at);
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

void read(benchmark::State& state) {
    std::vector<std::uint8_t> wire(count * 10);
    auto* end = wire.data();
    for (const auto number : numbers(state.range(0)))
        end = write_varint(end, number);
    for (auto _ : state) {
        const std::uint8_t* at = wire.data();
        std::uint32_t number = 0;
        while (at != end) {
            if (!read_varint(at, end, number)) return skip(state, "not read");
            benchmark::DoNotOptimize(number);
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

void size(benchmark::State& state) {
    const auto all = numbers(state.range(0));
    for (auto _ : state) {
        std::size_t sum = 0;
        for (const auto number : all)
            sum += varint_size(number);
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

const auto lengths = [](benchmark::internal::Benchmark* b) {
    b->ArgName("bytes")->Arg(1)->Arg(2)->Arg(5)->Arg(0);
};
BENCHMARK(write)->Name("varint/write")->Apply(lengths);
BENCHMARK(read)->Name("varint/read")->Apply(lengths);
BENCHMARK(size)->Name("varint/size")->Apply(lengths);

}  // namespace
}  // namespace kafka::bench
