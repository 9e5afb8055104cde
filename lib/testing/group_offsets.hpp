// SPDX-License-Identifier: Apache-2.0
// What groups have committed, and what transactions are about to commit for them. There is no
// membership: every group is one that somebody manages by hand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <kafka/broker_errc.hpp>

namespace kafka::testing {

struct CommittedOffset {
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
    std::string metadata = {};
    std::uint64_t order = 0;  // of its commit
};

class GroupOffsets {
public:
    using Key = std::pair<std::string, std::int32_t>;  // topic and partition
    using Offsets = std::map<Key, CommittedOffset>;

    /// The partition of Kafka's offsets topic in which a group is.
    [[nodiscard]] static std::int32_t partition_of(std::string_view group) noexcept;

    void commit(const std::string& group, const Key& key, CommittedOffset offset);
    /// Is for the end of the producer's transaction.
    void commit_later(const std::string& group, const Key& key, CommittedOffset offset,
                      std::int64_t producer_id);
    /// What Kafka's log says of a producer: invalid_producer_epoch if it was fenced.
    [[nodiscard]] broker_errc check(std::int32_t partition, std::int64_t producer_id,
                                    std::int16_t epoch) const;
    /// Its transaction has offsets in that partition.
    [[nodiscard]] bool in_transaction(std::int32_t partition, std::int64_t producer_id,
                                      std::int16_t epoch) const;
    void began(std::int32_t partition, std::int64_t producer_id, std::int16_t epoch);
    /// The marker: what waited in that partition is committed, or gone.
    void ended(std::int32_t partition, std::int64_t producer_id, std::int16_t epoch, bool commit);

    [[nodiscard]] bool has(const std::string& group) const { return groups_.count(group) > 0; }
    /// Null if there is none.
    [[nodiscard]] const CommittedOffset* find(const std::string& group, const Key& key) const;
    /// Of the group; null if there is no such group.
    [[nodiscard]] const Offsets* all(const std::string& group) const;
    /// A transaction that has not ended is about to commit it.
    [[nodiscard]] bool unstable(const std::string& group, const Key& key) const;
    /// The topic was deleted.
    void forget(std::string_view topic);

private:
    struct Group {
        Offsets committed;
        std::map<std::int64_t, Offsets> pending;  // by producer id
    };
    struct Producer {
        std::int16_t epoch = -1;
        bool open = false;
    };

    std::map<std::string, Group, std::less<>> groups_;
    std::map<std::pair<std::int32_t, std::int64_t>, Producer> producers_;
    std::uint64_t order_ = 0;
};

}  // namespace kafka::testing
