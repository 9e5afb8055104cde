// SPDX-License-Identifier: Apache-2.0
// Records into a batch and out of it; nanoseconds a record, with the header's and the checksum's
// share. The values of a batch are read from one place after the other, warm in the cache.
#include <cstring>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "allocations.hpp"
#include "data.hpp"
#include "skip.hpp"

namespace kafka::bench {
namespace {

using namespace protocol;

// Record headers as tracing adds them.
const RecordHeaderView tracing[] = {
    {"traceparent", std::string_view("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")},
    {"source", std::string_view("shop-1")},
};

constexpr std::size_t source_size = 64 * 1024;

enum class Shape { bare, keyed };  // keyed: also with two headers

RecordRef record_of(const std::uint8_t* from, std::size_t size, Shape shape) {
    RecordRef record{.value = BytesView(from, size), .timestamp = some_time};
    if (shape == Shape::keyed) {
        record.key = BytesView(from, std::min<std::size_t>(size, 16));
        record.headers = tracing;
    }
    return record;
}

// A full batch; returns its records.
std::int64_t fill(RecordBatchBuilder& builder, const std::vector<std::uint8_t>& source,
                  std::size_t size, Shape shape) {
    const auto* from = source.data();
    const auto* const last = from + source.size() - size;
    while (builder.append(record_of(from, size, shape), batch_size)) {
        from += size;
        if (from > last) from = source.data();
    }
    return builder.count();
}

// What encoding cannot do without: the values alone, copied one behind the other.
void copy(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto source = random_bytes(source_size);
    std::vector<std::uint8_t> to(batch_size);
    std::int64_t records = 0;
    for (auto _ : state) {
        const auto* from = source.data();
        const auto* const last = from + source.size() - size;
        for (auto *at = to.data(), *end = at + batch_size - size; at <= end; at += size) {
            std::memcpy(at, from, size);
            from += size;
            if (from > last) from = source.data();
            ++records;
        }
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(records);
}

void encode(benchmark::State& state, Shape shape, bool sealed) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto source = random_bytes(source_size);
    RecordBatchBuilder builder{ByteBuffer(batch_size)};
    std::int64_t records = 0;
    const AllocationCount count(state);
    for (auto _ : state) {
        builder.clear();
        records += fill(builder, source, size, shape);
        if (sealed) benchmark::DoNotOptimize(builder.seal({}).data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(records);
}

void decode(benchmark::State& state, Shape shape, bool checked) {
    const auto size = static_cast<std::size_t>(state.range(0));
    RecordBatchBuilder builder{ByteBuffer(batch_size)};
    const auto records = fill(builder, random_bytes(source_size), size, shape);
    builder.seal({});
    const auto batch = std::move(builder).take().release();
    const AllocationCount count(state);
    for (auto _ : state) {
        RecordReader reader(batch, {.check_crcs = checked});
        while (const auto* record = reader.next())
            benchmark::DoNotOptimize(record->value.data());
        if (reader.failure()) return skip(state, reader.failure().detail);
    }
    state.SetItemsProcessed(state.iterations() * records);
}

void sizes(benchmark::internal::Benchmark* b) {
    b->ArgName("bytes")->Arg(10)->Arg(100)->Arg(1000);
}
BENCHMARK(copy)->Name("records/copy")->Apply(sizes);
BENCHMARK_CAPTURE(encode, bare, Shape::bare, false)->Name("records/encode")->Apply(sizes);
BENCHMARK_CAPTURE(encode, crc, Shape::bare, true)->Name("records/encode+crc")->Apply(sizes);
BENCHMARK_CAPTURE(encode, keyed, Shape::keyed, true)
    ->Name("records/encode-keyed+crc")
    ->Apply(sizes);
BENCHMARK_CAPTURE(decode, bare, Shape::bare, false)->Name("records/decode")->Apply(sizes);
BENCHMARK_CAPTURE(decode, crc, Shape::bare, true)->Name("records/decode+crc")->Apply(sizes);
BENCHMARK_CAPTURE(decode, keyed, Shape::keyed, true)
    ->Name("records/decode-keyed+crc")
    ->Apply(sizes);

}  // namespace
}  // namespace kafka::bench
