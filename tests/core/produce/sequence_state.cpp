// SPDX-License-Identifier: Apache-2.0
// Sequence numbers: what is given, kept, given anew (KIP-98, KIP-360).
#include "core/produce/sequence_state.hpp"

#include <limits>

#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

namespace {

/// A partition whose broker knows producer 7: one batch was stored, sequence 0.
struct Known : Script {
    explicit Known(ProduceLimits limits = {}) : Script(std::move(limits)) {
        ready({1});
        submit(100, 0, {"known"});
        answer(next(), {stored(0, 0)});
    }
    std::vector<SentBatch> all_sent() {
        std::vector<SentBatch> all;
        for (const auto& send : sends)
            for (auto& batch : batches(send))
                all.push_back(std::move(batch));
        return all;
    }
    /// The next batch, with its pauses slept through.
    SentBatch sent(ProduceCore::SendProduce& send) {
        for (int i = 0; sends.empty() && i < 100; ++i)
            run_to(core.next_deadline());
        return only_batch(send);
    }
};
constexpr auto out_of_order = broker_errc::out_of_order_sequence_number;

}  // namespace

TEST_CASE("sequence numbers go round after 2^31 - 1") {
    constexpr auto last = std::numeric_limits<std::int32_t>::max();
    CHECK(sequence_after(last, 1) == 0);
    CHECK(sequence_after(last - 2, 5) == 2);
    CHECK(sequence_before(last, 0));
    CHECK(sequence_before(0, 1));
    CHECK_FALSE(sequence_before(1, 0));
    CHECK_FALSE(sequence_before(3, 3));
}

TEST_CASE("each partition counts for itself") {
    Script s;
    s.ready({1, 1});
    s.queue(0, 0, {"a", "b", "c"});
    s.queue(1, 1, {"d"});
    s.answer(s.next(), {stored(0, 0), stored(1, 0)});
    s.queue(2, 0, {"e"});
    s.queue(3, 1, {"f"});
    const auto sent = Script::batches(s.next());
    CHECK(sent[0].sequence == 3);
    CHECK(sent[1].sequence == 1);
}

TEST_CASE("a retry keeps its numbers, and those behind it theirs") {
    Known s;
    for (int i = 1; i <= 3; ++i)
        s.submit(i, 0, {std::to_string(i)});
    auto flying = s.sends;
    s.sends.clear();
    s.answer(flying[0], {refused(0, broker_errc::not_enough_replicas)});
    s.answer(flying[1], {refused(0, out_of_order)});
    CHECK(s.sends.empty());
    s.answer(flying[2], {refused(0, out_of_order)});
    for (int i = 1; i <= 3; ++i) {
        ProduceCore::SendProduce send;
        const auto sent = s.sent(send);
        CHECK(sent.sequence == i);
        CHECK(sent.epoch == 0);
        CHECK(sent.values[0] == std::to_string(i));
        s.answer(send, {stored(0, i)});
    }
    CHECK(s.core.counters().epochs == 0);
}

TEST_CASE("DUPLICATE_SEQUENCE_NUMBER is a success whose offset is not known") {
    Known s;
    s.submit(1, 0, {"x"});
    s.lose(s.next());
    ProduceCore::SendProduce send;
    s.sent(send);
    s.answer(send, {refused(0, broker_errc::duplicate_sequence_number)});
    CHECK(s.ending(1).kind == Kind::success);
    CHECK(s.ending(1).offset == -1);
}

TEST_CASE("C16: an answer that leaves open whether it is stored is asked again, never failed") {
    for (const auto code :
         {broker_errc::request_timed_out, broker_errc::not_enough_replicas_after_append}) {
        Known s;
        s.submit(1, 0, {"x"}, 3s);
        s.answer(s.next(), {refused(0, code)});
        ProduceCore::SendProduce send;
        CHECK(s.sent(send).sequence == 1);
        s.answer(send, {refused(0, broker_errc::not_enough_replicas)});
        while (!s.ended(1)) {
            s.run_to(s.core.next_deadline());
            if (!s.sends.empty())
                s.answer(s.next(), {refused(0, broker_errc::not_enough_replicas)});
        }
        CHECK(s.ending(1).kind == Kind::unknown);
    }
}

TEST_CASE(
    "NOT_LEADER_OR_FOLLOWER with an offset means written there: a refusal later is no proof") {
    Known s;
    s.submit(1, 0, {"x"});
    auto row = refused_by(0, broker_errc::not_leader_or_follower, 2, 3);
    row.base_offset = 12;
    s.core.on_connected(2, s.now);
    s.answer(s.next(), {row});
    const auto send = s.next();
    CHECK(send.broker == 2);
    s.answer(send, {refused(0, broker_errc::topic_authorization_failed)});
    CHECK(s.ending(1).kind == Kind::unknown);
    CHECK(s.ending(1).code == broker_errc::topic_authorization_failed);
}

