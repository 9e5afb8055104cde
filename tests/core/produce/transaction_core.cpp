// SPDX-License-Identifier: Apache-2.0
// Transactions as a producer runs them: states, errors, and outcomes that are not known.
#include "core/produce/transaction_core.hpp"

#include <map>

#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;
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

namespace {

ProduceLimits transactional() {
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

}  // namespace

TEST_CASE("a transaction of version 1: partitions are added before their first batch") {
    Pair p;
    p.init();
    p.begin();
    p.s.submit(1, 0, {"a"});
    p.s.submit(2, 0, {"b"});
    p.drain();
    CHECK(p.s.sends.empty());
    TransactionCore::Send send;
    const auto request = p.asked<AddPartitionsToTxnRequest>(send);
    CHECK(send.newest_version == 3);
    CHECK(request.v3_and_below_transactional_id == "tx");
    CHECK(request.v3_and_below_producer_id == 7);
    CHECK(request.v3_and_below_producer_epoch == 3);
    REQUIRE(request.v3_and_below_topics.size() == 1);
    CHECK(request.v3_and_below_topics[0].partitions == std::vector<std::int32_t>{0});
    p.add(request, send);
    const auto produce = p.s.next();
    CHECK(produce.newest_version == 11);
    CHECK(produce.message->transactional_id == "tx");
    CHECK(Script::batches(produce)[0].epoch == 3);
    p.s.answer(produce, {stored(0, 0)});
    p.commit();
    CHECK(p.sends.empty());  // not before the second batch
    p.store();
    const auto end = p.asked<EndTxnRequest>(send);
    CHECK(end.committed);
    CHECK(end.producer_epoch == 3);
    CHECK(send.newest_version == 4);
    p.answer(send, EndTxnResponse{});
    p.ended(Operation::commit, Outcome::success);
    // The next one goes on with the same epoch and the next number.
    p.begin();
    p.s.submit(3, 0, {"c"});
    p.drain();
    p.add(p.asked<AddPartitionsToTxnRequest>(send), send);
    ProduceCore::SendProduce next;
    const auto sent = p.s.only_batch(next);
    CHECK(sent.epoch == 3);
    CHECK(sent.sequence == 2);
}

TEST_CASE("a transaction of version 2: nothing is added first, and each end bumps the epoch") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.drain();
    CHECK(p.sends.empty());
    CHECK(p.s.sends.front().newest_version > 12);
    p.store();
    p.commit();
    TransactionCore::Send send;
    CHECK(p.asked<EndTxnRequest>(send).committed);
    CHECK(send.oldest_version == 5);
    p.answer(send, EndTxnResponse{.producer_id = 7, .producer_epoch = 4});
    p.ended(Operation::commit, Outcome::success);
    p.begin(true);
    p.s.submit(2, 0, {"b"});
    ProduceCore::SendProduce next;
    const auto sent = p.s.only_batch(next);
    CHECK(sent.epoch == 4);
    CHECK(sent.sequence == 0);
}

TEST_CASE("batches wait outside of a transaction") {
    Pair p;
    p.init();
    p.s.submit(1, 0, {"a"});
    p.drain();
    CHECK(p.s.sends.empty());
    CHECK(p.sends.empty());
    p.begin(true);
    CHECK(p.s.sends.size() == 1);
}

TEST_CASE("a transaction in which nothing happened ends without a request") {
    for (const bool v2 : {false, true}) {
        Pair p;
        p.init();
        p.begin(v2);
        p.commit();
        p.ended(Operation::commit, Outcome::success);
        p.begin(v2);
        p.abort();
        p.ended(Operation::abort, Outcome::success);
        CHECK(p.sends.empty());
    }
}

