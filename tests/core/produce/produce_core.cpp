// SPDX-License-Identifier: Apache-2.0
// ProduceCore: the plain way of batches, their order, requests, ends and memory.
#include "core/produce/produce_core.hpp"

#include "allocation_counter.hpp"
#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

TEST_CASE("a batch goes to its leader, is reported with its offset and comes back") {
    Script s;
    s.ready({1});
    s.submit(10, 0, {"a", "b"});
    const auto send = s.next();
    CHECK(send.broker == 1);
    CHECK(send.message->acks == -1);
    CHECK(send.message->timeout_ms == 30'000);
    CHECK_FALSE(send.message->transactional_id);
    CHECK(send.message->topic_data[0].name == "t");
    CHECK(send.message->topic_data[0].topic_id.bytes[15] == 1);
    CHECK(Script::batches(send)[0].values == std::vector<std::string>{"a", "b"});
    CHECK(s.core.backlog(0, 0).records == 2);
    CHECK_FALSE(s.core.idle());
    s.answer(send, {stored(0, 41)});
    REQUIRE(s.ends.size() == 1);
    CHECK(s.ends[0].kind == Kind::success);
    CHECK(s.ends[0].offset == 41);
    CHECK(s.ends[0].time == -1);
    CHECK(s.ends[0].count == 2);
    CHECK(s.ends[0].last);
    CHECK(s.released == std::vector<int>{10});
    CHECK(s.core.idle());
    CHECK(s.core.buffered_bytes() == 0);
    CHECK(s.core.backlog(0, 0).bytes == 0);
}

TEST_CASE("metadata, a connection and a producer id are asked for once, and only when needed") {
    Script s;
    s.drain();
    CHECK(s.wanted_metadata + s.wanted_ids == 0);
    for (int i = 0; i < 3; ++i)
        s.submit(i, 0, {"x"});
    CHECK(s.wanted_metadata == 1);
    CHECK(s.wanted_ids == 0);
    s.core.on_leaders(0, topic_of({4}), s.now);
    s.drain();
    CHECK(s.wanted_connections == std::vector<std::int32_t>{4});
    s.core.on_connected(4, s.now);
    s.drain();
    CHECK(s.wanted_ids == 1);
    CHECK(s.sends.empty());
    s.core.on_producer_id({9, 2}, s.now);
    const auto sent = Script::batches(s.next());
    CHECK(sent[0].producer_id == 9);
    CHECK(sent[0].epoch == 2);
    CHECK(sent[0].sequence == 0);
    CHECK(s.wanted_metadata == 1);
    CHECK(s.wanted_connections.size() == 1);
    CHECK(s.wanted_ids == 1);
}

TEST_CASE("one request carries a batch each of all partitions that a broker leads") {
    Script s(plain());
    s.ready({1, 2, 1, 1});
    for (int p = 0; p < 4; ++p) {
        s.queue(p, p, {"x"});
        s.queue(10 + p, p, {"y"});
    }
    s.drain();
    REQUIRE(s.sends.size() == 4);
    for (const auto& send : s.sends) {
        const auto sent = Script::batches(send);
        CHECK(sent.size() == (send.broker == 1 ? 3 : 1));
        for (const auto& batch : sent)
            CHECK(batch.partition % 4 != (send.broker == 1 ? 1 : 0));
    }
}

TEST_CASE("topics are grouped in a request, and what is answered in another order is understood") {
    Script s(plain());
    const auto other = s.core.add_topic("u");
    CHECK(s.core.add_topic("t") == 0);
    CHECK(s.core.add_topic("u") == other);
    auto metadata = topic_of({1, 1}, 0, 2);
    s.ready({1, 1});
    s.core.on_leaders(other, metadata, s.now);
    int tag = 0;
    for (const auto topic : {other, TopicIndex{0}}) {
        for (int p = 0; p < 2; ++p) {
            auto batch = std::make_unique<TestBatch>(tag++);
            batch->topic = topic;
            batch->partition = p;
            REQUIRE(batch->records.append(protocol::RecordRef{.value = "x"}));
            s.core.submit(std::move(batch), s.now);
        }
    }
    const auto send = s.next();
    REQUIRE(send.message->topic_data.size() == 2);
    CHECK(send.newest_version > 12);
    ProduceResponse answer;
    // By id, as from version 13 on, in reverse.
    answer.responses.resize(2);
    answer.responses[0].topic_id = metadata.id;
    answer.responses[0].partition_responses = {stored(1, 21), stored(0, 20)};
    answer.responses[1].topic_id = topic_of({}).id;
    answer.responses[1].partition_responses = {stored(1, 11), stored(0, 10)};
    s.core.on_response(send.request, answer, s.now);
    s.drain();
    CHECK(s.ending(0).offset == 20);
    CHECK(s.ending(1).offset == 21);
    CHECK(s.ending(2).offset == 10);
    CHECK(s.ending(3).offset == 11);
}

TEST_CASE("where a topic's id is not known, Produce goes in a version with names") {
    Script s(plain());
    s.core.on_leaders(0, topic_of({1}, 0, 0), s.now);
    s.core.on_connected(1, s.now);
    s.submit(1, 0, {"x"});
    CHECK(s.next().newest_version == 12);
}

TEST_CASE("a request stays below its largest size, and partitions take turns") {
    auto limits = plain();
    limits.max_request_size = 10'000;
    limits.max_in_flight = 1;
    Script s(limits);
    s.ready({1, 1, 1});
    for (int p = 0; p < 3; ++p) {
        s.queue(p, p, {std::string(4000, 'x')});
        s.queue(10 + p, p, {std::string(4000, 'y')});
    }
    std::vector<std::int32_t> order;
    for (int i = 0; i < 3; ++i) {
        const auto send = s.next();
        std::vector<Row> rows;
        for (const auto& batch : Script::batches(send)) {
            order.push_back(batch.partition);
            rows.push_back(stored(batch.partition, i));
        }
        CHECK(rows.size() == 2);
        s.answer(send, rows);
    }
    CHECK(order == std::vector<std::int32_t>{0, 1, 2, 0, 1, 2});
}

TEST_CASE("a batch above the largest request goes alone") {
    auto limits = plain();
    limits.max_request_size = 1000;
    Script s(limits);
    s.ready({1, 1});
    s.queue(1, 0, {std::string(5000, 'x')});
    s.queue(2, 1, {"y"});
    s.drain();
    REQUIRE(s.sends.size() == 2);
    CHECK(Script::batches(s.sends[0]).size() == 1);
}

TEST_CASE("at most five requests are in flight on a connection, and batches fly in their order") {
    Script s;
    s.ready({1});
    for (int i = 0; i < 9; ++i)
        s.queue(i, 0, {std::to_string(i), "more"});
    ProduceCore::SendProduce send;
    // The first goes alone: a broker that does not know the producer takes any number as the first.
    CHECK(s.only_batch(send).sequence == 0);
    s.drain();
    CHECK(s.sends.empty());
    s.answer(send, {stored(0, 0)});
    REQUIRE(s.sends.size() == 5);
    for (int i = 1; i <= 5; ++i)
        CHECK(Script::batches(s.sends[static_cast<std::size_t>(i - 1)])[0].sequence == 2 * i);
    s.answer(s.next(), {stored(0, 2)});
    CHECK(s.sends.size() == 5);
    CHECK(Script::batches(s.sends.back())[0].sequence == 12);
}

TEST_CASE("max_in_flight is obeyed without idempotence and bounded by five with it") {
    for (const bool idempotent : {false, true}) {
        ProduceLimits limits;
        limits.idempotent = idempotent;
        limits.max_in_flight = 8;
        Script s(limits);
        s.ready({1});
        s.submit(100, 0, {"first"});
        s.answer(s.next(), {stored(0, 0)});
        for (int i = 0; i < 20; ++i)
            s.submit(i, 0, {"x"});
        CHECK(s.sends.size() == (idempotent ? 5 : 8));
    }
}

TEST_CASE("acks=0: handed to the system is all there is to know") {
    auto limits = plain();
    limits.acks = 0;
    Script s(limits);
    s.ready({1});
    s.submit(1, 0, {"x"});
    const auto first = s.next();
    CHECK(first.message->acks == 0);
    s.core.on_response(first.request, {}, s.now);
    s.drain();
    CHECK(s.ending(1).kind == Kind::success);
    CHECK(s.ending(1).offset == -1);
    // Once a part of it may have left it is not sent again.
    s.submit(2, 0, {"x"});
    s.lose(s.next(), true);
    CHECK(s.ending(2).kind == Kind::unknown);
    s.submit(3, 0, {"x"});
    s.lose(s.next(), false);
    CHECK_FALSE(s.ended(3));
    s.run_for(1s);
    CHECK(s.sends.size() == 1);
}

TEST_CASE("a barrier is over when everything submitted before it is, in whatever order") {
    Script s(plain());
    s.ready({1, 2});
    CHECK(s.core.barrier_over(s.core.barrier()));
    s.submit(1, 0, {"a"});
    s.submit(2, 1, {"b"});
    const auto barrier = s.core.barrier();
    s.submit(3, 1, {"c"});
    const auto first = s.next(), second = s.next();
    s.answer(second, {stored(1, 0)});
    CHECK_FALSE(s.core.barrier_over(barrier));
    s.answer(first, {stored(0, 0)});
    CHECK(s.core.barrier_over(barrier));
    CHECK_FALSE(s.core.barrier_over(s.core.barrier()));
}

TEST_CASE("abort_waiting ends what is not in flight and lets the rest be") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a"});
    s.submit(2, 0, {"b"});
    const auto send = s.next();
    s.core.abort_waiting({errc::connection_closed, "aborted"}, s.now);
    s.drain();
    CHECK(s.ending(2).kind == Kind::failed);
    CHECK(s.ending(2).detail == "aborted");
    CHECK_FALSE(s.ended(1));
    s.answer(send, {stored(0, 5)});
    CHECK(s.ending(1).kind == Kind::success);
    // The numbers go on.
    s.submit(3, 0, {"c"});
    ProduceCore::SendProduce next;
    CHECK(s.only_batch(next).sequence == 1);
}

