// SPDX-License-Identifier: Apache-2.0
#include "perf_lines.hpp"

#include <doctest/doctest.h>

using namespace kasio;

namespace {

// 100 records of 1 MiB each, 1 to 100 ms.
void fill(PerfCounts& counts, Latencies& latencies) {
    for (std::uint64_t ms = 1; ms <= 100; ++ms) {
        counts.add(1'048'576, ms * 1000);
        latencies.add(ms * 1000);
    }
}

}  // namespace

TEST_CASE("an interval reads as in Apache's tool") {
    PerfCounts counts;
    Latencies latencies;
    fill(counts, latencies);
    CHECK(interval_line(counts, 5) ==
          "100 records sent, 20.0 records/sec (20.00 MB/sec), 50.5 ms avg latency, "
          "100.0 ms max latency.\n");
}

TEST_CASE("the total reads as in Apache's tool") {
    PerfCounts counts;
    Latencies latencies;
    fill(counts, latencies);
    CHECK(total_line(counts, latencies, 3) ==
          "100 records sent, 33.333333 records/sec (33.33 MB/sec), 50.50 ms avg latency, "
          "100.00 ms max latency, 51 ms 50th, 96 ms 95th, 100 ms 99th, 100 ms 99.9th.\n");
    CHECK(total_line(counts, latencies, 3, " steady state")
              .starts_with("100 steady state records sent, 33.333333 records/sec"));
}

TEST_CASE("nothing in no time is not a division by zero") {
    const PerfCounts counts;
    const Latencies latencies;
    CHECK(interval_line(counts, 0) ==
          "0 records sent, 0.0 records/sec (0.00 MB/sec), 0.0 ms avg latency, "
          "0.0 ms max latency.\n");
    CHECK(total_line(counts, latencies, 0) ==
          "0 records sent, 0.000000 records/sec (0.00 MB/sec), 0.00 ms avg latency, "
          "0.00 ms max latency, 0 ms 50th, 0 ms 95th, 0 ms 99th, 0 ms 99.9th.\n");
}

TEST_CASE("programs get objects on lines, with latencies that are not rounded to milliseconds") {
    PerfCounts counts;
    Latencies latencies;
    counts.add(10, 250);
    latencies.add(250);
    CHECK(interval_json(counts, 2) ==
          "{\"type\":\"interval\",\"records\":1,\"bytes\":10,\"seconds\":2.000,"
          "\"records_per_second\":0.5,\"bytes_per_second\":5.0,"
          "\"latency_ms\":{\"avg\":0.250,\"max\":0.250}}\n");
    CHECK(total_json(counts, latencies, 2, 3, "total") ==
          "{\"type\":\"total\",\"records\":1,\"bytes\":10,\"seconds\":2.000,"
          "\"records_per_second\":0.5,\"bytes_per_second\":5.0,"
          "\"latency_ms\":{\"avg\":0.250,\"max\":0.250,\"p50\":0.250,\"p95\":0.250,"
          "\"p99\":0.250,\"p99.9\":0.250},\"failed\":3}\n");
}
