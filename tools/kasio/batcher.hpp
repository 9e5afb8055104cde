// SPDX-License-Identifier: Apache-2.0
// Records to batches: which partition, and when a batch is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <kafka/compression.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "exit_status.hpp"
#include "producer.hpp"

namespace kasio {

struct BatcherOptions {
    kafka::Compression codec = kafka::Compression::none;
    std::optional<int> level;
    /// Bytes of a batch before compression; a larger record makes a batch of its own.
    std::size_t batch_size = std::size_t{256} << 10;
    /// Bytes of all open batches; beyond, all of them are handed over.
    std::size_t memory = std::size_t{32} << 20;
    bool idempotent = true;
};

/// Keyed records go where Java's clients send them, others to one partition until its batch is
/// full, then to the next. Not thread-safe.
class Batcher {
public:
    Batcher(Producer& producer, std::int32_t partitions, BatcherOptions options);

    /// Adds a record; `number` is its place in the input. False: see problem().
    [[nodiscard]] bool add(const kafka::protocol::RecordRef& record, std::uint64_t number,
                           std::optional<std::int32_t> partition);
    /// Hands all open batches over. False: see problem().
    [[nodiscard]] bool flush();
    [[nodiscard]] bool empty() const noexcept { return open_bytes_ == 0; }
    /// What went wrong here; the producer's own problem comes first.
    [[nodiscard]] Problem problem() const;

private:
    struct Open {
        kafka::protocol::RecordBatchBuilder builder;
        std::vector<std::uint64_t> numbers;
        std::uint64_t record_bytes = 0;
        std::uint32_t next_sequence = 0;
    };
    [[nodiscard]] bool hand_over(std::int32_t partition);

    Producer& producer_;
    const BatcherOptions options_;
    std::vector<Open> open_;
    std::int32_t sticky_;
    std::size_t open_bytes_ = 0;
    Problem problem_;
};

}  // namespace kasio
