// SPDX-License-Identifier: Apache-2.0
// ProduceCore: leaders that move, connections that break, metadata that is late, time that passes.
#include "allocation_counter.hpp"
#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

TEST_CASE("C01: not the leader any more, and no word of another: metadata first, then there") {
    for (const auto code :
         {broker_errc::not_leader_or_follower, broker_errc::fenced_leader_epoch,
          broker_errc::unknown_leader_epoch, broker_errc::unknown_topic_or_partition,
          broker_errc::leader_not_available, broker_errc::kafka_storage_error}) {
        Script s;
        s.ready({1});
        s.submit(1, 0, {"x"});
        s.answer(s.next(), {refused(0, code)});
        CHECK(s.wanted_metadata == 1);
        s.run_for(5s);
        CHECK(s.sends.empty());  // nobody is asked before there is news
        s.core.on_leaders(0, topic_of({2}, 1), s.now);
        s.core.on_connected(2, s.now);
        s.run_for(1s);
        const auto send = s.next();
        CHECK(send.broker == 2);
        CHECK(Script::batches(send)[0].sequence == 0);
        s.answer(send, {stored(0, 3)});
        CHECK(s.ending(1).kind == Kind::success);
    }
}

TEST_CASE("C01: a hint is followed at once (KIP-951), once an epoch") {
    Script s;
    s.ready({1, 1});
    s.core.on_connected(2, s.now);
    s.submit(1, 0, {"x"});
    s.answer(s.next(), {refused_by(0, broker_errc::not_leader_or_follower, 2, 1)});
    CHECK(s.wanted_metadata == 0);
    const auto send = s.next();
    CHECK(send.broker == 2);
    // The same again says nothing new.
    s.answer(send, {refused_by(0, broker_errc::not_leader_or_follower, 1, 1)});
    CHECK(s.wanted_metadata == 1);
    CHECK(s.sends.empty());
    s.run_for(10s);
    CHECK(s.sends.empty());
}

TEST_CASE("C01: a pause ends when the metadata has a new leader (KIP-951)") {
    Script s;
    s.ready({1});
    s.core.on_connected(2, s.now);
    s.submit(1, 0, {"x"});
    // One that cannot, until pauses are long.
    for (int i = 0; i < 5; ++i) {
        for (s.drain(); s.sends.empty(); s.drain())
            s.run_to(s.core.next_deadline());
        s.answer(s.next(), {refused(0, broker_errc::not_enough_replicas)});
    }
    s.core.on_leaders(0, topic_of({1}), s.now);  // no news
    s.drain();
    CHECK(s.sends.empty());
    s.core.on_leaders(0, topic_of({2}, 9), s.now);
    s.drain();
    REQUIRE(s.sends.size() == 1);
    CHECK(s.next().broker == 2);
}

TEST_CASE("brokers that hand a partition round and round are asked with pauses") {
    Script s;
    s.ready({1});
    s.core.on_connected(2, s.now);
    s.submit(1, 0, {"x"});
    int asked = 0;
    const auto until = s.now + 5s;
    while (s.now < until) {
        s.drain();
        if (s.sends.empty()) {
            s.run_to(std::min(until, s.core.next_deadline()));
            continue;
        }
        const auto send = s.next();
        ++asked;
        s.answer(send, {refused_by(0, broker_errc::not_leader_or_follower, send.broker == 1 ? 2 : 1,
                                   asked)});
    }
    CHECK(asked > 5);
    CHECK(asked < 25);
}

TEST_CASE("BI-51: hints that name ever new brokers take no memory for ever") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"x"}, 1000h);
    kafka::test::AllocationScope scope;
    for (int i = 1; i <= 5000; ++i) {
        for (s.drain(); s.sends.empty();)
            s.run_to(s.core.next_deadline());
        const auto send = s.next();
        s.answer(send, {refused_by(0, broker_errc::not_leader_or_follower, 100 + i, i)});
        s.core.on_connected(100 + i, s.now);
        s.core.on_disconnected(send.broker, {}, s.now);
    }
    s.wanted_connections = {};
    CHECK(scope.live() < 2'000'000);
}

TEST_CASE("C03: a partition without a leader waits, and metadata is asked for with pauses") {
    Script s;
    s.submit(1, 0, {"x"});
    int answered = 0;
    const auto until = s.now + 60s;
    while (s.now < until) {
        s.drain();
        if (s.wanted_metadata > answered) {
            ++answered;
            s.core.on_leaders(0, topic_of({-1}, -1), s.now);
        }
        s.run_to(std::min(until, std::max(s.now, s.core.next_deadline())));
    }
    CHECK(answered > 40);
    CHECK(answered < 100);
    s.ready({1});
    CHECK(s.sends.size() == 1);
}