TEST_CASE(
    "operations that the state does not allow are refused, and so is a second one at a time") {
    Pair p;
    p.commit();
    p.ended(Operation::commit, Outcome::failed);
    p.tx.begin(false, p.s.now, never);
    p.ended(Operation::begin, Outcome::failed);
    p.init();
    p.abort();
    p.ended(Operation::abort, Outcome::failed);
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.commit();
    p.abort();
    p.ended(Operation::abort, Outcome::failed);
    CHECK(p.tx.state() == State::finishing);
}

TEST_CASE("abort drops what waits, lets what flies come back, and ends the transaction") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    const auto flying = p.s.next();
    p.s.submit(2, 0, {"b"});
    p.abort();
    CHECK(p.s.ending(2).kind == Kind::failed);
    CHECK(p.sends.empty());
    p.s.answer(flying, {stored(0, 0)});
    TransactionCore::Send send;
    CHECK_FALSE(p.asked<EndTxnRequest>(send).committed);
    p.answer(send, EndTxnResponse{.producer_id = 7, .producer_epoch = 4});
    p.ended(Operation::abort, Outcome::success);
}

TEST_CASE("X05: a batch that fails makes commit impossible; after the abort numbers begin anew") {
    for (const bool v2 : {false, true}) {
        Pair p;
        p.init();
        p.begin(v2);
        p.s.submit(1, 0, {"a"});
        p.store();
        p.s.submit(2, 0, {"b"});
        p.s.submit(3, 0, {"c"});
        p.s.answer(p.s.next(), {refused(0, broker_errc::invalid_record)});
        p.drain();
        CHECK(p.tx.state() == State::failed);
        CHECK(p.tx.failure().code == broker_errc::invalid_record);
        p.s.lose(p.s.next());
        p.commit();
        p.ended(Operation::commit, Outcome::failed);
        CHECK(p.last.code == broker_errc::invalid_record);
        p.abort();
        TransactionCore::Send send;
        CHECK_FALSE(p.asked<EndTxnRequest>(send).committed);
        p.answer(send,
                 v2 ? EndTxnResponse{.producer_id = 7, .producer_epoch = 4} : EndTxnResponse{});
        if (!v2) {
            const auto request = p.give_id(7, 4);
            CHECK(request.producer_id == 7);  // KIP-360
            CHECK(request.producer_epoch == 3);
        }
        p.ended(Operation::abort, Outcome::success);
        p.begin(true);
        p.s.submit(4, 0, {"d"});
        ProduceCore::SendProduce next;
        const auto sent = p.s.only_batch(next);
        CHECK(sent.epoch == 4);
        CHECK(sent.sequence == 0);
    }
}

TEST_CASE("a batch that fails while the commit waits for it fails the commit") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.commit();
    p.s.answer(p.s.next(), {refused(0, broker_errc::topic_authorization_failed)});
    p.ended(Operation::commit, Outcome::failed);
    CHECK(p.last.code == broker_errc::topic_authorization_failed);
    CHECK(p.tx.state() == State::failed);
    CHECK(p.sends.empty());
}

TEST_CASE("X01 X08: an EndTxn that was sent and not answered is not sent again") {
    enum class How : std::uint8_t { lost, server_error, unknown_code, late };
    for (const bool v2 : {false, true}) {
        for (const auto how : {How::lost, How::server_error, How::unknown_code, How::late}) {
            Pair p;
            p.init();
            p.begin(v2);
            p.s.submit(1, 0, {"a"});
            p.store();
            p.commit(5s);
            TransactionCore::Send send;
            p.asked<EndTxnRequest>(send);
            if (how == How::lost) p.lose(send);
            if (how == How::server_error) p.answer(send, EndTxnResponse{.error_code = -1});
            if (how == How::unknown_code) p.answer(send, EndTxnResponse{.error_code = 999});
            if (how == How::late) p.run_for(6s);
            p.ended(Operation::commit, Outcome::unknown);
            // The producer is another one from here on; what comes late is ignored.
            p.answer(send, EndTxnResponse{});
            CHECK(p.tx.state() == State::initializing);
            p.tx.begin(v2, p.s.now, never);
            p.drain();
            CHECK(p.done.empty());
            CHECK(p.give_id(7, 9).producer_id == -1);
            p.ended(Operation::begin, Outcome::success);
            CHECK(p.tx.producer() == ProducerId{7, 9});
        }
    }
}

