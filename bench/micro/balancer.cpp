// SPDX-License-Identifier: Apache-2.0
// Choosing a partition: with a key of some bytes, and without one, where what is measured is all
// that it costs to stay with a partition and to leave it in time.
#include <cstring>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/balancer/topic_balancer.hpp"
#include "data.hpp"

namespace kafka::bench {
namespace {

constexpr std::int32_t partitions = 12;

std::unique_ptr<core::TopicBalancer> topic_of(const Balancer& balancer) {
    auto topic = std::make_unique<core::TopicBalancer>(
        balancer, core::TopicBalancerSettings{.batch_bytes = batch_size});
    std::vector<core::PartitionState> states;
    for (std::int32_t i = 0; i < partitions; ++i)
        states.push_back({.partition = i, .queued = static_cast<std::uint32_t>(i % 3)});
    topic->update(partitions, states);
    return topic;
}

// Each key is another one, as long as the first-level cache holds them.
void by_key(benchmark::State& state, const Balancer& balancer) {
    const auto topic = topic_of(balancer);
    const auto size = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t keys = 256;
    const auto bytes = random_bytes(keys * size);
    auto& lane = topic->lane(0);
    std::size_t at = 0;
    for (auto _ : state) {
        const protocol::BytesView key(bytes.data() + at * size, size);
        at = (at + 1) % keys;
        benchmark::DoNotOptimize(topic->choose(lane, key, 100).partition());
    }
    state.SetItemsProcessed(state.iterations());
}

// Records of 100 bytes, one after the other, as a writer asks and tells.
void without_key(benchmark::State& state, const Balancer& balancer) {
    // Of all threads: Google Benchmark lets them wait for each other at the loop's two ends.
    static std::unique_ptr<core::TopicBalancer> topic;
    if (state.thread_index() == 0) topic = topic_of(balancer);
    std::size_t in_batch = 0;
    core::Lane* lane = nullptr;
    for (auto _ : state) {
        if (!lane) lane = &topic->lane(static_cast<std::uint32_t>(state.thread_index()));
        const auto choice = topic->choose(*lane, nullptr, 100);
        const bool full = (in_batch += 100) >= batch_size;
        if (full) in_batch = 0;
        topic->appended(*lane, choice, 100, full);
        benchmark::DoNotOptimize(choice.partition());
    }
    state.SetItemsProcessed(state.iterations());
}

const bool registered = [] {
    const auto keyed = [](const char* name, const Balancer& balancer) {
        auto* const b = benchmark::RegisterBenchmark(
            name, [balancer](benchmark::State& state) { by_key(state, balancer); });
        b->ArgName("bytes")->Arg(8)->Arg(32);
    };
    keyed("balancer/murmur2", Murmur2Balancer{});
    keyed("balancer/crc32", Crc32Balancer{});
    keyed("balancer/hash", HashBalancer{});
    const auto unkeyed = [](const char* name, const Balancer& balancer) {
        auto* const b = benchmark::RegisterBenchmark(
            name, [balancer](benchmark::State& state) { without_key(state, balancer); });
        b->Threads(1)->Threads(4)->UseRealTime();
    };
    unkeyed("balancer/unkeyed/default", Balancer{});
    unkeyed("balancer/unkeyed/sticky", StickyBalancer{});
    unkeyed("balancer/unkeyed/round_robin", RoundRobinBalancer{});
    unkeyed("balancer/unkeyed/least_bytes", LeastBytesBalancer{});
    return true;
}();

}  // namespace
}  // namespace kafka::bench
