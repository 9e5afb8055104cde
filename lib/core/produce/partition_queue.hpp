// SPDX-License-Identifier: Apache-2.0
// ProducePartition: the batches of one partition in their order, of which the first few fly.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/ring.hpp"
#include "core/produce/produce_batch.hpp"
#include "core/produce/sequence_state.hpp"
#include "core/time.hpp"

namespace kafka::core {

struct ProduceBroker;

/// Entries that fly come before those that wait, but while it `drains`: a batch that has to be sent
/// again waits until all that flew with it are back, and nothing newer goes before it.
struct ProducePartition {
    ProducePartition(TopicIndex of, std::int32_t n) : topic(of), number(n) {}

    const TopicIndex topic;
    const std::int32_t number;
    ProduceBroker* leader = nullptr;
    std::int32_t leader_epoch = -1;
    bool doubted = false;  // the leader said that it is none: not before there is news

    Ring<ProduceEntry*> queue;
    unsigned flying = 0;
    const ProduceBroker* flying_to = nullptr;  // all of them
    bool drains = false;
    std::size_t bytes = 0;
    std::int64_t records = 0;

    Sequences sequences;
    unsigned failures = 0;  // in a row
    Time not_before{};
    bool listed = false;  // among its leader's ready ones
    bool asleep = false;  // among those that wait for a time

    [[nodiscard]] std::size_t waiting() const noexcept { return queue.size() - flying; }
    void push_back(ProduceEntry& entry);
    /// O(its distance from the front).
    void erase(std::size_t index) noexcept;
    void erase(const ProduceEntry& entry) noexcept { erase(index_of(entry)); }
    /// Puts `entry` before what stands at `index`. O(what stands behind).
    void insert(std::size_t index, ProduceEntry& entry);
    [[nodiscard]] std::size_t index_of(const ProduceEntry& entry) const noexcept;

    /// An entry of the queue is no longer in a request.
    void landed(ProduceEntry& entry) noexcept;
    /// Numbers anew what a batch that was not stored left behind, where that is safe: what may be
    /// stored keeps its number, and so does all before it. Only when nothing flies.
    void renumber() noexcept;
    /// An entry without a number stands before one that may be stored under its number.
    [[nodiscard]] bool blocked() const noexcept;
    /// Takes the numbers away from all entries.
    void strip() noexcept;
};

}  // namespace kafka::core
