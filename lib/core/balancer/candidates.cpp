// SPDX-License-Identifier: Apache-2.0
#include "core/balancer/candidates.hpp"

#include <algorithm>
#include <numeric>

namespace kafka::core {
namespace {

/// Keeps those that fit, unless none does.
template <class Fits>
void prefer(std::vector<PartitionState>& states, Fits fits) {
    if (std::none_of(states.begin(), states.end(), fits)) return;
    std::erase_if(states, [&](const PartitionState& state) { return !fits(state); });
}

}  // namespace

void Candidates::assign(std::int32_t count, std::span<const PartitionState> available,
                        CandidateRules rules) {
    count_ = std::max(count, 0);
    keep_valid(available);
    if (rules.adaptive) prefer(states_, [](const PartitionState& state) { return !state.lagging; });
    // As in Java, queues say nothing while all brokers lag.
    const bool weighed = rules.adaptive && !states_.empty() && !states_.front().lagging;
    if (rules.rack_aware)
        prefer(states_, [](const PartitionState& state) { return state.in_rack; });
    cumulative_.clear();
    if (states_.empty()) {
        ids_.resize(static_cast<std::size_t>(count_));
        std::iota(ids_.begin(), ids_.end(), 0);
        return;
    }
    ids_.clear();
    for (const auto& state : states_)
        ids_.push_back(state.partition);
    if (weighed) weigh();
}

void Candidates::keep_valid(std::span<const PartitionState> available) {
    constexpr auto before = [](const PartitionState& a, const PartitionState& b) {
        return a.partition < b.partition;
    };
    states_.clear();
    for (const auto& state : available)
        if (state.partition >= 0 && state.partition < count_) states_.push_back(state);
    if (!std::is_sorted(states_.begin(), states_.end(), before))
        std::sort(states_.begin(), states_.end(), before);
    states_.erase(std::unique(states_.begin(), states_.end(),
                              [](const PartitionState& a, const PartitionState& b) {
                                  return a.partition == b.partition;
                              }),
                  states_.end());
}

// KIP-794: a partition's weight is by how much its queue is shorter than one above the longest.
void Candidates::weigh() {
    std::uint64_t shortest = UINT32_MAX;
    std::uint64_t longest = 0;
    for (const auto& state : states_) {
        shortest = std::min<std::uint64_t>(shortest, state.queued);
        longest = std::max<std::uint64_t>(longest, state.queued);
    }
    if (shortest == longest) return;
    std::uint64_t sum = 0;
    for (const auto& state : states_)
        cumulative_.push_back(sum += longest + 1 - state.queued);
}

bool Candidates::contains(std::int32_t partition) const noexcept {
    return everyone() ? partition >= 0 && partition < count_
                      : std::binary_search(ids_.begin(), ids_.end(), partition);
}

std::int32_t Candidates::pick(std::uint64_t random) const noexcept {
    if (ids_.empty()) return -1;
    if (cumulative_.empty()) return ids_[random % ids_.size()];
    const auto at =
        std::upper_bound(cumulative_.begin(), cumulative_.end(), random % cumulative_.back());
    return ids_[static_cast<std::size_t>(at - cumulative_.begin())];
}

std::int32_t Candidates::pick_other(std::uint64_t random, std::int32_t before) const noexcept {
    if (ids_.empty()) return -1;
    const auto found = std::lower_bound(ids_.begin(), ids_.end(), before);
    if (ids_.size() == 1 || found == ids_.end() || *found != before)
        return ids_[random % ids_.size()];
    const auto skipped = static_cast<std::size_t>(found - ids_.begin());
    const auto at = random % (ids_.size() - 1);
    return ids_[at < skipped ? at : at + 1];
}

}  // namespace kafka::core
