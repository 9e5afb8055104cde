// SPDX-License-Identifier: Apache-2.0
// Fetches all partitions over one connection a broker. The next Fetch of a connection is on its way
// before the records of the last one are handed out.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <kafka/slice.hpp>

#include "cluster.hpp"

namespace kafka_bench {

class Fetcher {
public:
    Fetcher(Cluster& cluster, const Options& options);

    /// Records of one partition; waits for them.
    [[nodiscard]] kafka::Slice next();

private:
    struct Loop {
        Cluster::Node* node = nullptr;
        std::vector<std::int32_t> partitions;
        std::size_t waiting_chunks = 0;  // that came and were not taken
        bool paused = false;
    };
    struct Chunk {
        Loop* from;
        kafka::Slice records;
    };
    void start(Loop& loop);

    Cluster& cluster_;
    const Options& options_;
    std::vector<Loop> loops_;
    std::vector<std::int64_t> offsets_;  // by partition: where to go on
    std::deque<Chunk> chunks_;
};

}  // namespace kafka_bench
