// SPDX-License-Identifier: Apache-2.0
#include "core/produce/partition_queue.hpp"

namespace kafka::core {
namespace {

void strip_one(ProduceEntry& entry) noexcept {
    entry.producer_id = -1;
    entry.producer_epoch = -1;
    entry.base_sequence = -1;
    entry.wire = {};
}

}  // namespace

void ProducePartition::push_back(ProduceEntry& entry) {
    queue.push_back(&entry);
    bytes += entry.size;
    records += entry.count;
    ++entry.batch->entries_;
}

void ProducePartition::erase(std::size_t index) noexcept {
    const auto* entry = queue[index];
    bytes -= entry->size;
    records -= entry->count;
    --entry->batch->entries_;
    // Those before it move up: it is near the front, and a backlog may be behind.
    for (; index > 0; --index)
        queue[index] = queue[index - 1];
    queue.pop_front();
}

void ProducePartition::insert(std::size_t index, ProduceEntry& entry) {
    push_back(entry);
    for (auto i = queue.size() - 1; i > index; --i)
        queue[i] = queue[i - 1];
    queue[index] = &entry;
}

std::size_t ProducePartition::index_of(const ProduceEntry& entry) const noexcept {
    std::size_t index = 0;
    while (queue[index] != &entry)
        ++index;
    return index;
}

void ProducePartition::landed(ProduceEntry& entry) noexcept {
    entry.flying = false;
    if (--flying == 0) flying_to = nullptr;
}

void ProducePartition::renumber() noexcept {
    std::size_t from = 0;
    auto next = sequences.floor();
    for (std::size_t i = 0; i < queue.size(); ++i) {
        if (!queue[i]->numbered() || !queue[i]->maybe_stored) continue;
        from = i + 1;
        const auto end = sequence_after(queue[i]->base_sequence, queue[i]->count);
        // What came behind it may have been acknowledged already.
        if (sequence_before(next, end)) next = end;
    }
    for (auto i = from; i < queue.size(); ++i)
        if (queue[i]->numbered()) strip_one(*queue[i]);
    sequences.renumbered(next);
}

bool ProducePartition::blocked() const noexcept {
    bool unnumbered = false;
    for (const auto* entry : queue) {
        if (!entry->numbered())
            unnumbered = true;
        else if (unnumbered && entry->maybe_stored)
            return true;
    }
    return false;
}

void ProducePartition::strip() noexcept {
    for (auto* entry : queue)
        if (entry->numbered()) strip_one(*entry);
}

}  // namespace kafka::core
