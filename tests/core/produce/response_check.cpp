// SPDX-License-Identifier: Apache-2.0
// Answers to Produce that no broker should give. None ends a batch twice, or leaves it hanging.
#include "core/produce/response_check.hpp"

#include <limits>

#include "core/produce/produce_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

namespace {

/// Two partitions on one broker, and a request for both that waits for its answer.
struct Asked : Script {
    Asked() {
        ready({1, 1});
        queue(0, 0, {"a", "b"}, 10s);
        queue(1, 1, {"c"}, 10s);
        send = next();
        REQUIRE(batches(send).size() == 2);
    }
    /// Sent again with the same numbers, and truly stored.
    void sent_again(std::int32_t partition) {
        run_for(1s);
        ProduceCore::SendProduce again;
        const auto sent = only_batch(again);
        CHECK(sent.partition == partition);
        CHECK(sent.sequence == 0);
        answer(again, {stored(partition, 77)});
        CHECK(ending(partition).offset == 77);
        CHECK(ends.size() == 2);
        CHECK(core.idle());
    }
    ProduceCore::SendProduce send;
};

}  // namespace

TEST_CASE("BI-52: rows about partitions that were not in the request are ignored and told of") {
    Asked s;
    ProduceResponse answer = Script::response(
        {stored(5, 1), stored(0, 10), stored(-1, 2), stored(1, 11), stored(0x7fffffff, 2)});
    answer.responses.push_back({.name = "stranger", .partition_responses = {stored(0, 99)}});
    answer.responses.push_back({.partition_responses = {stored(0, 98)}});
    s.core.on_response(s.send.request, answer, s.now);
    s.drain();
    CHECK(s.ending(0).offset == 10);
    CHECK(s.ending(1).offset == 11);
    CHECK(s.ends.size() == 2);
    CHECK(s.notes.size() == 1);
    CHECK(s.core.counters().odd_rows == 5);
}

TEST_CASE("BI-53: a partition that is missing in the answer was not acknowledged") {
    Asked s;
    s.answer(s.send, {stored(0, 10)});
    CHECK(s.ending(0).offset == 10);
    CHECK_FALSE(s.ended(1));
    s.sent_again(1);
}

TEST_CASE("BI-53: an answer without any row acknowledges nothing, and all ends at its deadline") {
    Asked s;
    s.core.on_response(s.send.request, {}, s.now);
    const auto until = s.now + 10s;
    while (s.now < until) {
        s.run_to(std::min(until, s.core.next_deadline()));
        while (!s.sends.empty())
            s.core.on_response(s.next().request, {}, s.now);
    }
    s.drain();
    CHECK(s.ending(0).kind == Kind::unknown);
    CHECK(s.ending(1).kind == Kind::unknown);
    CHECK(s.core.idle());
}

TEST_CASE("BI-54: of a partition that is answered twice, differently, nothing is believed") {
    for (const bool success_first : {true, false}) {
        Asked s;
        auto good = stored(0, 10), bad = refused(0, broker_errc::invalid_record);
        if (!success_first) std::swap(good, bad);
        s.answer(s.send, {good, stored(1, 11), bad});
        CHECK_FALSE(s.ended(0));
        CHECK(s.ending(1).offset == 11);
        s.sent_again(0);
    }
}

TEST_CASE("BI-54: the same row twice is one") {
    Asked s;
    s.answer(s.send, {stored(0, 10), stored(0, 10), stored(1, 11), stored(0, 10)});
    CHECK(s.ends.size() == 2);
    CHECK(s.ending(0).offset == 10);
}

TEST_CASE("BI-55: no error and offset -1 is no acknowledgement: the batch is asked about again") {
    Asked s;
    s.answer(s.send, {stored(0, -1), stored(1, 0)});
    CHECK_FALSE(s.ended(0));
    s.sent_again(0);
}