TEST_CASE("X01: an abort whose answer was lost is through when there is a new epoch") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.store();
    p.abort();
    TransactionCore::Send send;
    p.asked<EndTxnRequest>(send);
    p.lose(send);
    CHECK(p.done.empty());
    p.give_id(7, 9);
    p.ended(Operation::abort, Outcome::success);
}

TEST_CASE("an EndTxn that was never sent is sent again") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.store();
    p.commit();
    TransactionCore::Send send;
    p.asked<EndTxnRequest>(send);
    p.lose(send, false);
    CHECK(p.sends.empty());  // after a pause
    CHECK(p.asked<EndTxnRequest>(send).committed);
    p.answer(send, EndTxnResponse{.producer_id = 7, .producer_epoch = 4});
    p.ended(Operation::commit, Outcome::success);
}

TEST_CASE("X02: CONCURRENT_TRANSACTIONS and coordinators that move are tried again with pauses") {
    for (const auto code :
         {broker_errc::concurrent_transactions, broker_errc::coordinator_load_in_progress,
          broker_errc::coordinator_not_available, broker_errc::not_coordinator}) {
        Pair p;
        const auto begun = p.s.now;
        p.tx.init(p.s.now, p.s.now + 60s);
        for (int i = 0; i < 5; ++i)
            p.answered<InitProducerIdRequest>(code);
        p.give_id(7, 3);
        p.ended(Operation::init, Outcome::success);
        CHECK(p.s.now - begun > 1s);
        p.begin();
        p.s.submit(1, 0, {"a"});
        p.drain();
        for (int i = 0; i < 3; ++i) {
            TransactionCore::Send send;
            const auto request = p.asked<AddPartitionsToTxnRequest>(send);
            CHECK(request.v3_and_below_topics.size() == 1);
            p.add(request, send, code);
        }
        TransactionCore::Send send;
        p.add(p.asked<AddPartitionsToTxnRequest>(send), send);
        p.store();
        p.commit();
        for (int i = 0; i < 3; ++i)
            p.answered<EndTxnRequest>(code);
        p.answered<EndTxnRequest>(broker_errc::none);
        p.ended(Operation::commit, Outcome::success);
    }
}

TEST_CASE("a connection that answers nonsense ends no producer") {
    for (const auto code :
         {errc::unexpected_correlation, errc::malformed_frame, errc::malformed_message}) {
        Pair p;
        p.tx.init(p.s.now, p.s.now + 60s);
        TransactionCore::Send send;
        p.asked<InitProducerIdRequest>(send);
        p.tx.on_failed(send.id, {code, ""}, true, p.s.now);
        p.give_id(7, 3);
        p.ended(Operation::init, Outcome::success);
    }
}

TEST_CASE("X02: an abort before the former transaction has ended is not taken for fencing") {
    for (const bool fenced : {false, true}) {
        Pair p;
        p.init();
        p.begin(true);
        p.s.submit(1, 0, {"a"});
        p.drain();
        p.s.answer(p.s.next(), {refused(0, broker_errc::concurrent_transactions)});
        p.abort();
        p.answered<EndTxnRequest>(broker_errc::producer_fenced);
        CHECK(p.tx.state() == State::initializing);
        TransactionCore::Send send;
        const auto request = p.asked<InitProducerIdRequest>(send);
        CHECK(request.producer_id == 7);
        CHECK(request.producer_epoch == 3);
        if (fenced) {
            InitProducerIdResponse response;
            response.error_code = static_cast<std::int16_t>(broker_errc::producer_fenced);
            p.answer(send, response);
            CHECK(p.tx.state() == State::fatal);
            p.ended(Operation::abort, Outcome::failed);
        } else {
            p.answer(send, InitProducerIdResponse{.producer_id = 7, .producer_epoch = 4});
            p.ended(Operation::abort, Outcome::success);
            CHECK(p.tx.state() == State::ready);
        }
    }
}