TEST_CASE("C04: metadata that leaves a partition out does not make its numbers begin anew") {
    Script s;
    s.ready({1, 1});
    s.submit(1, 1, {"a"});
    s.answer(s.next(), {stored(1, 0)});
    s.core.on_leaders(0, topic_of({1}), s.now);
    s.submit(2, 1, {"b"});
    CHECK(s.sends.empty());
    auto none = topic_of({});
    none.error = static_cast<std::int16_t>(broker_errc::unknown_topic_or_partition);
    s.core.on_leaders(0, none, s.now);
    s.run_for(1s);
    CHECK(s.wanted_metadata > 0);
    CHECK_FALSE(s.ended(2));
    s.core.on_leaders(0, topic_of({1, 1}), s.now);
    s.run_for(1s);
    ProduceCore::SendProduce send;
    CHECK(s.only_batch(send).sequence == 1);
}

TEST_CASE("older metadata does not take back what a hint said") {
    Script s;
    s.ready({1});
    s.core.on_connected(2, s.now);
    s.submit(1, 0, {"x"});
    s.answer(s.next(), {refused_by(0, broker_errc::not_leader_or_follower, 2, 5)});
    const auto send = s.next();
    s.core.on_leaders(0, topic_of({1}, 4), s.now);
    s.lose(send, false);
    s.run_for(1s);
    CHECK(s.next().broker == 2);
}

TEST_CASE("a topic that one may not write to fails what waits, and only that") {
    Script s(plain());
    s.ready({1});
    s.submit(1, 0, {"flies"});
    auto lost = topic_of({1});
    lost.error = static_cast<std::int16_t>(broker_errc::topic_authorization_failed);
    s.queue(2, 1, {"waits"});
    s.core.on_leaders(0, lost, s.now);
    s.drain();
    CHECK(s.ending(2).kind == Kind::failed);
    CHECK(s.ending(2).code == broker_errc::topic_authorization_failed);
    CHECK_FALSE(s.ended(1));
}

TEST_CASE("a topic that was created anew has another log: one batch at a time until it knows us") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"a"});
    s.answer(s.next(), {stored(0, 0)});
    s.core.on_leaders(0, topic_of({1}, 0, 9), s.now);
    s.submit(2, 0, {"b"});
    s.submit(3, 0, {"c"});
    CHECK(s.sends.size() == 1);
    s.answer(s.next(), {stored(0, 0)});
    CHECK(s.sends.size() == 1);
}

TEST_CASE("a lost connection: what was on it is sent again in its order, on a new one") {
    Script s;
    s.ready({1});
    s.submit(0, 0, {"0"});
    s.answer(s.next(), {stored(0, 0)});
    for (int i = 1; i <= 4; ++i)
        s.submit(i, 0, {std::to_string(i)});
    REQUIRE(s.sends.size() == 4);
    auto lost = s.sends;
    s.sends.clear();
    s.core.on_disconnected(1, {errc::connection_lost, ""}, s.now);
    for (std::size_t i = 0; i < lost.size(); ++i) {
        CHECK(s.sends.empty());  // nothing newer goes while some are out
        s.lose(lost[i]);
    }
    s.run_for(1s);
    CHECK(s.wanted_connections.back() == 1);
    CHECK(s.wanted_metadata > 0);
    s.core.on_connected(1, s.now);
    for (int i = 1; i <= 4; ++i) {
        ProduceCore::SendProduce send;
        const auto sent = s.only_batch(send);
        CHECK(sent.values[0] == std::to_string(i));
        CHECK(sent.sequence == i);
        if (i == 1) CHECK(s.sends.empty());  // one at a time until one is through
        s.answer(send, {stored(0, i)});
    }
    CHECK(s.core.counters().stored == 5);
}

TEST_CASE("a partition's batches are never on two brokers at a time") {
    Script s;
    s.ready({1});
    s.submit(0, 0, {"0"});
    s.answer(s.next(), {stored(0, 0)});
    s.submit(1, 0, {"1"});
    const auto first = s.next();
    s.core.on_leaders(0, topic_of({2}, 1), s.now);
    s.core.on_connected(2, s.now);
    s.submit(2, 0, {"2"});
    CHECK(s.sends.empty());
    s.answer(first, {stored(0, 1)});
    CHECK(s.next().broker == 2);
}

TEST_CASE("connections that do not come about are asked for with pauses, and metadata with them") {
    Script s;
    s.core.on_leaders(0, topic_of({1}), s.now);
    s.submit(1, 0, {"x"});
    const auto until = s.now + 30s;
    std::size_t told = 0;
    while (s.now < until) {
        s.drain();
        while (told < s.wanted_connections.size()) {
            ++told;
            s.core.on_disconnected(1, {errc::connect_timed_out, "b1"}, s.now);
            s.core.on_leaders(0, topic_of({1}), s.now);
            s.drain();
        }
        s.run_to(std::min(until, std::max(s.now, s.core.next_deadline())));
    }
    CHECK(told > 20);
    CHECK(told < 50);
    CHECK(s.wanted_metadata >= static_cast<int>(told) - 1);
    s.run_for(100s);
    CHECK(s.ending(1).kind == Kind::failed);
    CHECK(s.ending(1).detail.find("b1") != std::string::npos);
}

