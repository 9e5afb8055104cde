// SPDX-License-Identifier: Apache-2.0
// The records of a fetched chunk that an application is meant to see.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <kafka/protocol/record_reader.hpp>
#include <kafka/slice.hpp>

#include "exit_status.hpp"
#include "fetcher.hpp"

namespace kasio {

/// Leaves out what lies outside the wanted offsets, control records and, with read_committed, the
/// records of aborted transactions (KIP-98). Not thread-safe.
class Decoder {
public:
    Decoder(std::string topic, const std::vector<Assignment>& assignments, Isolation isolation);

    /// Begins a chunk, which must stay until its last record is read.
    void open(const Chunk& chunk);
    /// The next record, valid until the next call; null at the end of the chunk, or on failure.
    [[nodiscard]] const kafka::protocol::RecordView* next();
    /// What is wrong with the chunk: checksums, compression, structure.
    [[nodiscard]] const Problem& problem() const noexcept { return problem_; }

private:
    [[nodiscard]] bool skip_batch(const kafka::protocol::RecordBatchView& batch);

    const std::string topic_;
    const Isolation isolation_;
    std::map<std::int32_t, std::optional<std::int64_t>> until_;
    kafka::ByteBuffer scratch_;

    std::int32_t partition_ = 0;
    std::int64_t from_ = 0;
    std::optional<std::int64_t> end_;
    kafka::protocol::RecordReader reader_;
    bool in_batch_ = false;
    // Transactions that were aborted, by the offset of their first record, and those open now.
    std::multimap<std::int64_t, std::int64_t> aborted_;
    std::set<std::int64_t> aborting_;
    Problem problem_;
};

}  // namespace kasio