TEST_CASE("X03: a producer that was fenced is at its end") {
    for (const auto code : {broker_errc::producer_fenced, broker_errc::invalid_producer_epoch,
                            broker_errc::transactional_id_authorization_failed}) {
        Pair p;
        p.init();
        p.begin();
        p.s.submit(1, 0, {"a"});
        p.store();
        p.s.submit(2, 1, {"waits for its partition"});
        p.drain();
        TransactionCore::Send send;
        p.add(p.asked<AddPartitionsToTxnRequest>(send), send, code);
        CHECK(p.tx.state() == State::fatal);
        CHECK(p.s.ending(2).kind == Kind::failed);
        p.commit();
        p.ended(Operation::commit, Outcome::failed);
        CHECK(p.last.code == code);
        p.abort();
        p.ended(Operation::abort, Outcome::failed);
        CHECK(p.run_for(60s) < 5);
    }
}

TEST_CASE("X03: PRODUCER_FENCED on a batch ends the producer") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.s.answer(p.s.next(), {refused(0, broker_errc::producer_fenced)});
    p.drain();
    CHECK(p.tx.state() == State::fatal);
}

TEST_CASE("X04: a transaction that the coordinator ended is not committed; abort begins anew") {
    for (const bool v2 : {false, true}) {
        Pair p;
        p.init();
        p.begin(v2);
        p.s.submit(1, 0, {"a"});
        p.store();
        p.commit();
        p.answered<EndTxnRequest>(broker_errc::invalid_txn_state);
        p.ended(Operation::commit, Outcome::failed);
        p.abort();
        p.answered<EndTxnRequest>(broker_errc::invalid_txn_state);
        CHECK(p.done.empty());
        p.give_id(7, 8);
        p.ended(Operation::abort, Outcome::success);
    }
}

TEST_CASE("offsets of version 1: the group is added first, and only once a transaction") {
    Pair p;
    p.init();
    p.begin();
    for (int i = 0; i < 2; ++i) {
        p.tx.send_offsets(p.offsets(), p.s.now, p.s.now + 10s);
        p.drain();
        if (i == 0) {
            TransactionCore::Send send;
            CHECK(p.asked<AddOffsetsToTxnRequest>(send).group_id == "g");
            p.answer(send, AddOffsetsToTxnResponse{});
        }
        TransactionCore::Send send;
        const auto request = p.asked<TxnOffsetCommitRequest>(send);
        CHECK(request.group_id == "g");
        CHECK(request.generation_id_or_member_epoch == 4);
        CHECK(request.topics[0].partitions.size() == 2);
        CHECK(send.newest_version == 4);
        p.answer(send, p.offset_answer(broker_errc::none, broker_errc::none));
        p.ended(Operation::offsets, Outcome::success);
    }
    p.commit();
    p.answered<EndTxnRequest>(broker_errc::none);
    p.ended(Operation::commit, Outcome::success);
}

TEST_CASE("offsets of version 2 are sent at once; those that failed for a moment are sent again") {
    Pair p;
    p.init();
    p.begin(true);
    p.tx.send_offsets(p.offsets(), p.s.now, p.s.now + 10s);
    TransactionCore::Send send;
    p.asked<TxnOffsetCommitRequest>(send);
    CHECK(send.oldest_version == 5);
    p.answer(send, p.offset_answer(broker_errc::none, broker_errc::coordinator_load_in_progress));
    auto request = p.asked<TxnOffsetCommitRequest>(send);
    REQUIRE(request.topics[0].partitions.size() == 1);
    CHECK(request.topics[0].partitions[0].partition_index == 1);
    // An answer that leaves the partition out is none (C20).
    p.answer(send, TxnOffsetCommitResponse{});
    p.asked<TxnOffsetCommitRequest>(send);
    p.answer(send, p.offset_answer(broker_errc::none, broker_errc::none));
    p.ended(Operation::offsets, Outcome::success);
}

