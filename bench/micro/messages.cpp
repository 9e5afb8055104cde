// SPDX-License-Identifier: Apache-2.0
// The messages that are sent all the time, at their newest versions and at sizes of daily use;
// nanoseconds a message, and allocations. Objects and buffers are new each time, as in a call.
#include <string>

#include <benchmark/benchmark.h>

#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>

#include "allocations.hpp"
#include "data.hpp"
#include "skip.hpp"

namespace kafka::bench {
namespace {

using namespace protocol;

constexpr std::int32_t partitions = 12;
constexpr std::size_t records_size = 64 * 1024;

// Large enough to be referenced, not copied.
Slice some_records() {
    return Slice::copy_of(random_bytes(records_size));
}

MetadataRequest metadata_request() {
    return {.topics = std::vector<MetadataRequest::Topic>{{.name = "orders"}}};
}

MetadataResponse metadata_response() {
    MetadataResponse response;
    for (std::int32_t id = 0; id < 3; ++id)
        response.brokers.push_back(
            {.node_id = id, .host = "kafka-" + std::to_string(id) + ".example.org", .port = 9092});
    response.cluster_id = "5L6g3nShT-eMCtK--X86sw";
    for (int t = 0; t < 8; ++t) {
        MetadataResponse::Topic topic{.name = "topic-" + std::to_string(t)};
        for (std::int32_t p = 0; p < partitions; ++p)
            topic.partitions.push_back({.partition_index = p,
                                        .leader_id = p % 3,
                                        .replica_nodes = {0, 1, 2},
                                        .isr_nodes = {0, 1, 2}});
        response.topics.push_back(std::move(topic));
    }
    return response;
}

ProduceRequest produce_request() {
    return {.acks = -1,
            .timeout_ms = 30'000,
            .topic_data = {
                {.topic_id = Uuid{}, .partition_data = {{.index = 3, .records = some_records()}}}}};
}

ProduceResponse produce_response() {
    return {.responses = {{.partition_responses = {{.index = 3, .base_offset = 123'456'789}}}}};
}

FetchRequest fetch_request() {
    FetchRequest request{.max_wait_ms = 500, .min_bytes = 1, .topics = {{}}};
    for (std::int32_t p = 0; p < partitions; ++p)
        request.topics[0].partitions.push_back(
            {.partition = p, .fetch_offset = 123'456'789, .partition_max_bytes = 1 << 20});
    return request;
}

FetchResponse fetch_response() {
    FetchResponse response{.responses = {{}}};
    for (std::int32_t p = 0; p < partitions; ++p)
        response.responses[0].partitions.push_back({.partition_index = p,
                                                    .high_watermark = 123'456'789,
                                                    .last_stable_offset = 123'456'789,
                                                    .log_start_offset = 0,
                                                    .records = some_records()});
    return response;
}

template <class M>
void write(benchmark::State& state, const M& message) {
    const auto version = M::info.stable().max;
    const AllocationCount count(state);
    for (auto _ : state) {
        Gather out;
        if (auto failure = encode(message, version, out)) return skip(state, failure.detail);
        benchmark::DoNotOptimize(out.size());
    }
    state.SetItemsProcessed(state.iterations());
}

template <class M>
void read(benchmark::State& state, const M& message) {
    const auto version = M::info.stable().max;
    auto encoded = encode(message, version);
    if (!encoded) return skip(state, encoded.failure().detail);
    const auto wire = std::move(*encoded).release();
    const AllocationCount count(state);
    for (auto _ : state) {
        M into;
        if (auto failure = decode(into, version, wire)) return skip(state, failure.detail);
        benchmark::DoNotOptimize(&into);
    }
    state.SetItemsProcessed(state.iterations());
}

template <class M>
void add(M message) {
    const auto name = std::string("message/") + M::info.name;
    benchmark::RegisterBenchmark((name + "/encode").c_str(),
                                 [message](auto& state) { write(state, message); });
    benchmark::RegisterBenchmark((name + "/decode").c_str(),
                                 [message](auto& state) { read(state, message); });
}

const bool registered = [] {
    add(metadata_request());
    add(metadata_response());
    add(produce_request());
    add(produce_response());
    add(fetch_request());
    add(fetch_response());
    return true;
}();

}  // namespace
}  // namespace kafka::bench
