// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "skip.hpp"

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    // Google Benchmark alone would call a benchmark that failed a success.
    return kafka::bench::any_skipped ? 1 : 0;
}
