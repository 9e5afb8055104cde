// SPDX-License-Identifier: Apache-2.0
// TransactionCore: errors, fencing, and outcomes that are not known.
#include "core/produce/transaction_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

TEST_CASE("X05: a batch that fails makes commit impossible; after the abort numbers begin anew") {
    for (const bool v2 : {false, true}) {
        Pair p;
        p.store_first(v2);
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
        p.begins_anew(4);
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
            p.store_first(v2);
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
    p.store_first(true);
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
    p.store_first(true);
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
        p.store_first();
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
        p.store_first(v2);
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

TEST_CASE("a commit that was only ever put off has not happened when its time is over") {
    Pair p;
    p.store_first(true);
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
    p.aborted();
}

TEST_CASE("an EndTxn that no coordinator can be asked for has not happened") {
    Pair p;
    p.store_first(true);
    p.commit();
    TransactionCore::Send send;
    p.asked<EndTxnRequest>(send);
    p.tx.on_failed(send.id, {errc::unsupported_version, "EndTxn"}, false, p.s.now);
    p.ended(Operation::commit, Outcome::failed);
    CHECK(p.last.code == errc::unsupported_version);
    CHECK(p.tx.state() == State::failed);
}
