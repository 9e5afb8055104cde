// SPDX-License-Identifier: Apache-2.0
#include "probe_release.hpp"

#include <cstdint>
#include <optional>

#include <kafka/protocol/registry.hpp>

namespace kasio {
namespace {

// The version of an API that came with a release, and that its brokers show on every listener, with
// ZooKeeper or without. The facts are those of the message definitions of each release.
struct Marker {
    const char* release;
    std::int16_t api;
    std::int16_t version;
};
constexpr Marker markers[] = {
    {"2.1", 0, 7},            // Produce: zstd (KIP-110)
    {"2.2", 2, 5},            // ListOffsets (KIP-207)
    {"2.3", 1, 11},           // Fetch from followers (KIP-392)
    {"2.4", 0, 8},            // Produce: errors of records (KIP-467)
    {"2.5", 9, 7},            // OffsetFetch: stable offsets (KIP-447)
    {"2.6", 16, 4},           // ListGroups by state (KIP-518)
    {"2.7", 1, 12},           // Fetch (KIP-595)
    {"2.8", 0, 9},            // Produce, flexible (KIP-482)
    {"3.0", 10, 4},           // FindCoordinator of several (KIP-699)
    {"3.1", 1, 13},           // Fetch by topic id (KIP-516)
    {"3.2", 11, 9},           // JoinGroup (KIP-814)
    {"3.3 or 3.4", 35, 4},    // DescribeLogDirs (KIP-827)
    {"3.5", 1, 15},           // Fetch (KIP-903)
    {"3.6", 24, 4},           // AddPartitionsToTxn (KIP-890)
    {"3.7", 0, 10},           // Produce: the new leader (KIP-951)
    {"3.8", 0, 11},           // Produce (KIP-890)
    {"3.9", 1, 17},           // Fetch (KIP-853)
    {"4.0", 0, 12},           // Produce: transactions v2 (KIP-890)
    {"4.1", 0, 13},           // Produce by topic id (KIP-516)
    {"4.2", 2, 11},           // ListOffsets (KIP-1023)
    {"4.3", 35, 5},           // DescribeLogDirs
    {"4.4 or newer", 18, 5},  // ApiVersions: whom one expects
};

std::optional<std::int16_t> newest(const kafka::protocol::ApiVersionsResponse& versions,
                                   std::int16_t key) {
    for (const auto& api : versions.api_keys) {
        if (api.api_key == key) return api.max_version;
    }
    return {};
}

}  // namespace

std::string guess_release(const kafka::protocol::ApiVersionsResponse& versions) {
    const Marker* whole = nullptr;  // up to it nothing is missing
    const Marker* some = nullptr;   // there, although an earlier one is missing
    bool missing = false;
    for (const auto& marker : markers) {
        const auto have = newest(versions, marker.api);
        if (!have) continue;
        if (*have < marker.version) {
            missing = true;
        } else {
            (missing ? some : whole) = &marker;
        }
    }
    if (!whole && !some) return "older than Apache Kafka 2.1";
    if (!some) return std::string("Apache Kafka ") + whole->release;
    auto text = std::string("no release of Apache Kafka; ");
    if (whole) text += std::string("all of ") + whole->release + " is there, ";
    return text + "some of " + some->release;
}

std::string count_apis(const kafka::protocol::ApiVersionsResponse& versions) {
    std::size_t usable = 0;
    for (const auto& api : versions.api_keys) {
        const auto* entry = kafka::protocol::find_api(api.api_key);
        const kafka::protocol::VersionRange theirs{api.min_version, api.max_version};
        if (entry && !theirs.intersect(entry->request->stable()).empty()) ++usable;
    }
    const auto all = versions.api_keys.size();
    return std::to_string(all) + " APIs, " + (usable == all ? "all" : std::to_string(usable)) +
           " of them usable";
}

}  // namespace kasio
