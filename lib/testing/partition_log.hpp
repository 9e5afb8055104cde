// SPDX-License-Identifier: Apache-2.0
// The log of a partition: batches one behind the other, as they go out again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <kafka/slice.hpp>

namespace kafka::testing {

/// Holds batches in segments of memory that never move, so that a read is a slice and no copy.
/// Batches were checked before they come here.
class PartitionLog {
public:
    struct Batch {
        std::int64_t base_offset = 0;
        std::int64_t last_offset = 0;
        std::int64_t max_timestamp = -1;
        std::int32_t leader_epoch = 0;
        std::uint32_t segment = 0;
        std::uint64_t position = 0;  // in the whole log
        std::size_t at = 0;          // in the segment
        std::size_t size = 0;
    };
    /// A leader epoch and the offset of its first record.
    struct Epoch {
        std::int32_t epoch = 0;
        std::int64_t start_offset = 0;
    };

    PartitionLog();
    PartitionLog(PartitionLog&&) noexcept;
    PartitionLog& operator=(PartitionLog&&) noexcept;
    ~PartitionLog();

    [[nodiscard]] std::int64_t start_offset() const noexcept { return 0; }
    [[nodiscard]] std::int64_t end_offset() const noexcept { return end_offset_; }

    /// Copies the batch to the end, with its offsets and its leader epoch, and returns the copy:
    /// fields under the checksum may be changed there, before anyone reads.
    std::span<std::uint8_t> append(std::span<const std::uint8_t> batch, std::int32_t offsets,
                                   std::int64_t max_timestamp);
    /// The batches from the one that holds `offset` on, at most `max_bytes`: the last one may be
    /// cut anywhere, as Kafka cuts it. A first batch above `max_bytes` comes whole if
    /// `at_least_one`, else nothing comes. `before` is the offset of a batch that is not to come,
    /// nor any behind it. Never null.
    [[nodiscard]] Slice read(std::int64_t offset, std::size_t max_bytes, bool at_least_one,
                             std::int64_t before = INT64_MAX) const;
    /// The offset behind what read() gave from `offset` on, a cut batch included.
    [[nodiscard]] std::int64_t end_of_read(std::int64_t offset, std::size_t bytes) const noexcept;

    /// All batches, ascending.
    [[nodiscard]] std::span<const Batch> batches() const noexcept { return batches_; }
    [[nodiscard]] Slice bytes_of(const Batch& batch) const noexcept;

    /// The leader's epoch from the next record on.
    void start_epoch(std::int32_t epoch);
    [[nodiscard]] std::span<const Epoch> epochs() const noexcept { return epochs_; }
    /// Where that epoch, or the last one before it, ended (KIP-101); nothing if that is not known.
    [[nodiscard]] std::optional<Epoch> end_of_epoch(std::int32_t epoch) const noexcept;
    /// The epoch in which the record at that offset was written.
    [[nodiscard]] std::int32_t epoch_at(std::int64_t offset) const noexcept;

private:
    class Segment;

    std::vector<Segment*> segments_;  // a reference each
    std::vector<Batch> batches_;
    std::vector<Epoch> epochs_;
    std::int64_t end_offset_ = 0;
    std::uint64_t size_ = 0;
};

}  // namespace kafka::testing