TEST_CASE("offsets of a topic whose id is not known are sent with its name") {
    for (const bool known : {true, false}) {
        Pair p;
        p.init();
        p.begin(true);
        auto offsets = p.offsets();
        offsets.topics.push_back(offsets.topics[0]);
        offsets.topics[0].topic_id.bytes[0] = 1;
        if (known) offsets.topics[1].topic_id.bytes[0] = 2;
        p.tx.send_offsets(offsets, p.s.now, p.s.now + 10s);
        TransactionCore::Send send;
        p.asked<TxnOffsetCommitRequest>(send);
        CHECK(send.oldest_version == 5);
        // Version 6 has no names.
        CHECK((send.newest_version >= 6) == known);
    }
}

TEST_CASE("X05: offsets that are refused fail the transaction, not the producer") {
    for (const auto code :
         {broker_errc::illegal_generation, broker_errc::unknown_member_id,
          broker_errc::fenced_instance_id, broker_errc::group_authorization_failed,
          broker_errc::transaction_abortable}) {
        Pair p;
        p.init();
        p.begin(true);
        p.tx.send_offsets(p.offsets(), p.s.now, p.s.now + 10s);
        TransactionCore::Send send;
        p.asked<TxnOffsetCommitRequest>(send);
        p.answer(send, p.offset_answer(broker_errc::none, code));
        CHECK(p.tx.state() == State::failed);
        p.ended(Operation::offsets, Outcome::failed);
        CHECK(p.last.code == code);
        p.commit();
        p.ended(Operation::commit, Outcome::failed);
        p.abort();
        p.asked<EndTxnRequest>(send);
        p.answer(send, EndTxnResponse{.producer_id = 7, .producer_epoch = 4});
        p.ended(Operation::abort, Outcome::success);
    }
}

TEST_CASE("a partition that may not be added fails the transaction and its batches") {
    Pair p;
    p.init();
    p.begin();
    p.s.submit(1, 0, {"a"});
    p.drain();
    TransactionCore::Send send;
    p.add(p.asked<AddPartitionsToTxnRequest>(send), send, broker_errc::topic_authorization_failed);
    CHECK(p.tx.state() == State::failed);
    CHECK(p.s.ending(1).kind == Kind::failed);
    p.abort();
    p.answered<EndTxnRequest>(broker_errc::none);
    p.give_id(7, 4);
    p.ended(Operation::abort, Outcome::success);
}

TEST_CASE("the end of a transaction waits for what adds to it") {
    Pair p;
    p.init();
    p.begin();
    p.s.submit(1, 0, {"a"});
    p.drain();
    TransactionCore::Send adding;
    p.asked<AddPartitionsToTxnRequest>(adding);
    p.abort();
    CHECK(p.sends.empty());
    p.lose(adding);
    // It may come late: an abort, and then an epoch that fences it.
    TransactionCore::Send send;
    CHECK_FALSE(p.asked<EndTxnRequest>(send).committed);
    p.answer(send, EndTxnResponse{});
    p.give_id(7, 4);
    p.ended(Operation::abort, Outcome::success);
}

TEST_CASE("operations end at their deadlines") {
    Pair p;
    p.tx.init(p.s.now, p.s.now + 1s);
    p.run_for(2s);
    p.ended(Operation::init, Outcome::failed);
    CHECK(p.last.code == errc::request_timed_out);
    p.sends.clear();
    p.init();
    p.begin();
    p.tx.send_offsets(p.offsets(), p.s.now, p.s.now + 1s);
    p.run_for(2s);
    p.ended(Operation::offsets, Outcome::failed);
    p.sends.clear();
    CHECK(p.tx.state() == State::failed);
    p.abort(1s);
    p.run_for(2s);
    p.ended(Operation::abort, Outcome::failed);
    CHECK(p.run_for(60s) < 5);
}

