// SPDX-License-Identifier: Apache-2.0
// Counts the allocations of this program's code: those of the library and of Asio included, those
// inside shared libraries (the codecs) not.
#pragma once

#include <cstdint>

#include <benchmark/benchmark.h>

namespace kafka::bench {

/// Allocations of this thread so far.
[[nodiscard]] std::uint64_t allocations() noexcept;

/// Sets the counter `allocations` of a benchmark, per iteration, for what happened since it was
/// made. What Google Benchmark itself allocates is in it, a handful of times a run.
class AllocationCount {
public:
    explicit AllocationCount(benchmark::State& state) : state_(state), before_(allocations()) {}
    AllocationCount(const AllocationCount&) = delete;
    AllocationCount& operator=(const AllocationCount&) = delete;
    ~AllocationCount() {
        const auto count = static_cast<double>(allocations() - before_);
        state_.counters["allocations"] = count / static_cast<double>(state_.iterations());
    }

private:
    benchmark::State& state_;
    const std::uint64_t before_;
};

}  // namespace kafka::bench
