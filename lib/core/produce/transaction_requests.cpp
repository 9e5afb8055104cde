// SPDX-License-Identifier: Apache-2.0
// TransactionCore: what is sent to coordinators, and what they say.
#include <algorithm>
#include <limits>
#include <map>

#include <kafka/error.hpp>

#include "core/produce/transaction_core.hpp"

namespace kafka::core {

using State = TransactionState;

namespace {

bool is_one_of_epochs(std::int16_t code) noexcept {
    return code == static_cast<std::int16_t>(broker_errc::producer_fenced) ||
           code == static_cast<std::int16_t>(broker_errc::invalid_producer_epoch);
}

// What is wrong with a connection is no matter of the transaction.
bool passes(const std::error_code& code) noexcept {
    return is_retriable(code) || code == errc::connection_closed ||
           code == errc::malformed_message || code == errc::malformed_frame ||
           code == errc::unexpected_correlation;
}

}  // namespace

TransactionCore::Word TransactionCore::word_of(std::int16_t code) noexcept {
    switch (static_cast<broker_errc>(code)) {
        case broker_errc::none:
            return Word::good;
        case broker_errc::concurrent_transactions:
        case broker_errc::coordinator_load_in_progress:
        case broker_errc::coordinator_not_available:
        case broker_errc::not_coordinator:
        case broker_errc::unknown_topic_or_partition:
        case broker_errc::throttling_quota_exceeded:
            return Word::again;
        case broker_errc::invalid_txn_state:
        case broker_errc::transaction_abortable:
        case broker_errc::operation_not_attempted:
        case broker_errc::topic_authorization_failed:
        case broker_errc::group_authorization_failed:
        case broker_errc::illegal_generation:
        case broker_errc::unknown_member_id:
        case broker_errc::fenced_instance_id:
        case broker_errc::stale_member_epoch:
        case broker_errc::offset_metadata_too_large:
        case broker_errc::invalid_commit_offset_size:
        case broker_errc::group_id_not_found:
            return Word::abortable;
        case broker_errc::unsupported_version:
        case broker_errc::unsupported_for_message_format:
        case broker_errc::invalid_transaction_timeout:
        case broker_errc::transactional_id_not_found:
        case broker_errc::invalid_request:
            return Word::fatal;
        default:
            return is_fatal(broker_error(code)) ? Word::fatal : Word::unknown;
    }
}

bool TransactionCore::wanted(Slot slot) const noexcept {
    const bool running =
        !failure_.code && (state_ == State::open || (state_ == State::finishing && !flushed_ &&
                                                     operation_ == Operation::commit));
    switch (slot) {
        case init_slot:
            return state_ == State::initializing;
        case partitions_slot:
            return running && (!pending_.empty() || !adding_.empty());
        case offsets_slot:
            return running && operation_ == Operation::offsets;
        default:
            return state_ == State::ending;
    }
}

void TransactionCore::pump(Time now) {
    now_ = now;
    for (std::uint8_t i = 0; i < slot_count; ++i) {
        const auto slot = static_cast<Slot>(i);
        auto& sending = sending_[slot];
        if (!wanted(slot) || sending.id != 0 || sending.not_before > now) continue;
        sending.id = next_id_++ << 2U | slot;
        auto request = request_for(slot);
        const auto [oldest, newest] = versions_for(request);
        actions_.push_back(Send{sending.id, std::move(request), oldest, newest});
    }
}

TransactionCore::Request TransactionCore::request_for(Slot slot) {
    const auto& id = limits_.transactional_id;
    if (slot == init_slot) {
        protocol::InitProducerIdRequest request;
        request.transactional_id = id;
        request.transaction_timeout_ms = static_cast<std::int32_t>(limits_.timeout.count());
        request.producer_id = init_from_.id;
        request.producer_epoch = init_from_.epoch;
        return request;
    }
    if (slot == end_slot) {
        protocol::EndTxnRequest request;
        request.transactional_id = id;
        request.producer_id = producer_.id;
        request.producer_epoch = producer_.epoch;
        request.committed = operation_ == Operation::commit;
        return request;
    }
    started_ = true;
    if (slot == partitions_slot) {
        adding_.merge(pending_);
        pending_.clear();
        protocol::AddPartitionsToTxnRequest request;
        request.v3_and_below_transactional_id = id;
        request.v3_and_below_producer_id = producer_.id;
        request.v3_and_below_producer_epoch = producer_.epoch;
        std::map<TopicIndex, std::size_t> rows;
        for (const auto& [topic, partition] : adding_) {
            const auto [at, added] = rows.try_emplace(topic, request.v3_and_below_topics.size());
            if (added) request.v3_and_below_topics.push_back({.name = names_[topic]});
            request.v3_and_below_topics[at->second].partitions.push_back(partition);
        }
        return request;
    }
    if (!v2_ && !groups_.contains(offsets_.group)) {
        protocol::AddOffsetsToTxnRequest request;
        request.transactional_id = id;
        request.producer_id = producer_.id;
        request.producer_epoch = producer_.epoch;
        request.group_id = offsets_.group;
        return request;
    }
    protocol::TxnOffsetCommitRequest request;
    request.transactional_id = id;
    request.group_id = offsets_.group;
    request.producer_id = producer_.id;
    request.producer_epoch = producer_.epoch;
    request.generation_id_or_member_epoch = offsets_.generation;
    request.member_id = offsets_.member;
    request.group_instance_id = offsets_.instance;
    request.topics = offsets_.topics;
    return request;
}

// KIP-890: the versions say which kind of transaction is meant.
std::pair<std::int16_t, std::int16_t> TransactionCore::versions_for(const Request& request) const {
    constexpr auto any = std::numeric_limits<std::int16_t>::max();
    const auto* offsets = std::get_if<protocol::TxnOffsetCommitRequest>(&request);
    if (offsets || std::holds_alternative<protocol::EndTxnRequest>(request)) {
        if (!v2_) return {0, 4};
        // From version 6 on TxnOffsetCommit has ids in the place of names; what has none would be
        // UNKNOWN_TOPIC_ID for ever.
        const bool ids =
            !offsets || std::none_of(offsets->topics.begin(), offsets->topics.end(),
                                     [](const auto& one) { return one.topic_id == Uuid{}; });
        return {5, ids ? any : std::int16_t{5}};
    }
    // Version 4 on is for brokers among themselves.
    if (std::holds_alternative<protocol::AddPartitionsToTxnRequest>(request)) return {0, 3};
    if (std::holds_alternative<protocol::InitProducerIdRequest>(request)) return {0, 5};
    return {0, any};
}

void TransactionCore::again(Slot slot, const Failure& why, Time now) {
    last_ = why;
    auto& sending = sending_[slot];
    const auto delay = limits_.retry.delay(++sending.failures, random_.fraction());
    sending.not_before = now + std::chrono::ceil<milliseconds>(delay);
}

void TransactionCore::on_answer(std::uint64_t id, const Response& response, Time now) {
    now_ = now;
    const auto slot = static_cast<Slot>(id & 3U);
    if (id == 0 || sending_[slot].id != id) return;  // of an epoch that is over
    sending_[slot].id = 0;
    std::visit([&](const auto& one) { take(one, now); }, response);
    try_end();
    pump(now);
}

void TransactionCore::on_failed(std::uint64_t id, const Failure& failure, bool sent, Time now) {
    now_ = now;
    const auto slot = static_cast<Slot>(id & 3U);
    if (id == 0 || sending_[slot].id != id) return;
    sending_[slot].id = 0;
    // It may be late: the next transaction begins in an epoch that fences it.
    if (sent && slot != init_slot) bump_ = true;
    const bool hopeless = !passes(failure.code);
    if (slot == end_slot && sent)
        end_unknown(failure);
    else if (hopeless && is_fatal(failure.code))
        die(failure);
    else if (hopeless && slot == init_slot)
        die(failure);
    else if (hopeless && slot != end_slot)
        fail_transaction(failure);
    else if (hopeless)
        end_refused(failure);
    else
        again(slot, failure, now);
    try_end();
    pump(now);
}

// Nobody knows whether the transaction was ended. An abort will be, by the new epoch.
void TransactionCore::end_unknown(Failure why) {
    if (operation_ == Operation::commit) done(Result::unknown, std::move(why));
    reinitialize({});
}

void TransactionCore::refuse(Slot slot, std::int16_t code, const char* api, Time now) {
    const Failure failure(broker_error(code), api);
    switch (word_of(code)) {
        case Word::again:
            return again(slot, failure, now);
        case Word::fatal:
            // KIP-890: while the transaction before is still being ended, this is also what an
            // abort is told of which the coordinator does not know. Asked in the old epoch's name,
            // InitProducerId says which it is.
            if (slot == end_slot && v2_ && operation_ != Operation::commit &&
                is_one_of_epochs(code))
                return reinitialize(producer_);
            return die(failure);
        case Word::unknown:
            if (slot == end_slot) return end_unknown(failure);
            // The others change nothing that cannot be asked for again.
            if (slot == init_slot || is_retriable(failure.code)) return again(slot, failure, now);
            return fail_transaction(failure);
        default:
            break;
    }
    bump_ = true;
    if (slot == init_slot) return die(failure);
    if (slot != end_slot) return fail_transaction(failure);
    end_refused(failure);
}

// The coordinator does not know of it, and will not commit it. A new epoch is as good as an abort;
// the old one is named, since it was not said to be somebody else's.
void TransactionCore::end_refused(const Failure& why) {
    bump_ = true;
    if (operation_ != Operation::commit) return reinitialize(producer_);
    failure_ = why;
    state_ = State::failed;
    done(Result::failed, why);
}

void TransactionCore::take(const protocol::InitProducerIdResponse& response, Time now) {
    if (response.error_code != 0)
        return refuse(init_slot, response.error_code, "InitProducerId", now);
    if (response.producer_id < 0 || response.producer_epoch < 0)
        return again(init_slot, {errc::malformed_message, "InitProducerId without a producer id"},
                     now);
    producer_ = {response.producer_id, response.producer_epoch};
    begun_ = false;
    ended();
}

void TransactionCore::take(const protocol::AddPartitionsToTxnResponse& response, Time now) {
    // What is not mentioned is asked for again.
    std::int16_t last = 0;
    for (const auto& topic : response.results_by_topic_v3_and_below) {
        const auto name = std::find(names_.begin(), names_.end(), topic.name);
        if (name == names_.end()) continue;
        const auto index = static_cast<TopicIndex>(name - names_.begin());
        for (const auto& row : topic.results_by_partition) {
            const auto at = adding_.find(Place(index, row.partition_index));
            if (at == adding_.end()) continue;
            const auto word = word_of(row.partition_error_code);
            if (word == Word::good) {
                added_.insert(*at);
                adding_.erase(at);
            } else if (word == Word::again) {
                last = row.partition_error_code;
            } else {
                return refuse(partitions_slot, row.partition_error_code, "AddPartitionsToTxn", now);
            }
        }
    }
    if (adding_.empty())
        sending_[partitions_slot] = {};
    else
        again(partitions_slot, {broker_error(last), "AddPartitionsToTxn"}, now);
    // The former transaction is being ended: a matter of milliseconds.
    if (last == static_cast<std::int16_t>(broker_errc::concurrent_transactions))
        sending_[partitions_slot].not_before =
            std::min(sending_[partitions_slot].not_before, now + milliseconds(20));
    actions_.push_back(GateChanged{});
}

void TransactionCore::take(const protocol::AddOffsetsToTxnResponse& response, Time now) {
    if (response.error_code != 0)
        return refuse(offsets_slot, response.error_code, "AddOffsetsToTxn", now);
    sending_[offsets_slot] = {};
    groups_.insert(offsets_.group);
}

void TransactionCore::take(const protocol::TxnOffsetCommitResponse& response, Time now) {
    std::int16_t worst = 0, put_off = 0;
    for (const auto& topic : response.topics) {
        const auto asked =
            std::find_if(offsets_.topics.begin(), offsets_.topics.end(), [&](const auto& one) {
                return topic.name.empty() ? one.topic_id == topic.topic_id : one.name == topic.name;
            });
        if (asked == offsets_.topics.end()) continue;
        for (const auto& row : topic.partitions) {
            const auto word = word_of(row.error_code);
            if (word == Word::good)
                std::erase_if(asked->partitions, [&](const auto& one) {
                    return one.partition_index == row.partition_index;
                });
            else if (word == Word::again)
                put_off = row.error_code;
            else if (worst == 0)
                worst = row.error_code;
        }
    }
    if (worst != 0) return refuse(offsets_slot, worst, "TxnOffsetCommit", now);
    std::erase_if(offsets_.topics, [](const auto& topic) { return topic.partitions.empty(); });
    if (!offsets_.topics.empty())
        return again(offsets_slot, {broker_error(put_off), "TxnOffsetCommit"}, now);
    sending_[offsets_slot] = {};
    done(Result::success);
}

void TransactionCore::take(const protocol::EndTxnResponse& response, Time now) {
    if (response.error_code != 0) return refuse(end_slot, response.error_code, "EndTxn", now);
    if (v2_ && response.producer_id >= 0 && response.producer_epoch >= 0) {
        producer_ = {response.producer_id, response.producer_epoch};
        bump_ = false;
    }
    // KIP-360: batches that ended without an acknowledgement left numbers behind.
    if (bump_) return reinitialize(producer_);
    ended();
}

}  // namespace kafka::core
