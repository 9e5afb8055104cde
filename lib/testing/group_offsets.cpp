// SPDX-License-Identifier: Apache-2.0
#include "testing/group_offsets.hpp"

namespace kafka::testing {

std::int32_t GroupOffsets::partition_of(std::string_view group) noexcept {
    // Java's String.hashCode(), over offsets.topic.num.partitions.
    constexpr std::uint32_t partitions = 50;
    std::uint32_t hash = 0;
    for (const char c : group)
        hash = 31 * hash + static_cast<std::uint8_t>(c);
    const auto positive = static_cast<std::int32_t>(hash) == INT32_MIN ? 0
                          : static_cast<std::int32_t>(hash) < 0        ? 0 - hash
                                                                       : hash;
    return static_cast<std::int32_t>(positive % partitions);
}

void GroupOffsets::commit(const std::string& group, const Key& key, CommittedOffset offset) {
    offset.order = ++order_;
    groups_[group].committed.insert_or_assign(key, std::move(offset));
}

void GroupOffsets::commit_later(const std::string& group, const Key& key, CommittedOffset offset,
                                std::int64_t producer_id) {
    offset.order = ++order_;
    groups_[group].pending[producer_id].insert_or_assign(key, std::move(offset));
}

broker_errc GroupOffsets::check(std::int32_t partition, std::int64_t producer_id,
                                std::int16_t epoch) const {
    const auto found = producers_.find({partition, producer_id});
    return found != producers_.end() && epoch < found->second.epoch
               ? broker_errc::invalid_producer_epoch
               : broker_errc::none;
}

bool GroupOffsets::in_transaction(std::int32_t partition, std::int64_t producer_id,
                                  std::int16_t epoch) const {
    const auto found = producers_.find({partition, producer_id});
    return found != producers_.end() && found->second.open && found->second.epoch == epoch;
}

void GroupOffsets::began(std::int32_t partition, std::int64_t producer_id, std::int16_t epoch) {
    producers_[{partition, producer_id}] = {epoch, true};
}

void GroupOffsets::ended(std::int32_t partition, std::int64_t producer_id, std::int16_t epoch,
                         bool commit) {
    producers_[{partition, producer_id}] = {epoch, false};
    for (auto& [name, group] : groups_) {
        if (partition_of(name) != partition) continue;
        const auto found = group.pending.find(producer_id);
        if (found == group.pending.end()) continue;
        for (auto& [key, offset] : found->second) {
            if (!commit) break;
            // The order is that of the log: what was committed meanwhile came later.
            auto& committed = group.committed[key];
            if (committed.order < offset.order) committed = std::move(offset);
        }
        group.pending.erase(found);
    }
}

const CommittedOffset* GroupOffsets::find(const std::string& group, const Key& key) const {
    const auto* offsets = all(group);
    if (!offsets) return nullptr;
    const auto found = offsets->find(key);
    return found == offsets->end() ? nullptr : &found->second;
}

const GroupOffsets::Offsets* GroupOffsets::all(const std::string& group) const {
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : &found->second.committed;
}

bool GroupOffsets::unstable(const std::string& group, const Key& key) const {
    const auto found = groups_.find(group);
    if (found == groups_.end()) return false;
    for (const auto& [producer, offsets] : found->second.pending) {
        if (offsets.count(key)) return true;
    }
    return false;
}

void GroupOffsets::forget(std::string_view topic) {
    const auto of_topic = [&](const auto& entry) { return entry.first.first == topic; };
    for (auto& [name, group] : groups_) {
        std::erase_if(group.committed, of_topic);
        for (auto& [producer, offsets] : group.pending)
            std::erase_if(offsets, of_topic);
    }
}

}  // namespace kafka::testing
