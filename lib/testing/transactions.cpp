// SPDX-License-Identifier: Apache-2.0
#include "testing/transactions.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "testing/cluster.hpp"
#include "testing/group_offsets.hpp"

namespace kafka::testing {
namespace {

constexpr auto largest_epoch = std::numeric_limits<std::int16_t>::max();

bool ending(TransactionState state) {
    return state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
}

// Kafka remembers the producer id that was there before the last change.
void change(Transaction& transaction, TransactionState state) {
    transaction.last_producer_id = transaction.producer_id;
    transaction.state = state;
}

// The last epoch of one producer id, and the next one's first.
bool rotated(const Transaction& transaction, Identity producer) {
    return transaction.last_producer_id == producer.producer_id &&
           producer.epoch == largest_epoch - 1 && transaction.epoch == 0;
}

// An EndTxn that has come before: its answer was a new epoch (KIP-890).
bool repeated(const Transaction& transaction, Identity producer) {
    return rotated(transaction, producer) || transaction.epoch == producer.epoch + 1;
}

bool valid_epoch(const Transaction& transaction, Identity producer) {
    const bool same = transaction.epoch == producer.epoch;
    if (ending(transaction.state)) return transaction.epoch == producer.epoch + 1;
    const bool complete = transaction.state == TransactionState::complete_commit ||
                          transaction.state == TransactionState::complete_abort;
    return same || (complete && repeated(transaction, producer));
}

std::vector<std::uint8_t> marker(const Transaction& transaction, Now now) {
    const bool commit = transaction.state == TransactionState::prepare_commit;
    const auto key = protocol::transaction_end_key(commit);
    const auto value = protocol::transaction_end_value(0);
    protocol::RecordBatchBuilder builder;
    static_cast<void>(
        builder.append(protocol::RecordRef{.key = std::span<const std::uint8_t>(key),
                                           .value = std::span<const std::uint8_t>(value),
                                           .headers = {},
                                           .timestamp = now.wall_ms}));
    const auto sealed = builder.seal({.producer_id = transaction.producer_id,
                                      .producer_epoch = transaction.epoch,
                                      .transactional = true,
                                      .control = true});
    return {sealed.begin(), sealed.end()};
}

}  // namespace

std::string_view to_string(TransactionState state) noexcept {
    constexpr std::array<std::string_view, 6> names{
        "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"};
    return names[static_cast<std::size_t>(state)];
}

broker_errc Transactions::check(std::int32_t broker, const std::string& id) const {
    if (id.empty()) return broker_errc::invalid_request;
    const auto* coordinator = cluster_.coordinator(CoordinatorOf::transaction, id);
    return coordinator && coordinator->id == broker ? broker_errc::none
                                                    : broker_errc::not_coordinator;
}

Transaction* Transactions::known(const std::string& id) {
    const auto at = all_.find(id);
    return at == all_.end() ? nullptr : &at->second;
}

bool Transactions::coordinated(const std::string& id) const {
    const auto* coordinator = cluster_.coordinator(CoordinatorOf::transaction, id);
    return coordinator && !coordinator->paused;
}

const Transaction* Transactions::find(std::int32_t broker, const std::string& id,
                                      broker_errc& error) const {
    error = check(broker, id);
    if (error != broker_errc::none) return nullptr;
    const auto at = all_.find(id);
    if (at != all_.end()) return &at->second;
    error = broker_errc::transactional_id_not_found;
    return nullptr;
}

Identity Transactions::init(std::int32_t broker, const std::string& id, std::int32_t timeout_ms,
                            Identity wanted, Now now) {
    if (const auto error = check(broker, id); error != broker_errc::none) return {error};
    auto* found = known(id);
    if (!found) {
        found = &all_[id];
        found->producer_id = cluster_.new_producer_id();
    }
    auto& transaction = *found;
    const bool expects = wanted.producer_id >= 0;
    const bool its_own =
        !expects || transaction.epoch == -1 || wanted.producer_id == transaction.producer_id ||
        (wanted.producer_id == transaction.last_producer_id && wanted.epoch >= largest_epoch - 1);
    if (!its_own) return {broker_errc::producer_fenced};
    if (ending(transaction.state)) return {broker_errc::concurrent_transactions};
    if (transaction.state == TransactionState::ongoing) {
        fence(id, transaction, now);
        return {broker_errc::concurrent_transactions};
    }
    const auto before = transaction;
    change(transaction, TransactionState::empty);
    if (before.exhausted() && (!expects || wanted.epoch == before.epoch)) {
        transaction.producer_id = cluster_.new_producer_id();
        transaction.epoch = 0;
        transaction.last_epoch = expects ? before.epoch : std::int16_t{-1};
    } else if (!expects) {
        ++transaction.epoch;
        transaction.last_epoch = -1;
    } else if (before.epoch == -1 || wanted.epoch == before.epoch) {
        ++transaction.epoch;
        transaction.last_epoch = before.epoch;
    } else if (wanted.epoch != before.last_epoch) {
        transaction = before;
        return {broker_errc::producer_fenced};
    }  // else a request that comes again: the answer as well
    transaction.timeout_ms = timeout_ms;
    transaction.partitions.clear();
    transaction.began_ms = -1;
    return {broker_errc::none, transaction.producer_id, transaction.epoch};
}

broker_errc Transactions::add(std::int32_t broker, const std::string& id, Identity producer,
                              const std::set<PartitionName>& partitions, bool bumps, Now now) {
    if (const auto error = check(broker, id); error != broker_errc::none) return error;
    auto* transaction = known(id);
    if (!transaction || transaction->producer_id != producer.producer_id) {
        return broker_errc::invalid_producer_id_mapping;
    }
    if (transaction->epoch != producer.epoch) return broker_errc::producer_fenced;
    if (ending(transaction->state)) return broker_errc::concurrent_transactions;
    auto& held = transaction->partitions;
    const bool ongoing = transaction->state == TransactionState::ongoing;
    if (ongoing && std::includes(held.begin(), held.end(), partitions.begin(), partitions.end())) {
        return broker_errc::none;
    }
    if (!ongoing) {
        transaction->began = now.time;
        transaction->began_ms = now.wall_ms;
        active_.insert(id);
    }
    change(*transaction, TransactionState::ongoing);
    held.insert(partitions.begin(), partitions.end());
    transaction->bumps = bumps;
    return broker_errc::none;
}

broker_errc Transactions::verify(std::int32_t broker, const std::string& id, Identity producer,
                                 const PartitionName& partition) const {
    if (const auto error = check(broker, id); error != broker_errc::none) return error;
    const auto at = all_.find(id);
    if (at == all_.end() || at->second.producer_id != producer.producer_id) {
        return broker_errc::invalid_producer_id_mapping;
    }
    const auto& transaction = at->second;
    if (transaction.epoch != producer.epoch) return broker_errc::producer_fenced;
    if (ending(transaction.state)) return broker_errc::concurrent_transactions;
    return transaction.partitions.count(partition) ? broker_errc::none
                                                   : broker_errc::transaction_abortable;
}

broker_errc Transactions::admit(const std::string& id, Identity producer,
                                const PartitionName& partition, bool adds, Now now) {
    const auto* coordinator = cluster_.coordinator(CoordinatorOf::transaction, id);
    if (!coordinator || coordinator->paused) return broker_errc::coordinator_not_available;
    if (!adds) return verify(coordinator->id, id, producer, partition);
    return add(coordinator->id, id, producer, {partition}, true, now);
}

// What an EndTxn is answered at once; none: the transaction is to end.
broker_errc Transactions::check_end(const Transaction& transaction, Identity producer, bool commit,
                                    bool bumps) const {
    using State = TransactionState;
    if (transaction.producer_id != producer.producer_id &&
        !(bumps && rotated(transaction, producer))) {
        return broker_errc::invalid_producer_id_mapping;
    }
    if (bumps ? !valid_epoch(transaction, producer) : transaction.epoch != producer.epoch) {
        return broker_errc::producer_fenced;
    }
    const bool same_end =
        transaction.state == (commit ? State::prepare_commit : State::prepare_abort);
    switch (transaction.state) {
        case State::ongoing:
            return broker_errc::none;
        case State::prepare_commit:
        case State::prepare_abort:
            return same_end ? broker_errc::concurrent_transactions : broker_errc::invalid_txn_state;
        case State::empty:
        case State::complete_commit:
        case State::complete_abort:
            break;
    }
    // KIP-890: a transaction without partitions may be aborted; its coordinator knows nothing.
    const bool again = repeated(transaction, producer);
    return bumps && !commit && !again ? broker_errc::none : broker_errc::invalid_txn_state;
}

Identity Transactions::end(std::int32_t broker, const std::string& id, Identity producer,
                           bool commit, bool bumps, Now now) {
    if (const auto error = check(broker, id); error != broker_errc::none) return {error};
    auto* transaction = known(id);
    if (!transaction) return {broker_errc::invalid_producer_id_mapping};
    const auto error = check_end(*transaction, producer, commit, bumps);
    if (error == broker_errc::none) {
        prepare(id, *transaction, commit, bumps, now);
        Identity identity{broker_errc::none, transaction->producer_id, transaction->epoch};
        if (transaction->next_producer_id >= 0) {
            identity = {broker_errc::none, transaction->next_producer_id, 0};
        }
        on_time(now);
        return identity;
    }
    // A repeated request is told again what was said.
    const auto done = commit ? TransactionState::complete_commit : TransactionState::complete_abort;
    const bool again = bumps ? repeated(*transaction, producer)
                             : transaction->epoch == producer.epoch &&
                                   transaction->producer_id == producer.producer_id;
    if (error == broker_errc::invalid_txn_state && transaction->state == done && again) {
        return {broker_errc::none, transaction->producer_id, transaction->epoch};
    }
    return {error};
}

void Transactions::prepare(const std::string& id, Transaction& transaction, bool commit, bool bumps,
                           Now now) {
    if (bumps) {
        if (transaction.exhausted()) transaction.next_producer_id = cluster_.new_producer_id();
        transaction.last_epoch = transaction.epoch;
        if (transaction.epoch < largest_epoch) ++transaction.epoch;
    }
    if (transaction.state != TransactionState::ongoing) transaction.began_ms = now.wall_ms;
    transaction.bumps = bumps;
    change(transaction,
           commit ? TransactionState::prepare_commit : TransactionState::prepare_abort);
    transaction.markers_at = now.time + cluster_.options().transaction_marker_delay;
    active_.insert(id);
}

// Aborts a transaction that is in the way, with an epoch that keeps its producer out. In version 2
// the end brings that by itself, and the producer may ask for its new epoch.
void Transactions::fence(const std::string& id, Transaction& transaction, Now now) {
    const bool bumps = cluster_.options().transaction_version >= 2;
    if (!bumps) {
        if (transaction.epoch < largest_epoch) ++transaction.epoch;
        transaction.last_epoch = -1;
    }
    prepare(id, transaction, false, bumps, now);
    on_time(now);
}

Time Transactions::next_deadline() const {
    auto next = never;
    for (const auto& id : active_) {
        const auto& transaction = all_.find(id)->second;
        // What waits for a leader or for its coordinator is looked at when that changes.
        if (!coordinated(id)) continue;
        if (transaction.state == TransactionState::ongoing) {
            next = std::min(next,
                            transaction.began + std::chrono::milliseconds(transaction.timeout_ms));
        } else {
            next = std::min(next, transaction.markers_at);
        }
    }
    return next;
}

void Transactions::on_time(Now now) {
    for (const auto& id : std::set(active_)) {
        auto& transaction = all_.find(id)->second;
        if (!coordinated(id)) continue;
        const auto timeout = std::chrono::milliseconds(transaction.timeout_ms);
        if (transaction.state == TransactionState::ongoing) {
            if (now.time >= transaction.began + timeout) fence(id, transaction, now);
        } else if (ending(transaction.state) &&
                   (transaction.markers_at == never || now.time >= transaction.markers_at)) {
            write_markers(id, transaction, now);
        }
    }
}

void Transactions::write_markers(const std::string& id, Transaction& transaction, Now now) {
    transaction.markers_at = never;
    std::erase_if(transaction.partitions,
                  [&](const PartitionName& name) { return write_marker(transaction, name, now); });
    if (!transaction.partitions.empty()) return;
    change(transaction, transaction.state == TransactionState::prepare_commit
                            ? TransactionState::complete_commit
                            : TransactionState::complete_abort);
    if (transaction.next_producer_id >= 0) {
        transaction.producer_id = std::exchange(transaction.next_producer_id, -1);
        transaction.epoch = 0;
    }
    active_.erase(id);
}

// False if nobody is there to take it.
bool Transactions::write_marker(const Transaction& transaction, const PartitionName& name,
                                Now now) {
    const bool commit = transaction.state == TransactionState::prepare_commit;
    if (name.first == offsets_topic) {
        cluster_.offsets().ended(name.second, transaction.producer_id, transaction.epoch, commit);
        return true;
    }
    auto* topic = cluster_.find(std::string_view(name.first));
    auto* partition = topic ? topic->partition(name.second) : nullptr;
    if (!partition) return true;  // deleted meanwhile
    const auto* leader = cluster_.node(partition->leader);
    if (!leader || !leader->alive || leader->paused) return false;
    auto& producers = partition->producers;
    if (!producers.takes_marker(transaction.producer_id, transaction.epoch, transaction.bumps)) {
        return true;
    }
    const auto offset = partition->log.end_offset();
    static_cast<void>(partition->log.append(marker(transaction, now), 1, now.wall_ms));
    producers.ended(transaction.producer_id, transaction.epoch, commit, offset);
    cluster_.wake(*partition);
    return true;
}

}  // namespace kafka::testing