TEST_CASE("a commit that was only ever put off has not happened when its time is over") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.store();
    p.commit(2s);
    for (int i = 0; p.done.empty(); ++i) {
        REQUIRE(i < 100);
        p.run_for(50ms);
        while (!p.sends.empty())
            p.answered<EndTxnRequest>(broker_errc::concurrent_transactions);
    }
    p.ended(Operation::commit, Outcome::failed);
    p.abort();
    TransactionCore::Send send;
    CHECK_FALSE(p.asked<EndTxnRequest>(send).committed);
}

TEST_CASE("operations that end late say what was in the way") {
    Pair p;
    p.tx.init(p.s.now, p.s.now + 1s);
    while (p.done.empty()) {
        p.run_for(50ms);
        while (!p.sends.empty())
            p.answered<InitProducerIdRequest>(broker_errc::concurrent_transactions);
    }
    p.ended(Operation::init, Outcome::failed);
    CHECK(p.last.code == errc::request_timed_out);
    CHECK(p.last.detail.find("CONCURRENT_TRANSACTIONS") != std::string::npos);
}

TEST_CASE("a record that was never taken fails the transaction, and only a transaction") {
    Pair p;
    p.init();
    p.tx.on_record_refused({errc::buffer_full, "no room"});
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.store();
    p.tx.on_record_refused({errc::buffer_full, "no room"});
    p.drain();
    p.commit();
    p.ended(Operation::commit, Outcome::failed);
    CHECK(p.last.code == errc::buffer_full);
    p.abort();
    TransactionCore::Send send;
    CHECK_FALSE(p.asked<EndTxnRequest>(send).committed);
    p.answer(send, EndTxnResponse{.producer_id = 7, .producer_epoch = 4});
    p.ended(Operation::abort, Outcome::success);
}

TEST_CASE("closing ends what is under way; a commit that is out is unknown then") {
    for (const bool out : {false, true}) {
        Pair p;
        p.init();
        p.begin(true);
        p.s.submit(1, 0, {"a"});
        if (out) p.store();
        p.commit();
        if (out) p.asked<EndTxnRequest>();
        p.tx.close({errc::connection_closed, "closed"});
        p.ended(Operation::commit, out ? Outcome::unknown : Outcome::failed);
        CHECK(p.last.code == errc::connection_closed);
        CHECK(p.tx.state() == State::fatal);
        p.tx.begin(true, p.s.now, never);
        p.ended(Operation::begin, Outcome::failed);
        CHECK(p.last.code == errc::connection_closed);
    }
}

TEST_CASE("KIP-890: the first transaction of version 2 behind one of version 1 has a new epoch") {
    Pair p;
    p.init();
    p.begin();
    p.s.submit(1, 0, {"a"});
    p.store();
    p.commit();
    p.answered<EndTxnRequest>(broker_errc::none);
    p.ended(Operation::commit, Outcome::success);
    p.tx.begin(true, p.s.now, p.s.now + 60s);
    const auto request = p.give_id(7, 4);
    CHECK(request.producer_id == 7);
    CHECK(request.producer_epoch == 3);
    p.ended(Operation::begin, Outcome::success);
    p.s.submit(2, 0, {"b"});
    ProduceCore::SendProduce next;
    CHECK(p.s.only_batch(next).epoch == 4);
    CHECK(next.newest_version > 12);
}

TEST_CASE("an EndTxn that no coordinator can be asked for has not happened") {
    Pair p;
    p.init();
    p.begin(true);
    p.s.submit(1, 0, {"a"});
    p.store();
    p.commit();
    TransactionCore::Send send;
    p.asked<EndTxnRequest>(send);
    p.tx.on_failed(send.id, {errc::unsupported_version, "EndTxn"}, false, p.s.now);
    p.ended(Operation::commit, Outcome::failed);
    CHECK(p.last.code == errc::unsupported_version);
    CHECK(p.tx.state() == State::failed);
}
