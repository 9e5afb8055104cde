// SPDX-License-Identifier: Apache-2.0
// Transactions as a producer runs them: operations, their requests and states.
#include "core/produce/transaction_core.hpp"

#include "core/produce/transaction_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

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
    p.begins_anew(4);
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
    p.aborted();
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
    p.store_first();
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
