// SPDX-License-Identifier: Apache-2.0
// An open batch for each partition that is in use. Records are encoded as they are handed over.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <kafka/compression.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "pool.hpp"
#include "sender.hpp"

namespace kafka_bench {

class Appender {
public:
    /// `first`: the partition that records without keys begin with.
    Appender(Cluster& cluster, const Options& options, std::uint32_t first);

    /// Encodes the record; sends the batch that it did not fit into any more, waiting for room on
    /// the connection. `due_ns` is kept in mode latency.
    void append(const CorpusRecord& record, std::int64_t due_ns = 0);
    /// Sends batches whose linger time is over, where there is room. Returns when to look again.
    std::int64_t send_due(std::int64_t now);
    /// Sends everything, and waits for the acknowledgements.
    void flush();

    [[nodiscard]] Sender& sender() { return sender_; }

private:
    struct Partition {
        std::int32_t index = 0;
        kafka::protocol::RecordBatchBuilder builder;
        std::int64_t opened_ns = 0;
        std::int32_t sequence = 0;
        std::vector<std::int64_t> due_ns;
    };

    void initialise_producer();
    [[nodiscard]] Partition& choose(const CorpusRecord& record);
    void open(Partition& partition);
    void seal_and_send(Partition& partition);

    Cluster& cluster_;
    const Options& options_;
    Pool pool_;
    Sender sender_;
    kafka::Compression codec_;
    std::int64_t producer_id_ = -1;
    std::int16_t producer_epoch_ = -1;
    std::int64_t timestamp_ms_ = 0;
    std::uint32_t until_clock_ = 0;  // records until the clock is read again
    std::size_t sticky_;
    std::vector<Partition> partitions_;
};

}  // namespace kafka_bench
