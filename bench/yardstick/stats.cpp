// SPDX-License-Identifier: Apache-2.0
#include "stats.hpp"

#include <cstdio>
#include <ctime>

#include <kafka/protocol/registry.hpp>

#include "verifier.hpp"

namespace yardstick {
namespace {

std::int64_t clock_ns(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return result + '"';
}

std::string seconds(std::int64_t nanoseconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", static_cast<double>(nanoseconds) / 1e9);
    return text;
}

}  // namespace

void Stats::hot_request() {
    const auto now = clock_ns(CLOCK_MONOTONIC);
    last_ns_.store(now, std::memory_order_relaxed);
    std::int64_t none = 0;
    if (first_ns_.load(std::memory_order_relaxed) == 0 &&
        first_ns_.compare_exchange_strong(none, now)) {
        cpu_at_first_ns_ = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    }
}

void Stats::request(std::int16_t api, std::int16_t version) {
    if (api < 0 || version < 0) return;
    const auto row = static_cast<std::size_t>(api), column = static_cast<std::size_t>(version);
    if (row < most_apis && column < most_versions) {
        requests_[row][column].fetch_add(1, std::memory_order_relaxed);
    }
}

void Stats::error(std::string sentence) {
    const std::lock_guard lock(mutex_);
    if (errors_.size() < most_errors) errors_.push_back(std::move(sentence));
}

std::string Stats::json(const Verifier* verifier) const {
    std::string line = "{\"connections\": " + std::to_string(connections) + ", \"requests\": {";
    const char* separator = "";
    for (std::size_t api = 0; api < most_apis; ++api) {
        for (std::size_t version = 0; version < most_versions; ++version) {
            const auto count = requests_[api][version].load();
            if (!count) continue;
            const auto* const known = kafka::protocol::find_api(static_cast<std::int16_t>(api));
            const auto name = known ? std::string(known->request->api) : std::to_string(api);
            line += separator + quoted(name + " v" + std::to_string(version)) + ": " +
                    std::to_string(count);
            separator = ", ";
        }
    }
    const bool any = first_ns_ != 0;
    // Between the last request and the end nothing costs but the closing of connections.
    const auto cpu = any ? clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_at_first_ns_ : 0;
    line += "}, \"batches\": " + std::to_string(batches) +
            ", \"records\": " + std::to_string(records) + ", \"bytes\": " + std::to_string(bytes) +
            ", \"records_fetched\": " + std::to_string(records_fetched) +
            ", \"bytes_fetched\": " + std::to_string(bytes_fetched) +
            ", \"busy_s\": " + seconds(last_ns_ - first_ns_) + ", \"cpu_s\": " + seconds(cpu) +
            ", \"errors\": [";
    const std::lock_guard lock(mutex_);
    separator = "";
    for (const auto& error : errors_) {
        line += separator + quoted(error);
        separator = ", ";
    }
    line += "]";
    if (verifier) {
        const auto found = verifier->summary();
        line += ", \"verified\": {\"records\": " + std::to_string(found.records) +
                ", \"missing\": " + std::to_string(found.missing) +
                ", \"repeated\": " + std::to_string(found.repeated) +
                ", \"bad\": " + std::to_string(found.bad) + "}";
    }
    return line + "}";
}

}  // namespace yardstick
