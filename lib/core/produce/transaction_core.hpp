// SPDX-License-Identifier: Apache-2.0
// TransactionCore: the producer's side of transactions (KIP-98, KIP-360, KIP-890), without I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <kafka/protocol/add_offsets_to_txn.hpp>
#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>
#include <kafka/result.hpp>

#include "base/backoff.hpp"
#include "base/ring.hpp"
#include "core/broker_pool.hpp"
#include "core/produce/produce_gate.hpp"
#include "core/time.hpp"

namespace kafka::core {

struct TransactionLimits {
    std::string transactional_id;
    milliseconds timeout{60'000};  ///< after which the coordinator aborts by itself
    Backoff retry{};
    std::uint64_t seed = 1;
};

/// Offsets to commit with a transaction, and who reads.
struct TransactionOffsets {
    std::string group;
    std::int32_t generation = -1;
    std::string member;
    std::optional<std::string> instance;
    /// Names, and ids where they are known: without, an older version is spoken.
    std::vector<protocol::TxnOffsetCommitRequest::Topic> topics;
};

enum class TransactionState : std::uint8_t {
    none,          ///< no producer id yet
    initializing,  ///< one is asked for
    ready,         ///< between transactions
    open,          ///< in a transaction
    failed,        ///< in a transaction that can only be aborted: see failure()
    finishing,     ///< waits for the batches, to commit or abort
    ending,        ///< EndTxn
    fatal,         ///< the end: see failure()
};

/// One operation at a time, each with a deadline, ended by a Done. Not thread-safe.
///
/// The outcome of an EndTxn whose answer was lost is not known, and it is not sent again: it may be
/// late, and end a later transaction (KAFKA-17754). The commit ends as `unknown`, and the producer
/// is initialised anew without naming its old id, as if the process had been restarted; what was
/// late is fenced then.
class TransactionCore final : public ProduceGate {
public:
    enum class Operation : std::uint8_t { none, init, begin, offsets, commit, abort };
    enum class Result : std::uint8_t {
        success,
        failed,   ///< did not happen
        unknown,  ///< commit only: may have happened
    };
    using Request =
        std::variant<protocol::InitProducerIdRequest, protocol::AddPartitionsToTxnRequest,
                     protocol::AddOffsetsToTxnRequest, protocol::TxnOffsetCommitRequest,
                     protocol::EndTxnRequest>;
    using Response =
        std::variant<protocol::InitProducerIdResponse, protocol::AddPartitionsToTxnResponse,
                     protocol::AddOffsetsToTxnResponse, protocol::TxnOffsetCommitResponse,
                     protocol::EndTxnResponse>;

    // Actions.
    /// To the transaction's coordinator, TxnOffsetCommit to the group's. Ends with on_answer() or
    /// on_failed(). Must not be sent twice below this.
    struct Send {
        std::uint64_t id;
        Request request;
        std::int16_t oldest_version;  ///< of the API, for what the transaction's kind needs
        std::int16_t newest_version;
    };
    struct Done {
        Operation operation;
        Result result;
        Failure failure;
    };
    /// For ProduceCore: on_gate().
    struct GateChanged {};
    /// For ProduceCore: abort_waiting(why), and then on_flushed() here when all is reported.
    struct AbortBatches {
        Failure why;
    };
    using Action = std::variant<Send, Done, GateChanged, AbortBatches>;

    explicit TransactionCore(TransactionLimits limits)
        : limits_(std::move(limits)), random_(limits_.seed) {}

    // Operations; the next transaction begins after the last one's batches were all reported.
    // Refused at once (with a Done) where the state does not allow them.
    void init(Time now, Time deadline);
    /// `v2`: the cluster's finalized transaction.version is 2 or more (KIP-890).
    void begin(bool v2, Time now, Time deadline);
    void send_offsets(TransactionOffsets offsets, Time now, Time deadline);
    /// Both wait for on_flushed(): everything of this transaction has been reported.
    void commit(Time now, Time deadline);
    void abort(Time now, Time deadline);

