// SPDX-License-Identifier: Apache-2.0
// Candidates: the partitions among which the unkeyed policies choose, with their weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kafka::core {

/// A partition that has a leader, as the writer sees it.
struct PartitionState {
    std::int32_t partition = 0;
    /// What waits to be sent to it, in any one unit (Java: batches).
    std::uint32_t queued = 0;
    /// Its broker has taken nothing for `partitioner.availability.timeout.ms`.
    bool lagging = false;
    /// Its leader is in the client's rack.
    bool in_rack = false;
};

struct CandidateRules {
    bool adaptive = false;    ///< weigh by queue sizes, leave out what lags (KIP-794)
    bool rack_aware = false;  ///< KIP-1123
};

/// A plain value. A second assign() allocates nothing if there are not more partitions.
class Candidates {
public:
    /// `count`: of all partitions of the topic, 0 if that is not known. `available`: those with a
    /// leader, best ascending; what is given twice or is out of range is ignored. Without one, all
    /// partitions are candidates: a leader will come. Throws std::bad_alloc.
    void assign(std::int32_t count, std::span<const PartitionState> available,
                CandidateRules rules);

    /// Of the topic, with or without leader.
    [[nodiscard]] std::int32_t count() const noexcept { return count_; }
    /// Ascending.
    [[nodiscard]] std::span<const std::int32_t> partitions() const noexcept { return ids_; }
    [[nodiscard]] std::size_t size() const noexcept { return ids_.size(); }
    /// Whether they are all partitions of the topic: then the nth candidate is partition n.
    [[nodiscard]] bool everyone() const noexcept {
        return ids_.size() == static_cast<std::size_t>(count_);
    }
    [[nodiscard]] bool contains(std::int32_t partition) const noexcept;
    [[nodiscard]] bool same_partitions(const Candidates& other) const noexcept {
        return count_ == other.count_ && ids_ == other.ids_;
    }
    [[nodiscard]] bool same_weights(const Candidates& other) const noexcept {
        return cumulative_ == other.cumulative_;
    }

    /// By weight; -1 if there is none. With the same 31-bit number Java chooses the same.
    [[nodiscard]] std::int32_t pick(std::uint64_t random) const noexcept;
    /// Without weights, and another than `before` if there is another (KIP-480).
    [[nodiscard]] std::int32_t pick_other(std::uint64_t random, std::int32_t before) const noexcept;

private:
    void keep_valid(std::span<const PartitionState> available);
    void weigh();

    std::int32_t count_ = 0;
    std::vector<std::int32_t> ids_;
    /// The weights up to and including each candidate's; empty: all the same.
    std::vector<std::uint64_t> cumulative_;
    std::vector<PartitionState> states_;  // of ids_, while assigning
};

}  // namespace kafka::core
