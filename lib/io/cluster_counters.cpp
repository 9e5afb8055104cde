// SPDX-License-Identifier: Apache-2.0
#include "io/cluster_counters.hpp"

#include <algorithm>

namespace kafka::io {
namespace {

// A block is 5 KB. A cluster that makes up broker ids all the time gets no more than this.
constexpr std::size_t most_brokers = 10'000;

}  // namespace

ClusterCounters::~ClusterCounters() {
    for (auto* block = first_.load(); block;)
        delete std::exchange(block, block->next);
}

ClusterCounters::Broker& ClusterCounters::broker(std::int32_t id) {
    id = std::max(id, -1);
    auto* const first = first_.load(std::memory_order_relaxed);
    for (auto* block = first; block; block = block->next)
        if (block->id == id) return *block;
    if (brokers_ >= most_brokers) return *first;
    ++brokers_;
    auto* block = new Broker;
    block->id = id;
    block->next = first;
    first_.store(block, std::memory_order_release);
    return *block;
}

void ClusterCounters::connected(std::int32_t id) {
    add(broker(id).connects, 1);
}
void ClusterCounters::connect_failed(std::int32_t id) {
    add(broker(id).connect_failures, 1);
}
void ClusterCounters::disconnected(std::int32_t id) {
    add(broker(id).disconnects, 1);
}

void ClusterCounters::traffic(std::int32_t id, const core::Traffic& traffic) {
    const auto key = static_cast<std::size_t>(traffic.info->api_key);
    if (key >= keys) return;
    auto& api = broker(id).apis[key];
    if (!traffic.answer) {
        add(api.requests, 1);
        add(api.bytes_out, traffic.bytes);
        return;
    }
    add(api.responses, 1);
    add(api.bytes_in, traffic.bytes);
    const auto took = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(traffic.took).count());
    add(api.wait_ns, took);
    if (took > api.max_wait_ns.load(std::memory_order_relaxed))
        api.max_wait_ns.store(took, std::memory_order_relaxed);
}

void ClusterCounters::throttled(std::int32_t id, std::int16_t api_key, std::int32_t milliseconds) {
    const auto key = static_cast<std::size_t>(api_key);
    if (key < keys && milliseconds > 0)
        add(broker(id).apis[key].throttled_ms, static_cast<std::uint64_t>(milliseconds));
}

void ClusterCounters::publish(const core::ClusterCore::Counters& calls,
                              std::size_t connections) noexcept {
    const auto show = [](Count& to, std::uint64_t n) { to.store(n, std::memory_order_relaxed); };
    show(calls_, calls.calls);
    show(succeeded_, calls.succeeded);
    show(failed_, calls.failed);
    show(retries_, calls.retries);
    show(refreshes_, calls.refreshes);
    show(rebootstraps_, calls.rebootstraps);
    show(connections_, connections);
}

ClientStats ClusterCounters::read() const {
    const auto get = [](const Count& from) { return from.load(std::memory_order_relaxed); };
    ClientStats stats;
    stats.calls = get(calls_);
    stats.succeeded = get(succeeded_);
    stats.failed = get(failed_);
    stats.retries = get(retries_);
    stats.metadata_refreshes = get(refreshes_);
    stats.rebootstraps = get(rebootstraps_);
    stats.failed_hooks = get(failed_hooks_);
    stats.connections = static_cast<std::size_t>(get(connections_));
    for (const auto* block = first_.load(std::memory_order_acquire); block; block = block->next) {
        auto& row = stats.brokers.emplace_back();
        row.broker_id = block->id;
        row.connects = get(block->connects);
        row.connect_failures = get(block->connect_failures);
        row.disconnects = get(block->disconnects);
        for (std::size_t key = 0; key < keys; ++key) {
            const auto& from = block->apis[key];
            if (get(from.requests) == 0) continue;
            using std::chrono::milliseconds, std::chrono::nanoseconds;
            row.apis.push_back({.api_key = static_cast<std::int16_t>(key),
                                .requests = get(from.requests),
                                .responses = get(from.responses),
                                .bytes_out = get(from.bytes_out),
                                .bytes_in = get(from.bytes_in),
                                .wait = nanoseconds(get(from.wait_ns)),
                                .max_wait = nanoseconds(get(from.max_wait_ns)),
                                .throttled = milliseconds(get(from.throttled_ms))});
        }
    }
    std::sort(stats.brokers.begin(), stats.brokers.end(),
              [](const auto& a, const auto& b) { return a.broker_id < b.broker_id; });
    return stats;
}

}  // namespace kafka::io
