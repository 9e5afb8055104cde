// SPDX-License-Identifier: Apache-2.0
#include "core/coordinator_cache.hpp"

#include <algorithm>
#include <utility>

namespace kafka::core {
namespace {

// Beyond so many the ones longest unused go: a program may name a new group for every request.
constexpr std::size_t most_entries = 10'000;

}  // namespace

CoordinatorCache::Type CoordinatorCache::type_of(Destination to) noexcept {
    if (to == Destination::transaction) return Type::transaction;
    return to == Destination::share ? Type::share : Type::group;
}

const CoordinatorCache::Entry& CoordinatorCache::find(Type type, std::string_view key, Time now) {
    auto at = entries_.find(Less::View(type, key));
    if (at == entries_.end()) {
        if (entries_.size() >= most_entries) {
            std::vector<Time> used;
            for (const auto& [other, entry] : entries_)
                used.push_back(entry.used);
            const auto middle = used.begin() + static_cast<std::ptrdiff_t>(used.size() / 2);
            std::nth_element(used.begin(), middle, used.end());
            std::erase_if(entries_, [&](const auto& e) {
                return e.second.used <= *middle && !e.second.looking;
            });
        }
        at = entries_.try_emplace(Key(type, key)).first;
    }
    auto& entry = at->second;
    entry.used = now;
    if (entry.broker < 0 && !entry.looking) want(entry);
    return entry;
}

void CoordinatorCache::want(Entry& entry) {
    entry.wanted = true;
    due_ = std::min(due_, entry.not_before);
}

void CoordinatorCache::pause(Entry& entry, Time now, double random) {
    ++entry.failures;
    entry.not_before = now + retry_.delay(entry.failures, random);
}

void CoordinatorCache::forget(Type type, std::string_view key, Time now, double random) {
    const auto at = entries_.find(Less::View(type, key));
    if (at == entries_.end() || at->second.broker < 0) return;
    at->second.broker = -1;
    pause(at->second, now, random);
}

void CoordinatorCache::forget_broker(std::int32_t broker) {
    for (auto& [key, entry] : entries_)
        if (entry.broker == broker) entry.broker = -1;
}

void CoordinatorCache::clear() {
    for (auto& [key, entry] : entries_) {
        entry.broker = -1;
        if (std::exchange(entry.looking, false)) want(entry);
    }
}

std::vector<std::string> CoordinatorCache::take_wanted(Type type, Time now) {
    std::vector<std::string> keys;
    due_ = never;
    for (auto& [key, entry] : entries_) {
        if (!entry.wanted) continue;
        if (key.first == type && entry.not_before <= now) {
            entry.wanted = false;
            entry.looking = true;
            keys.push_back(key.second);
        } else {
            due_ = std::min(due_, entry.not_before);
        }
    }
    return keys;
}

void CoordinatorCache::update(Type type, const std::vector<std::string>& asked,
                              const protocol::FindCoordinatorResponse& answer, Metadata& metadata,
                              Time now, double random) {
    for (const auto& key : asked) {
        const auto at = entries_.find(Less::View(type, key));
        if (at == entries_.end()) continue;
        auto& entry = at->second;
        if (!std::exchange(entry.looking, false)) continue;
        entry.answered = now;
        // Rows for keys that were not asked for, and keys without a row, count for nothing.
        const auto row = std::find_if(answer.coordinators.begin(), answer.coordinators.end(),
                                      [&](const auto& r) { return r.key == key; });
        const auto code = row == answer.coordinators.end() ? std::int16_t{0} : row->error_code;
        entry.error = code != 0 && !is_retriable(broker_error(code)) ? code : std::int16_t{0};
        const bool usable = row != answer.coordinators.end() && code == 0 && row->node_id >= 0 &&
                            usable_address(row->host, row->port);
        if (!usable) {
            pause(entry, now, random);
            continue;
        }
        entry.broker = row->node_id;
        entry.failures = 0;
        (void)metadata.learn(
            {row->node_id, row->host, static_cast<std::uint16_t>(row->port), std::nullopt});
    }
}

void CoordinatorCache::failed(Type type, const std::vector<std::string>& asked, Time now,
                              double random) {
    for (const auto& key : asked)
        if (const auto at = entries_.find(Less::View(type, key)); at != entries_.end()) {
            at->second.looking = false;
            pause(at->second, now, random);
        }
}

}  // namespace kafka::core
