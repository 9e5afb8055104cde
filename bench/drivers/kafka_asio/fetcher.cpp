// SPDX-License-Identifier: Apache-2.0
#include "fetcher.hpp"

#include <utility>

#include <kafka/error.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/record_batch.hpp>

namespace kafka_bench {

using kafka::protocol::FetchRequest;
using kafka::protocol::FetchResponse;

Fetcher::Fetcher(Cluster& cluster, const Options& options)
    : cluster_(cluster),
      options_(options),
      offsets_(static_cast<std::size_t>(cluster.partitions()), 0) {
    loops_.reserve(cluster.nodes().size());
    for (const auto& node : cluster.nodes()) {
        auto& loop = loops_.emplace_back();
        loop.node = node.get();
        for (std::int32_t p = 0; p < cluster.partitions(); ++p)
            if (&cluster.leader(p) == node.get()) loop.partitions.push_back(p);
    }
    for (auto& loop : loops_)
        start(loop);
}

void Fetcher::start(Loop& loop) {
    FetchRequest request;
    request.max_wait_ms = 500;
    request.min_bytes = 1;
    request.max_bytes = 50 * 1024 * 1024;
    request.session_id = 0;
    request.session_epoch = -1;  // no session (KIP-227)
    auto& topic = request.topics.emplace_back();
    topic.topic = options_.topic;
    topic.topic_id = cluster_.topic_id();
    for (const auto index : loop.partitions) {
        auto& partition = topic.partitions.emplace_back();
        partition.partition = index;
        partition.fetch_offset = offsets_[static_cast<std::size_t>(index)];
        partition.partition_max_bytes = static_cast<std::int32_t>(options_.fetch);
    }
    loop.node->conn->async_call(std::move(request), [this, &loop](std::error_code error,
                                                                  FetchResponse response) {
        if (error) fail("Fetch: " + error.message());
        if (response.error_code) fail(kafka::broker_error(response.error_code).message());
        const bool taken = loop.waiting_chunks == 0;
        for (auto& answered : response.responses) {
            for (auto& partition : answered.partitions) {
                if (partition.error_code) {
                    fail(kafka::broker_error(partition.error_code).message());
                }
                auto& offset = offsets_[static_cast<std::size_t>(partition.partition_index)];
                const auto after = kafka::protocol::offset_after(partition.records.bytes(), offset);
                if (!after) fail(after.failure().message());
                offset = *after;
                if (!partition.records.empty()) {
                    chunks_.push_back({&loop, std::move(partition.records)});
                    ++loop.waiting_chunks;
                }
            }
        }
        // One answer is read while the next is on its way; more would only take memory.
        if (taken) return start(loop);
        loop.paused = true;
    });
}

kafka::Slice Fetcher::next() {
    if (chunks_.empty()) {
        while (chunks_.empty())
            cluster_.wait();
        cluster_.poll();  // the next request goes out
    }
    auto chunk = std::move(chunks_.front());
    chunks_.pop_front();
    auto& loop = *chunk.from;
    if (--loop.waiting_chunks == 0 && std::exchange(loop.paused, false)) {
        start(loop);
        cluster_.poll();
    }
    return std::move(chunk.records);
}

}  // namespace kafka_bench