TEST_CASE("BI-56: nor is a negative offset") {
    for (const auto offset : {std::int64_t{-2}, std::numeric_limits<std::int64_t>::min()}) {
        Asked s;
        s.answer(s.send, {stored(0, offset), stored(1, 0)});
        CHECK_FALSE(s.ended(0));
        s.sent_again(0);
    }
}

TEST_CASE("BI-57: record errors that point outside the batch say nothing about its records") {
    Asked s;
    auto row = refused(0, broker_errc::invalid_record);
    row.record_errors = {{.batch_index = -1}, {.batch_index = 2}, {.batch_index = 0x7fffffff}};
    s.answer(s.send, {row, stored(1, 0)});
    // The broker refused the batch; which record was at fault stays unknown.
    REQUIRE(s.ended(0));
    CHECK(s.ending(0).kind == Kind::failed);
    CHECK(s.ending(0).count == 2);
    CHECK(s.ends.size() == 2);
}

TEST_CASE("BI-57: of record errors some of which point outside the others count, once each") {
    Asked s;
    auto row = refused(0, broker_errc::invalid_record);
    row.record_errors = {{.batch_index = 9}, {.batch_index = 1}, {.batch_index = 1}};
    s.answer(s.send, {row, stored(1, 0)});
    REQUIRE(s.ended(0));
    CHECK(s.ending(0).first == 1);
    CHECK(s.ending(0).count == 1);
    ProduceCore::SendProduce again;
    CHECK(s.only_batch(again).values == std::vector<std::string>{"a"});
}

TEST_CASE("BI-58: an append time of any value is told as it is") {
    for (const auto time : {std::numeric_limits<std::int64_t>::max(), std::int64_t{1} << 52U}) {
        Asked s;
        auto row = stored(0, 10);
        row.log_append_time_ms = time;
        auto other = stored(1, 11);
        other.log_append_time_ms = std::numeric_limits<std::int64_t>::min();
        s.answer(s.send, {row, other});
        CHECK(s.ending(0).kind == Kind::success);
        CHECK(s.ending(0).time == time);
        CHECK(s.ending(1).time == -1);
    }
}

TEST_CASE("BI-59: rows of an answer to acks=0 change nothing") {
    auto limits = plain();
    limits.acks = 0;
    Script s(limits);
    s.ready({1});
    s.submit(1, 0, {"x"});
    const auto send = s.next();
    s.answer(send, {});
    CHECK(s.ending(1).kind == Kind::success);
    s.answer(send, {refused(0, broker_errc::message_too_large)});
    CHECK(s.ends.size() == 1);
    s.submit(2, 0, {"y"});
    s.answer(s.next(), {refused(0, broker_errc::message_too_large)});
    CHECK(s.ending(2).kind == Kind::success);
    CHECK(s.ending(2).offset == -1);
}

TEST_CASE("an answer to a request that is over, or never was, is ignored") {
    Asked s;
    s.answer(s.send, {stored(0, 1), stored(1, 2)});
    s.answer(s.send, {stored(0, 1), stored(1, 2)});
    s.lose(s.send);
    s.core.on_response(12345678, Script::response({stored(0, 1)}), s.now);
    s.drain();
    CHECK(s.ends.size() == 2);
    CHECK(s.core.idle());
}

TEST_CASE("C20: an answer for 2,000 partitions in any order costs no square of them") {
    Script s(plain());
    TopicMetadata metadata = topic_of({});
    for (int p = 0; p < 2000; ++p)
        metadata.partitions.push_back({.leader = 1, .leader_epoch = 0});
    s.core.on_leaders(0, metadata, s.now);
    s.core.on_connected(1, s.now);
    for (int p = 0; p < 2000; ++p)
        s.queue(p, p, {"x"});
    const auto send = s.next();
    std::vector<Row> rows;
    for (int p = 2000; p-- > 0;)
        rows.push_back(stored(p, p));
    s.answer(send, rows);
    REQUIRE(s.ends.size() == 2000);
    for (const auto& end : s.ends)
        CHECK(end.offset == end.tag);
}