TEST_CASE("a batch that was refused leaves no gap: those behind it are numbered anew") {
    Known s;
    for (int i = 1; i <= 3; ++i)
        s.submit(i, 0, {std::to_string(i), "more"});
    auto flying = s.sends;
    s.sends.clear();
    s.answer(flying[0], {refused(0, broker_errc::invalid_record)});
    CHECK(s.ending(1).kind == Kind::failed);
    s.answer(flying[1], {refused(0, out_of_order)});
    s.answer(flying[2], {refused(0, out_of_order)});
    ProduceCore::SendProduce send;
    auto sent = s.sent(send);
    CHECK(sent.values[0] == "2");
    CHECK(sent.sequence == 1);
    CHECK(sent.epoch == 0);
    s.answer(send, {stored(0, 1)});
    sent = s.sent(send);
    CHECK(sent.values[0] == "3");
    CHECK(sent.sequence == 3);
    s.answer(send, {stored(0, 3)});
    CHECK(s.core.counters().epochs == 0);
}

TEST_CASE("a refused batch in the middle: the one before it is sent first, with its own number") {
    Known s;
    for (int i = 1; i <= 3; ++i)
        s.submit(i, 0, {std::to_string(i)});
    auto flying = s.sends;
    s.sends.clear();
    s.answer(flying[0], {refused(0, broker_errc::not_enough_replicas)});
    s.answer(flying[1], {refused(0, broker_errc::invalid_timestamp)});
    s.answer(flying[2], {refused(0, out_of_order)});
    ProduceCore::SendProduce send;
    CHECK(s.sent(send).sequence == 1);
    s.answer(send, {stored(0, 1)});
    const auto last = s.sent(send);
    CHECK(last.values[0] == "3");
    CHECK(last.sequence == 2);
}

TEST_CASE("numbers of what may be stored are not given away") {
    Known s;
    for (int i = 1; i <= 3; ++i)
        s.submit(i, 0, {std::to_string(i)});
    auto flying = s.sends;
    s.sends.clear();
    s.answer(flying[0], {refused(0, broker_errc::invalid_record)});
    s.lose(flying[1]);  // perhaps stored, as number 2
    s.answer(flying[2], {refused(0, out_of_order)});
    ProduceCore::SendProduce send;
    const auto sent = s.sent(send);
    CHECK(sent.values[0] == "2");
    CHECK(sent.sequence == 2);
    // The broker's word on it is no proof about the first try, and the epoch is over.
    s.answer(send, {refused(0, out_of_order)});
    CHECK(s.ending(2).kind == Kind::unknown);
    const auto next = s.sent(send);
    CHECK(next.values[0] == "3");
    CHECK(next.epoch == 1);
    CHECK(next.sequence == 0);
}

TEST_CASE("the rest of a batch goes before what flew behind it, which is not numbered around it") {
    Known s;
    s.submit(1, 0, {"good", "bad"});
    s.submit(2, 0, {"behind"});
    auto flying = s.sends;
    s.sends.clear();
    auto row = refused(0, broker_errc::invalid_record);
    row.record_errors = {{.batch_index = 1}};
    s.answer(flying[0], {row});
    s.lose(flying[1]);
    CHECK(s.ending(2).kind == Kind::unknown);
    s.submit(3, 0, {"last"});
    ProduceCore::SendProduce send;
    auto sent = s.sent(send);
    CHECK(sent.values[0] == "good");
    CHECK(sent.epoch == 1);
    CHECK(sent.sequence == 0);
    s.answer(send, {stored(0, 1)});
    sent = s.sent(send);
    CHECK(sent.values[0] == "last");
    CHECK(sent.sequence == 1);
}

TEST_CASE("KIP-360: a broker that lost its state gets a new epoch, of the same producer") {
    for (const auto code :
         {out_of_order, broker_errc::unknown_producer_id, broker_errc::invalid_producer_epoch}) {
        Known s;
        s.submit(1, 0, {"x"});
        s.submit(2, 0, {"y"});
        auto flying = s.sends;
        s.sends.clear();
        s.answer(flying[0], {refused(0, code)});
        s.answer(flying[1], {refused(0, code)});
        ProduceCore::SendProduce send;
        auto sent = s.sent(send);
        CHECK(sent.values[0] == "x");
        CHECK(sent.producer_id == 7);
        CHECK(sent.epoch == 1);
        CHECK(sent.sequence == 0);
        s.answer(send, {stored(0, 9)});
        sent = s.sent(send);
        CHECK(sent.values[0] == "y");
        CHECK(sent.sequence == 1);
        CHECK(s.core.counters().epochs == 1);
        CHECK(s.wanted_ids == 0);
    }
}

TEST_CASE("KIP-360: what may be stored is not sent in a new epoch") {
    Known s;
    s.submit(1, 0, {"x"});
    s.lose(s.next());
    ProduceCore::SendProduce send;
    s.sent(send);
    s.answer(send, {refused(0, out_of_order)});
    CHECK(s.ending(1).kind == Kind::unknown);
    CHECK(s.ending(1).code == out_of_order);
    s.submit(2, 0, {"y"});
    const auto sent = s.sent(send);
    CHECK(sent.epoch == 1);
    CHECK(sent.sequence == 0);
}