    // Events.
    void on_flushed(Time now);
    void on_answer(std::uint64_t id, const Response& response, Time now);
    void on_failed(std::uint64_t id, const Failure& failure, bool sent, Time now);
    /// A record that belongs to the open transaction was never taken, or was dropped: it cannot be
    /// committed.
    void on_record_refused(const Failure& failure) { fail_transaction(failure); }
    /// The end, whatever is under way. A commit whose EndTxn is out is `unknown`.
    void close(const Failure& why) { die(why); }
    [[nodiscard]] Time next_deadline() const noexcept;
    void on_time(Time now);
    [[nodiscard]] bool take(Action& action);

    // The gate.
    [[nodiscard]] ProducerId producer() const noexcept override { return producer_; }
    [[nodiscard]] bool may_send(TopicIndex topic, std::int32_t partition) override;
    [[nodiscard]] bool may_retry() const noexcept override;
    [[nodiscard]] std::int16_t newest_version() const noexcept override;
    void on_batch_failed(const Failure& failure, bool fatal) override;

    /// How may_send()'s topics are called; to be told before their first batch.
    void name_topic(TopicIndex topic, std::string_view name);
    [[nodiscard]] TransactionState state() const noexcept { return state_; }
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    [[nodiscard]] bool waits_for_flush() const noexcept {
        return state_ == TransactionState::finishing;
    }

private:
    using Place = std::pair<TopicIndex, std::int32_t>;
    /// One request of a kind at a time.
    enum Slot : std::uint8_t { init_slot, partitions_slot, offsets_slot, end_slot, slot_count };
    struct Sending {
        std::uint64_t id = 0;  // 0: none is out
        unsigned failures = 0;
        Time not_before{};
    };
    /// What a code says.
    enum class Word : std::uint8_t { good, again, abortable, fatal, unknown };
    [[nodiscard]] static Word word_of(std::int16_t code) noexcept;

    // Operations and states (transaction_core.cpp).
    [[nodiscard]] bool start(Operation operation, bool allowed, Time now, Time deadline);
    void done(Result result, Failure failure = {});
    void fail_transaction(Failure failure);
    void die(Failure failure);
    void reinitialize(ProducerId from);
    void try_end();
    void ended();
    void finish_round() noexcept;
    void expire();

    // Requests (transaction_requests.cpp).
    void pump(Time now);
    [[nodiscard]] bool wanted(Slot slot) const noexcept;
    [[nodiscard]] Request request_for(Slot slot);
    [[nodiscard]] std::pair<std::int16_t, std::int16_t> versions_for(const Request& request) const;
    void again(Slot slot, const Failure& why, Time now);
    void take(const protocol::InitProducerIdResponse& response, Time now);
    void take(const protocol::AddPartitionsToTxnResponse& response, Time now);
    void take(const protocol::AddOffsetsToTxnResponse& response, Time now);
    void take(const protocol::TxnOffsetCommitResponse& response, Time now);
    void take(const protocol::EndTxnResponse& response, Time now);
    void refuse(Slot slot, std::int16_t code, const char* api, Time now);
    void end_refused(const Failure& why);
    void end_unknown(Failure why);

    const TransactionLimits limits_;
    Random random_;
    TransactionState state_ = TransactionState::none;
    Operation operation_ = Operation::none;
    Time deadline_ = never;
    Failure failure_;
    Failure last_;  // of the running operation: why it is not done yet
    ProducerId producer_;
    ProducerId init_from_;  // names itself with it (KIP-360), or none
    bool v2_ = false;
    bool v2_next_ = false;
    bool begun_ = false;    // a transaction in this epoch
    bool started_ = false;  // the coordinator may know of this transaction
    bool flushed_ = false;  // all batches are over
    bool bump_ = false;     // numbers were lost: the epoch has to change
    std::vector<std::string> names_;
    std::set<Place> added_, adding_, pending_;  // partitions of the transaction
    std::set<std::string> groups_;              // added to it
    TransactionOffsets offsets_;
    std::array<Sending, slot_count> sending_;
    std::uint64_t next_id_ = 1;
    Ring<Action> actions_;
    Time now_{};
};

}  // namespace kafka::core