TEST_CASE("close ends everything; memory in a request is kept until that is over") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a"});
    s.submit(2, 0, {"b"});
    const auto send = s.next();
    s.core.close({errc::connection_closed, "closed"}, s.now);
    s.drain();
    CHECK(s.ending(1).kind == Kind::unknown);
    CHECK(s.ending(2).kind == Kind::failed);
    CHECK(s.released == std::vector<int>{2});
    CHECK_FALSE(s.core.idle());
    s.submit(3, 0, {"c"});
    CHECK(s.ending(3).kind == Kind::failed);
    CHECK(s.ending(3).code == errc::connection_closed);
    s.answer(send, {stored(0, 5)});
    CHECK(s.ends.size() == 3);  // nothing ends twice
    CHECK(s.released.back() == 1);
    CHECK(s.core.idle());
}

TEST_CASE("batches that are none are refused and come back") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {});
    CHECK(s.ending(1).code == errc::invalid_argument);
    s.submit(2, -1, {"x"});
    CHECK(s.ending(2).kind == Kind::failed);
    auto batch = std::make_unique<TestBatch>(3);
    batch->topic = 9;
    REQUIRE(batch->records.append(protocol::RecordRef{.value = "x"}));
    s.core.submit(std::move(batch), s.now);
    batch = std::make_unique<TestBatch>(4);
    batch->encoded.append("too short", 9);
    s.core.submit(std::move(batch), s.now);
    s.drain();
    CHECK(s.released == std::vector<int>{1, 2, 3, 4});
    CHECK(s.core.idle());
}

