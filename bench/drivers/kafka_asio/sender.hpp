// SPDX-License-Identifier: Apache-2.0
// Sends sealed batches: a Produce request each, so many in flight on a connection, one completion a
// batch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kafka/slice.hpp>

#include "cluster.hpp"

namespace kafka_bench {

class Sender {
public:
    Sender(Cluster& cluster, const Options& options) : cluster_(cluster), options_(options) {}

    /// There is room for one more on the way to the partition's leader.
    [[nodiscard]] bool ready(std::int32_t partition) {
        return cluster_.leader(partition).in_flight < options_.in_flight;
    }
    void wait_until_ready(std::int32_t partition) {
        while (!ready(partition))
            cluster_.wait();
    }
    /// `due_ns`: of its records, in mode latency; their latencies go to `latency`.
    void send(std::int32_t partition, kafka::Slice batch, std::vector<std::int64_t> due_ns = {});
    /// Until everything is acknowledged.
    void drain() {
        while (waiting_ > 0)
            cluster_.wait();
    }
    [[nodiscard]] bool idle() const { return waiting_ == 0; }

    Histogram latency;

private:
    Cluster& cluster_;
    const Options& options_;
    std::uint32_t waiting_ = 0;
};

}  // namespace kafka_bench
