// SPDX-License-Identifier: Apache-2.0
#include "perf_lines.hpp"

#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace kasio {

namespace {

constexpr double megabyte = 1024.0 * 1024.0;
constexpr std::array shares{0.5, 0.95, 0.99, 0.999};

[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...) {
    char text[512];
    std::va_list values;
    va_start(values, format);
    std::vsnprintf(text, sizeof text, format, values);
    va_end(values);
    return text;
}

double rate(std::uint64_t amount, double seconds) noexcept {
    return static_cast<double>(amount) / std::max(seconds, 1e-6);
}
double milliseconds(double microseconds) noexcept {
    return microseconds / 1000;
}

std::string json_head(const char* type, const PerfCounts& counts, double seconds) {
    return print("{\"type\":\"%s\",\"records\":%" PRIu64 ",\"bytes\":%" PRIu64
                 ",\"seconds\":%.3f,\"records_per_second\":%.1f,\"bytes_per_second\":%.1f,"
                 "\"latency_ms\":{\"avg\":%.3f,\"max\":%.3f",
                 type, counts.records, counts.bytes, seconds, rate(counts.records, seconds),
                 rate(counts.bytes, seconds), counts.mean(),
                 milliseconds(static_cast<double>(counts.slowest)));
}

}  // namespace

std::string interval_line(const PerfCounts& counts, double seconds) {
    return print("%" PRIu64
                 " records sent, %.1f records/sec (%.2f MB/sec), %.1f ms avg latency, "
                 "%.1f ms max latency.\n",
                 counts.records, rate(counts.records, seconds),
                 rate(counts.bytes, seconds) / megabyte, counts.mean(),
                 milliseconds(static_cast<double>(counts.slowest)));
}

std::string total_line(const PerfCounts& counts, const Latencies& latencies, double seconds,
                       const char* what) {
    auto line = print("%" PRIu64
                      "%s records sent, %f records/sec (%.2f MB/sec), %.2f ms avg latency, "
                      "%.2f ms max latency",
                      counts.records, what, rate(counts.records, seconds),
                      rate(counts.bytes, seconds) / megabyte, counts.mean(),
                      milliseconds(static_cast<double>(counts.slowest)));
    for (const auto share : shares)
        line += print(", %ld ms %gth", std::lround(milliseconds(latencies.quantile(share))),
                      share * 100);
    return line + ".\n";
}

std::string interval_json(const PerfCounts& counts, double seconds) {
    return json_head("interval", counts, seconds) + "}}\n";
}

std::string total_json(const PerfCounts& counts, const Latencies& latencies, double seconds,
                       std::uint64_t failed, const char* type) {
    auto text = json_head(type, counts, seconds);
    for (const auto share : shares)
        text += print(",\"p%g\":%.3f", share * 100, milliseconds(latencies.quantile(share)));
    return text + "},\"failed\":" + std::to_string(failed) + "}\n";
}

}  // namespace kasio
