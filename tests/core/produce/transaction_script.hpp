// SPDX-License-Identifier: Apache-2.0
// What a TransactionCore is told and asked in tests, with the ProduceCore whose gate it is.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "core/produce/produce_script.hpp"
#include "core/produce/transaction_core.hpp"

namespace kafka::core::produce_test {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;
using Operation = TransactionCore::Operation;
using Outcome = TransactionCore::Result;
using State = TransactionState;

inline ProduceLimits transactional() {
    ProduceLimits limits;
    limits.transactional_id = "tx";
    return limits;
}

/// A TransactionCore and a ProduceCore, coupled as a writer couples them.
struct Pair {
    TransactionCore tx{{.transactional_id = "tx"}};
    Script s{transactional(), &tx};
    std::deque<TransactionCore::Send> sends;
    std::vector<TransactionCore::Done> done;

    Pair() {
        tx.name_topic(0, "t");
        s.core.on_leaders(0, topic_of({1, 1}), s.now);
        s.core.on_connected(1, s.now);
    }
    void drain() {
        for (bool more = true; more;) {
            more = false;
            s.drain();
            TransactionCore::Action action;
            while (tx.take(action)) {
                more = true;
                if (auto* send = std::get_if<TransactionCore::Send>(&action))
                    sends.push_back(std::move(*send));
                else if (auto* over = std::get_if<TransactionCore::Done>(&action))
                    done.push_back(std::move(*over));
                else if (auto* abort = std::get_if<TransactionCore::AbortBatches>(&action))
                    s.core.abort_waiting(abort->why, s.now);
                else
                    s.core.on_gate(s.now);
            }
            if (tx.waits_for_flush() && !flushed && s.core.barrier_over(s.core.barrier())) {
                more = flushed = true;
                tx.on_flushed(s.now);
            }
            if (!tx.waits_for_flush()) flushed = false;
        }
    }
    int run_for(milliseconds span) {
        const auto until = s.now + span;
        int steps = 0;
        for (;; ++steps) {
            REQUIRE(steps < 1000);  // no hot loop
            drain();
            const auto next = std::min(tx.next_deadline(), s.core.next_deadline());
            if (next > until) break;
            s.now = std::max(s.now, next);
            if (tx.next_deadline() <= s.now) tx.on_time(s.now);
            if (s.core.next_deadline() <= s.now) s.core.on_time(s.now);
        }
        s.now = until;
        return steps;
    }
    template <class R>
    R asked(TransactionCore::Send& send) {
        for (int i = 0; sends.empty() && i < 50; ++i)
            run_for(20ms);
        REQUIRE_FALSE(sends.empty());
        send = sends.front();
        sends.pop_front();
        REQUIRE(std::holds_alternative<R>(send.request));
        return std::get<R>(send.request);
    }
    template <class R>
    R asked() {
        TransactionCore::Send send;
        return asked<R>(send);
    }
    void answer(const TransactionCore::Send& send, TransactionCore::Response response) {
        tx.on_answer(send.id, response, s.now);
        drain();
    }
    void lose(const TransactionCore::Send& send, bool sent = true) {
        tx.on_failed(send.id, {errc::connection_lost, ""}, sent, s.now);
        drain();
    }
    template <class R>
    void answered(broker_errc code) {
        TransactionCore::Send send;
        using Response = typename R::response_type;
        asked<R>(send);
        Response response;
        response.error_code = static_cast<std::int16_t>(code);
        answer(send, response);
    }
    InitProducerIdRequest give_id(std::int64_t id, std::int16_t epoch) {
        TransactionCore::Send send;
        auto request = asked<InitProducerIdRequest>(send);
        answer(send, InitProducerIdResponse{.producer_id = id, .producer_epoch = epoch});
        return request;
    }
    void init() {
        tx.init(s.now, s.now + 60s);
        give_id(7, 3);
        ended(Operation::init, Outcome::success);
    }
    void begin(bool v2 = false) {
        tx.begin(v2, s.now, s.now + 60s);
        drain();
        ended(Operation::begin, Outcome::success);
    }
    void commit(milliseconds timeout = 60s) {
        tx.commit(s.now, s.now + timeout);
        drain();
    }
    void abort(milliseconds timeout = 60s) {
        tx.abort(s.now, s.now + timeout);
        drain();
    }
    void ended(Operation operation, Outcome result) {
        drain();
        REQUIRE(done.size() == 1);
        CHECK(done[0].operation == operation);
        CHECK(done[0].result == result);
        last = done[0].failure;
        done.clear();
    }
    /// The coordinator ends the transaction, with another epoch (v2).
    void aborted() {
        TransactionCore::Send send;
        CHECK_FALSE(asked<EndTxnRequest>(send).committed);
        answer(send, EndTxnResponse{.producer_id = 7, .producer_epoch = 4});
        ended(Operation::abort, Outcome::success);
    }
    /// Adds the partition if that is asked for (v1), and stores the next batch.
    void store() {
        drain();
        if (!sends.empty()) {
            TransactionCore::Send send;
            add(asked<AddPartitionsToTxnRequest>(send), send);
        }
        const auto send = s.next();
        std::vector<Row> rows;
        for (const auto& batch : Script::batches(send)) {
            CHECK(batch.transactional);
            rows.push_back(stored(batch.partition, 0));
        }
        s.answer(send, rows);
        drain();
    }
    /// A transaction with one batch, from nothing.
    void store_first(bool v2 = false) {
        init();
        begin(v2);
        s.submit(1, 0, {"a"});
        store();
    }
    /// The batch that goes out is the first of its epoch.
    void begins_anew(std::int16_t epoch) {
        ProduceCore::SendProduce send;
        const auto sent = s.only_batch(send);
        CHECK(sent.epoch == epoch);
        CHECK(sent.sequence == 0);
    }
    void add(const AddPartitionsToTxnRequest& request, const TransactionCore::Send& send,
             broker_errc code = broker_errc::none) {
        AddPartitionsToTxnResponse response;
        for (const auto& topic : request.v3_and_below_topics) {
            response.results_by_topic_v3_and_below.push_back({.name = topic.name});
            for (const auto partition : topic.partitions)
                response.results_by_topic_v3_and_below.back().results_by_partition.push_back(
                    {.partition_index = partition,
                     .partition_error_code = static_cast<std::int16_t>(code)});
        }
        answer(send, response);
    }
    TransactionOffsets offsets() {
        TransactionOffsets one;
        one.group = "g";
        one.generation = 4;
        one.member = "m";
        one.topics.push_back({.name = "in",
                              .partitions = {{.partition_index = 0, .committed_offset = 10},
                                             {.partition_index = 1, .committed_offset = 11}}});
        return one;
    }
    TxnOffsetCommitResponse offset_answer(broker_errc first, broker_errc second) {
        TxnOffsetCommitResponse response;
        response.topics.push_back(
            {.name = "in",
             .partitions = {
                 {.partition_index = 0, .error_code = static_cast<std::int16_t>(first)},
                 {.partition_index = 1, .error_code = static_cast<std::int16_t>(second)}}});
        return response;
    }
    bool flushed = false;
    Failure last;
};

}  // namespace kafka::core::produce_test
