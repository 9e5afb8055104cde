// SPDX-License-Identifier: Apache-2.0
// TransactionCore: operations and states.
#include "core/produce/transaction_core.hpp"

#include <algorithm>
#include <limits>

#include <kafka/error.hpp>

namespace kafka::core {

using State = TransactionState;

bool TransactionCore::start(Operation operation, bool allowed, Time now, Time deadline) {
    now_ = now;
    if (operation_ != Operation::none) {
        actions_.push_back(Done{
            operation, Result::failed, {errc::invalid_argument, "another operation is under way"}});
        return false;
    }
    if (!allowed) {
        actions_.push_back(Done{
            operation, Result::failed,
            failure_.code
                ? failure_
                : Failure(errc::invalid_argument, "the transaction's state does not allow this")});
        return false;
    }
    operation_ = operation;
    deadline_ = deadline;
    last_ = {};
    return true;
}

void TransactionCore::done(Result result, Failure failure) {
    if (operation_ == Operation::none) return;
    actions_.push_back(
        Done{std::exchange(operation_, Operation::none), result, std::move(failure)});
    deadline_ = never;
}

void TransactionCore::init(Time now, Time deadline) {
    if (!start(Operation::init, state_ == State::none, now, deadline)) return;
    reinitialize({});
    pump(now);
}

void TransactionCore::begin(bool v2, Time now, Time deadline) {
    // After an unknown commit the producer may still be on its way to a new epoch.
    const bool soon = state_ == State::initializing;
    if (!start(Operation::begin, state_ == State::ready || soon, now, deadline)) return;
    v2_next_ = v2;
    if (soon) return;
    // KIP-890: what is late of the older kind must not get into the newer one's first.
    if (!v2 || v2_ || !begun_) return ended();
    reinitialize(producer_);
    pump(now);
}

void TransactionCore::send_offsets(TransactionOffsets offsets, Time now, Time deadline) {
    if (!start(Operation::offsets, state_ == State::open, now, deadline)) return;
    if (offsets.topics.empty()) return done(Result::success);
    offsets_ = std::move(offsets);
    pump(now);
}

void TransactionCore::commit(Time now, Time deadline) {
    if (!start(Operation::commit, state_ == State::open, now, deadline)) return;
    state_ = State::finishing;
    flushed_ = false;
}

void TransactionCore::abort(Time now, Time deadline) {
    if (!start(Operation::abort, state_ == State::open || state_ == State::failed, now, deadline))
        return;
    state_ = State::finishing;
    flushed_ = false;
    actions_.push_back(
        AbortBatches{failure_.code ? failure_
                                   : Failure(std::make_error_code(std::errc::operation_canceled),
                                             "the transaction was aborted")});
}

void TransactionCore::on_flushed(Time now) {
    now_ = now;
    if (state_ != State::finishing) return;
    flushed_ = true;
    try_end();
    pump(now);
}

// All batches are over. What adds to the transaction has to be over too: it might come to the
// coordinator after its end.
void TransactionCore::try_end() {
    if (state_ != State::finishing || !flushed_) return;
    if (sending_[partitions_slot].id != 0 || sending_[offsets_slot].id != 0) return;
    flushed_ = false;
    if (operation_ == Operation::commit && failure_.code) {
        state_ = State::failed;
        return done(Result::failed, failure_);
    }
    if (started_) {
        state_ = State::ending;
        sending_[end_slot] = {};
    } else if (bump_) {
        // The coordinator was never told, but numbers are lost.
        reinitialize(producer_);
    } else {
        finish_round();
        done(Result::success);
    }
}

// All of a transaction is over.
void TransactionCore::finish_round() noexcept {
    state_ = State::ready;
    failure_ = {};
    started_ = bump_ = false;
    added_.clear();
    adding_.clear();
    pending_.clear();
    groups_.clear();
    sending_ = {};
}

// Ready: what waited for that goes on.
void TransactionCore::ended() {
    finish_round();
    if (operation_ == Operation::begin) {
        v2_ = v2_next_;
        begun_ = true;
        state_ = State::open;
    }
    done(Result::success);
    actions_.push_back(GateChanged{});
}

void TransactionCore::reinitialize(ProducerId from) {
    state_ = State::initializing;
    init_from_ = from;
    sending_ = {};
    // What was asked for in the old epoch is of no use any more.
    pending_.clear();
    adding_.clear();
}

// It can only be aborted from here on, and what waits will not be sent.
void TransactionCore::fail_transaction(Failure failure) {
    if (state_ != State::open && state_ != State::finishing) return;
    if (failure_.code) return;
    failure_ = std::move(failure);
    pending_.clear();
    if (operation_ == Operation::offsets) done(Result::failed, failure_);
    if (state_ == State::open) state_ = State::failed;
    if (operation_ != Operation::abort) actions_.push_back(AbortBatches{failure_});
}

void TransactionCore::die(Failure failure) {
    if (state_ == State::fatal) return;
    const bool unknown =
        state_ == State::ending && operation_ == Operation::commit && sending_[end_slot].id != 0;
    state_ = State::fatal;
    failure_ = std::move(failure);
    sending_ = {};
    producer_ = {};
    done(unknown ? Result::unknown : Result::failed, failure_);
    actions_.push_back(AbortBatches{failure_});
}

void TransactionCore::expire() {
    Failure late(errc::request_timed_out, "the operation took too long");
    if (last_) late.detail += "; before that: " + last_.message();
    switch (operation_) {
        case Operation::offsets:
            return fail_transaction(late);
        case Operation::commit:
            if (state_ == State::ending) {
                if (sending_[end_slot].id != 0) return end_unknown(late);
                // Told "not now" until now: nothing has happened.
                state_ = State::failed;
            } else {
                state_ = State::failed;
                actions_.push_back(AbortBatches{late});
            }
            failure_ = late;
            return done(Result::failed, late);
        case Operation::abort:
            // The new epoch aborts what is open, whenever it comes.
            done(Result::failed, late);
            if (state_ != State::initializing) reinitialize({});
            return;
        case Operation::init:
            state_ = State::none;
            sending_ = {};
            return done(Result::failed, late);
        default:
            return done(Result::failed, late);
    }
}

Time TransactionCore::next_deadline() const noexcept {
    auto next = deadline_;
    for (std::uint8_t slot = 0; slot < slot_count; ++slot)
        if (wanted(static_cast<Slot>(slot)) && sending_[slot].id == 0)
            next = std::min(next, sending_[slot].not_before);
    return next;
}

void TransactionCore::on_time(Time now) {
    now_ = now;
    if (deadline_ <= now) expire();
    pump(now);
}

bool TransactionCore::take(Action& action) {
    if (actions_.empty()) return false;
    action = std::move(actions_.front());
    actions_.pop_front();
    return true;
}

bool TransactionCore::may_send(TopicIndex topic, std::int32_t partition) {
    if (!may_retry()) return false;
    if (v2_) {
        // The broker adds the partition itself.
        started_ = true;
        return true;
    }
    const Place place(topic, partition);
    if (added_.contains(place)) return true;
    if (!adding_.contains(place) && pending_.insert(place).second) pump(now_);
    return false;
}

bool TransactionCore::may_retry() const noexcept {
    return !failure_.code && (state_ == State::open ||
                              (state_ == State::finishing && operation_ == Operation::commit));
}

std::int16_t TransactionCore::newest_version() const noexcept {
    // From version 12 on Produce adds partitions to the transaction.
    return v2_ ? std::numeric_limits<std::int16_t>::max() : 11;
}

void TransactionCore::on_batch_failed(const Failure& failure, bool fatal) {
    bump_ = true;
    if (fatal) return die(failure);
    fail_transaction(failure);
}

void TransactionCore::name_topic(TopicIndex topic, std::string_view name) {
    if (topic >= names_.size()) names_.resize(topic + 1);
    names_[topic] = name;
}

}  // namespace kafka::core
