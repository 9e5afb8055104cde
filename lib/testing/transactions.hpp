// SPDX-License-Identifier: Apache-2.0
// The transaction coordinators of the brokers (KIP-98, KIP-360, KIP-890). What they know is the
// cluster's, as if it were always replicated: a coordinator that moves loses nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <kafka/broker_errc.hpp>

#include "testing/now.hpp"

namespace kafka::testing {

class Cluster;
struct Partition;

enum class TransactionState : std::uint8_t {
    empty,
    ongoing,
    prepare_commit,
    prepare_abort,
    complete_commit,
    complete_abort,
};
/// As Kafka spells them, such as "PrepareCommit".
[[nodiscard]] std::string_view to_string(TransactionState state) noexcept;

/// A partition of a topic by name; groups are partitions of the topic `offsets_topic`.
using PartitionName = std::pair<std::string, std::int32_t>;
inline constexpr std::string_view offsets_topic = "__consumer_offsets";

/// What is known of a transactional id.
struct Transaction {
    std::int64_t producer_id = -1;
    std::int64_t last_producer_id = -1;  // before the last change of the state
    std::int64_t next_producer_id = -1;  // takes over when the transaction has ended; -1: none
    std::int16_t epoch = -1;
    std::int16_t last_epoch = -1;  // of the same producer, before its last bump (KIP-360)
    std::int32_t timeout_ms = 0;
    TransactionState state = TransactionState::empty;
    /// While it ends: those that have no marker yet.
    std::set<PartitionName> partitions;
    Time began = never;
    std::int64_t began_ms = -1;
    bool bumps = false;       // its end takes a new epoch (KIP-890)
    Time markers_at = never;  // while it ends

    /// Kafka leaves the last epoch for fencing.
    [[nodiscard]] bool exhausted() const noexcept { return epoch >= INT16_MAX - 1; }
};

/// Producer id and epoch, or an error.
struct Identity {
    broker_errc error = broker_errc::none;
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
};

class Transactions {
public:
    explicit Transactions(Cluster& cluster) : cluster_(cluster) {}

    /// `broker` is the one that is asked. The first five answer not_coordinator if it coordinates
    /// the transactional id no (more).

    /// InitProducerId; `known` is what the producer has, or -1 and -1.
    [[nodiscard]] Identity init(std::int32_t broker, const std::string& id, std::int32_t timeout_ms,
                                Identity known, Now now);
    /// AddPartitionsToTxn and AddOffsetsToTxn; `bumps` says who will end it: KIP-890 clients.
    [[nodiscard]] broker_errc add(std::int32_t broker, const std::string& id, Identity producer,
                                  const std::set<PartitionName>& partitions, bool bumps, Now now);
    /// Whether the transaction is under way and has the partition: transaction_abortable if not.
    [[nodiscard]] broker_errc verify(std::int32_t broker, const std::string& id, Identity producer,
                                     const PartitionName& partition) const;
    /// EndTxn. With `bumps` the identity is the one to go on with.
    [[nodiscard]] Identity end(std::int32_t broker, const std::string& id, Identity producer,
                               bool commit, bool bumps, Now now);
    /// Null, and the error, if there is none.
    [[nodiscard]] const Transaction* find(std::int32_t broker, const std::string& id,
                                          broker_errc& error) const;

    /// What the leader of a partition asks the coordinator, wherever that is, before it takes the
    /// first batch of a transaction: a client of KIP-890 (`adds`) does not add the partition.
    [[nodiscard]] broker_errc admit(const std::string& id, Identity producer,
                                    const PartitionName& partition, bool adds, Now now);

    [[nodiscard]] const std::map<std::string, Transaction, std::less<>>& all() const noexcept {
        return all_;
    }
    [[nodiscard]] Time next_deadline() const;
    /// Aborts what took too long, and writes markers whose time has come. Also to be called when
    /// leaders have changed.
    void on_time(Now now);

private:
    [[nodiscard]] broker_errc check(std::int32_t broker, const std::string& id) const;
    [[nodiscard]] Transaction* known(const std::string& id);
    [[nodiscard]] broker_errc check_end(const Transaction& transaction, Identity producer,
                                        bool commit, bool bumps) const;
    [[nodiscard]] bool coordinated(const std::string& id) const;
    void prepare(const std::string& id, Transaction& transaction, bool commit, bool bumps, Now now);
    void fence(const std::string& id, Transaction& transaction, Now now);
    void write_markers(const std::string& id, Transaction& transaction, Now now);
    [[nodiscard]] bool write_marker(const Transaction& transaction, const PartitionName& name,
                                    Now now);

    Cluster& cluster_;
    std::map<std::string, Transaction, std::less<>> all_;
    std::set<std::string, std::less<>> active_;  // ongoing, or waiting for markers
};

}  // namespace kafka::testing