TEST_CASE("a broker that refuses the credentials fails what waits for it") {
    Script s;
    s.core.on_leaders(0, topic_of({1}), s.now);
    s.submit(1, 0, {"x"});
    s.core.on_disconnected(1, {errc::sasl_authentication_failed, "no"}, s.now);
    s.drain();
    CHECK(s.ending(1).code == errc::sasl_authentication_failed);
    CHECK(s.ending(1).kind == Kind::failed);
}

TEST_CASE("retries back off up to a second") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"x"});
    std::vector<Time> times;
    for (int i = 0; i < 8; ++i) {
        while (s.sends.empty())
            s.run_to(s.core.next_deadline());
        times.push_back(s.now);
        s.answer(s.next(), {refused(0, broker_errc::not_enough_replicas)});
    }
    CHECK(times[1] - times[0] >= 80ms);
    CHECK(times[1] - times[0] <= 121ms);
    CHECK(times[7] - times[6] >= 800ms);
    CHECK(times[7] - times[6] <= 1001ms);
}

TEST_CASE("a broker's throttle is obeyed up to the request timeout (BI-39)") {
    auto limits = plain();
    Script s(limits);
    s.ready({1});
    s.submit(1, 0, {"x"});
    auto answer = Script::response({stored(0, 1)});
    answer.throttle_time_ms = 700;
    s.core.on_response(s.next().request, answer, s.now);
    s.submit(2, 0, {"y"});
    s.run_for(690ms);
    CHECK(s.sends.empty());
    s.run_for(20ms);
    REQUIRE(s.sends.size() == 1);
    answer.throttle_time_ms = 0x7fffffff;
    s.core.on_response(s.next().request, answer, s.now);
    s.submit(3, 0, {"z"});
    s.run_for(31s);
    CHECK(s.sends.size() == 1);
}

TEST_CASE("what was never sent fails when its time is over; its numbers are used by the next") {
    Script s;
    s.core.on_leaders(0, topic_of({1}), s.now);
    s.submit(1, 0, {"x"}, 5s);
    s.submit(2, 0, {"y"}, 60s);
    s.run_for(4999ms);
    CHECK_FALSE(s.ended(1));
    s.run_for(1ms);
    CHECK(s.ending(1).kind == Kind::failed);
    CHECK(s.ending(1).code == errc::request_timed_out);
    CHECK(s.core.counters().expired == 1);
    s.ready({1});
    ProduceCore::SendProduce send;
    const auto sent = s.only_batch(send);
    CHECK(sent.values[0] == "y");
    CHECK(sent.sequence == 0);
}

TEST_CASE("deadlines are kept in whatever order they come") {
    Script s;
    s.submit(1, 0, {"x"}, 50s);
    s.submit(2, 0, {"y"}, 10s);
    s.submit(3, 1, {"z"}, 30s);
    s.core.on_leaders(0, topic_of({1, 1}), s.now);
    s.run_for(10s);
    CHECK(s.ended(2));
    CHECK(s.ends.size() == 1);
    s.run_for(20s);
    CHECK(s.ended(3));
    s.run_for(20s);
    CHECK(s.ended(1));
}

TEST_CASE(
    "X09: what is in a request ends as unknown at its deadline, its memory when that is over") {
    Script s;
    s.ready({1});
    s.submit(1, 0, {"x"}, 5s);
    const auto send = s.next();
    s.run_for(6s);
    CHECK(s.ending(1).kind == Kind::unknown);
    CHECK(s.released.empty());
    CHECK(Script::batches(send)[0].values[0] == "x");  // still whole
    s.submit(2, 0, {"y"});
    s.lose(send);
    CHECK(s.released == std::vector<int>{1});
    CHECK(s.ends.size() == 1);
}

TEST_CASE("time alone takes few steps, whatever waits") {
    Script s;
    s.ready({1, -1, 2});
    s.core.on_disconnected(2, {errc::connection_lost, ""}, s.now);
    s.submit(1, 0, {"in flight"});
    s.submit(2, 1, {"without a leader"});
    s.submit(3, 2, {"without a connection"});
    s.submit(4, 0, {"behind the first"});
    // Nobody answers anything.
    CHECK(s.run_for(119s) < 10);
    CHECK(s.run_for(2s) < 10);
    CHECK(s.core.next_deadline() == never);
    CHECK(s.ends.size() == 4);
}

TEST_CASE("a producer id that is not given is asked for with pauses; a refusal is the end") {
    Script s;
    s.core.on_leaders(0, topic_of({1}), s.now);
    s.core.on_connected(1, s.now);
    s.submit(1, 0, {"x"});
    CHECK(s.wanted_ids == 1);
    s.core.on_no_producer_id({broker_errc::coordinator_load_in_progress, ""}, s.now);
    s.drain();
    CHECK(s.wanted_ids == 1);
    s.run_for(150ms);
    CHECK(s.wanted_ids == 2);
    s.core.on_no_producer_id({broker_errc::cluster_authorization_failed, ""}, s.now);
    s.drain();
    CHECK(s.ending(1).code == broker_errc::cluster_authorization_failed);
    CHECK(s.core.fatal().code == broker_errc::cluster_authorization_failed);
    s.submit(2, 0, {"y"});
    CHECK(s.ending(2).kind == Kind::failed);
}