TEST_CASE("a batch that is encoded already gets its producer's numbers and a new checksum") {
    Script s;
    s.ready({1});
    protocol::RecordBatchBuilder builder;
    REQUIRE(builder.append(protocol::RecordRef{.value = "made elsewhere"}));
    builder.seal({});
    auto batch = std::make_unique<TestBatch>(1);
    batch->encoded.append("front", 5);
    batch->encoded.append(std::move(builder).take().bytes());
    batch->encoded_at = 5;
    s.core.submit(std::move(batch), s.now);
    ProduceCore::SendProduce send;
    const auto sent = s.only_batch(send);
    CHECK(sent.values[0] == "made elsewhere");
    CHECK(sent.producer_id == 7);
    CHECK(sent.sequence == 0);
}

TEST_CASE("counters tell what was done") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a", "b"});
    s.lose(s.next());
    s.run_for(1s);
    s.answer(s.next(), {stored(0, 1)});
    s.submit(2, 0, {"c"});
    s.answer(s.next(), {refused(0, broker_errc::topic_authorization_failed)});
    const auto& counters = s.core.counters();
    CHECK(counters.batches == 2);
    CHECK(counters.records == 3);
    CHECK(counters.requests == 3);
    CHECK(counters.retries == 1);
    CHECK(counters.stored == 2);
    CHECK(counters.failed == 1);
    CHECK(counters.unknown == 0);
    CHECK(counters.sent_bytes > counters.bytes);
}

TEST_CASE("destruction frees what waits, flies and was split") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a", "b", "c"});
    s.answer(s.next(), {refused(0, broker_errc::message_too_large)});
    s.submit(2, 0, {"d"});
    s.drain();
}

TEST_CASE("once its queues have grown, a batch costs no allocation") {
    Script s;
    s.ready({1});
    std::unique_ptr<ProduceBatch> batch = std::make_unique<TestBatch>(1);
    const auto answer = Script::response({stored(0, 1)});
    ProduceCore::Action action;
    const auto round = [&] {
        batch->reset();
        batch->deadline = s.now + 100s;
        static_cast<void>(batch->records.append(protocol::RecordRef{.value = "x"}));
        s.core.submit(std::move(batch), s.now);
        while (s.core.take(action)) {
            if (auto* send = std::get_if<ProduceCore::SendProduce>(&action))
                s.core.on_response(send->request, answer, s.now);
            else if (auto* release = std::get_if<ProduceCore::Release>(&action))
                batch = std::move(release->batch);
        }
    };
    for (int i = 0; i < 10; ++i)
        round();
    kafka::test::AllocationScope scope;
    for (int i = 0; i < 100; ++i)
        round();
    CHECK(scope.count() == 0);
    CHECK(s.core.counters().stored == 110);
}