TEST_CASE("other partitions end their old epoch before they begin the new one") {
    Script s;
    s.ready({1, 2});
    s.submit(0, 0, {"a"});
    s.submit(1, 1, {"b"});
    s.answer(s.next(), {stored(0, 0)});
    s.answer(s.next(), {stored(1, 0)});
    s.submit(2, 1, {"in flight"});
    const auto old = s.next();
    CHECK(Script::batches(old)[0].epoch == 0);
    s.submit(3, 0, {"x"});
    s.answer(s.next(), {refused(0, out_of_order)});
    s.run_for(500ms);
    CHECK(Script::batches(s.next())[0].epoch == 1);
    s.submit(4, 1, {"waits"});
    CHECK(s.sends.empty());
    s.answer(old, {stored(1, 1)});
    ProduceCore::SendProduce send;
    const auto sent = s.only_batch(send);
    CHECK(sent.epoch == 1);
    CHECK(sent.sequence == 0);
}

TEST_CASE("after the last epoch comes another producer id") {
    Script s;
    s.core.on_leaders(0, topic_of({1}), s.now);
    s.core.on_connected(1, s.now);
    s.core.on_producer_id({7, std::numeric_limits<std::int16_t>::max()}, s.now);
    s.submit(1, 0, {"x"});
    s.answer(s.next(), {refused(0, out_of_order)});
    s.run_for(500ms);
    CHECK(s.sends.empty());
    CHECK(s.wanted_ids == 1);
    s.core.on_producer_id({8, 0}, s.now);
    ProduceCore::SendProduce send;
    const auto sent = s.only_batch(send);
    CHECK(sent.producer_id == 8);
    CHECK(sent.sequence == 0);
}

TEST_CASE("X09: after a delivery timeout the next batch never takes the numbers of the lost one") {
    Known s;
    s.submit(1, 0, {"lost"}, 5s);
    const auto send = s.next();
    s.run_for(6s);
    REQUIRE(s.ending(1).kind == Kind::unknown);
    s.lose(send);
    s.submit(2, 0, {"next"});
    ProduceCore::SendProduce again;
    const auto sent = s.sent(again);
    CHECK(sent.values[0] == "next");
    CHECK(sent.epoch == 1);
    CHECK(sent.sequence == 0);
}

TEST_CASE("X09: an acknowledgement after the deadline keeps the epoch") {
    Known s;
    s.submit(1, 0, {"late"}, 5s);
    const auto send = s.next();
    s.run_for(6s);
    s.answer(send, {stored(0, 1)});
    CHECK(s.ends.back().kind == Kind::unknown);  // told is told
    s.submit(2, 0, {"next"});
    ProduceCore::SendProduce next;
    const auto sent = s.sent(next);
    CHECK(sent.epoch == 0);
    CHECK(sent.sequence == 2);
}

TEST_CASE("an acknowledgement of what came behind shows that a lost batch is stored") {
    Known s;
    s.submit(1, 0, {"lost"}, 5s);
    s.submit(2, 0, {"behind"}, 60s);
    auto flying = s.sends;
    s.sends.clear();
    s.run_for(6s);
    s.lose(flying[0]);
    s.lose(flying[1]);
    ProduceCore::SendProduce send;
    CHECK(s.sent(send).sequence == 2);
    s.answer(send, {stored(0, 2)});
    s.submit(3, 0, {"next"});
    const auto sent = s.sent(send);
    CHECK(sent.epoch == 0);
    CHECK(sent.sequence == 3);
}

TEST_CASE("without idempotence batches have no numbers, and a lost answer is a second copy") {
    Script s(plain());
    s.ready({1});
    s.submit(1, 0, {"x"});
    ProduceCore::SendProduce send;
    CHECK(s.only_batch(send).producer_id == -1);
    s.lose(send);
    s.run_for(1s);
    CHECK(s.only_batch(send).sequence == -1);
    s.answer(send, {stored(0, 4)});
    CHECK(s.ending(1).offset == 4);
}

TEST_CASE("a fenced producer is at its end; what is in flight may still be acknowledged") {
    Script s;
    s.ready({1, 2});
    s.submit(0, 0, {"a"});
    s.submit(1, 1, {"b"});
    s.submit(2, 1, {"c"});
    const auto first = s.next(), second = s.next();
    s.answer(first, {refused(0, broker_errc::producer_fenced)});
    CHECK(s.ending(0).kind == Kind::failed);
    CHECK(s.ending(2).kind == Kind::failed);
    CHECK_FALSE(s.ended(1));
    s.answer(second, {stored(1, 3)});
    CHECK(s.ending(1).kind == Kind::success);
    CHECK(s.core.fatal().code == broker_errc::producer_fenced);
    CHECK(s.core.idle());
}
