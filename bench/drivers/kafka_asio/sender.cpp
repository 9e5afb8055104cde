// SPDX-License-Identifier: Apache-2.0
#include "sender.hpp"

#include <kafka/broker_errc.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/produce.hpp>

namespace kafka_bench {

using kafka::protocol::ProduceRequest;
using kafka::protocol::ProduceResponse;

namespace {

void check(const ProduceResponse& response) {
    for (const auto& topic : response.responses) {
        for (const auto& partition : topic.partition_responses) {
            if (partition.error_code == 0) continue;
            fail("partition " + std::to_string(partition.index) + ": " +
                 kafka::broker_error(partition.error_code).message());
        }
    }
}

}  // namespace

void Sender::send(std::int32_t partition, kafka::Slice batch, std::vector<std::int64_t> due_ns) {
    auto& node = cluster_.leader(partition);
    ProduceRequest request;
    request.transactional_id.reset();
    request.acks = options_.acks;
    request.timeout_ms = 30'000;
    auto& topic = request.topic_data.emplace_back();
    topic.name = options_.topic;
    topic.topic_id = cluster_.topic_id();
    auto& data = topic.partition_data.emplace_back();
    data.index = partition;
    data.records = std::move(batch);
    ++node.in_flight;
    ++waiting_;
    node.conn->async_call(std::move(request), [this, &node, due = std::move(due_ns)](
                                                  std::error_code error, ProduceResponse response) {
        if (error) fail("Produce: " + error.message());
        check(response);
        --node.in_flight;
        --waiting_;
        if (due.empty()) return;
        const auto now = now_ns();
        for (const auto each : due)
            latency.record(now - each);
    });
}

}  // namespace kafka_bench
