// SPDX-License-Identifier: Apache-2.0
#include "core/conn_core.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include "core/conn_script.hpp"
#include "growth.hpp"

using namespace kafka;
using namespace kafka::core;
using test::growth;
using test::most_growth;

namespace {

const auto aborted = std::make_error_code(std::errc::operation_canceled);

}  // namespace

TEST_CASE("answers complete their requests whatever the bytes are split into") {
    const auto wire = answer(0, "first") + answer(1, "") + answer(2, std::string(70'000, 'x'));
    for (std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{4096},
                             std::size_t{65536}, SIZE_MAX}) {
        CAPTURE(step);
        ConnScript s;
        for (const std::uint64_t id : {10u, 11u, 12u})
            s.submit(id);
        CHECK(s.write() == 3);
        s.read(wire, step);
        const auto done = s.done();
        REQUIRE(done.size() == 3);
        CHECK(done[0].first == 10);
        CHECK(done[0].second.body == "first");
        CHECK(done[1].second.body.empty());
        CHECK(!done[1].second.code);
        CHECK(done[2].second.body == std::string(70'000, 'x'));
        CHECK(s.core.in_flight() == 0);
        CHECK(s.core.counters().bytes_in == wire.size());
    }
}

TEST_CASE("two answers are told apart wherever one read ends and the next begins") {
    const auto wire = answer(0, "left") + answer(1, "right");
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        CAPTURE(cut);
        ConnScript s;
        s.submit(1);
        s.submit(2);
        s.write();
        s.read(std::string_view(wire).substr(0, cut));
        s.read(std::string_view(wire).substr(cut));
        const auto done = s.done();
        REQUIRE(done.size() == 2);
        CHECK(done[0].second.body == "left");
        CHECK(done[1].second.body == "right");
    }
}

TEST_CASE("64 answers that come in one read complete in the order of their requests") {
    ConnScript s;
    std::string wire;
    for (std::int32_t i = 0; i < 64; ++i) {
        s.submit(static_cast<std::uint64_t>(i) + 1);
        wire += answer(i, std::to_string(i));
    }
    while (s.write() > 0) {
    }
    s.read(wire);
    const auto done = s.done();
    REQUIRE(done.size() == 64);
    for (std::size_t i = 0; i < 64; ++i)
        CHECK(done[i].second.body == std::to_string(i));
}

TEST_CASE("an answer's body shares the memory of its frame") {
    ConnScript s;
    s.submit(1);
    s.write();
    s.read(answer(0, std::string(3'000'000, 'f')));
    const auto done = s.core.take();
    REQUIRE(done.has_value());
    const auto& body = done->body;
    REQUIRE(body.owner() != nullptr);
    const auto part = body.part(10, 20);
    CHECK(part.owner() == body.owner());
    CHECK(part.data() == body.data() + 10);
}

TEST_CASE("a flexible answer's header may have tags, which are left out of the body") {
    ConnScript s;
    for (const std::uint64_t id : {1u, 2u})
        s.submit(id, never, true, 4, 12);
    s.write();
    s.read(answer(0, std::string("\0body", 5)));
    s.read(answer(1, std::string("\1\7\2ab", 5) + "body"));
    const auto done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(done[0].second.body == "body");
    CHECK(done[1].second.body == "body");
}

TEST_CASE("BI-13 BI-14 BI-15: header tags that do not fit the frame are an error with the API") {
    struct {
        std::string tags;
        errc code;
        std::string detail;
    } const cases[] = {
        {std::string("\xff\xff\xff\xff\x0f", 5), errc::limit_exceeded,
         "4294967295 tagged fields, the limit is 10000 at tags @ 9/9"},
        {std::string("\1\0\x7f"
                     "ab",
                     5),
         errc::malformed_message, "tag 0 announces 127 bytes, 2 left at tags @ 7/9"},
        {std::string("\1\0\xff\xff\xff\xff\x0f"
                     "ab",
                     9),
         errc::malformed_message, "tag 0 announces 4294967295 bytes, 2 left at tags @ 11/13"},
    };
    for (const auto& [tags, code, detail] : cases) {
        ConnScript s;
        s.submit(1, never, true, 4, 12);
        s.write();
        s.read(answer(0, tags));
        const auto done = s.done();
        REQUIRE(done.size() == 1);
        CHECK(done[0].second.code == code);
        CHECK(done[0].second.detail == detail + ", ResponseHeader v1, before Metadata v12");
        CHECK(s.core.failed());
    }
}

TEST_CASE("correlation ids count from zero and are on the wire in the order of submission") {
    ConnScript s;
    for (const std::uint64_t id : {5u, 6u, 7u})
        s.submit(id);
    s.write();
    CHECK(s.correlations == std::vector<std::int32_t>{0, 1, 2});
}

TEST_CASE("BI-11: an answer to no question ends the connection") {
    ConnScript s;
    s.read(answer(0, "?"));
    CHECK(s.core.failed());
    CHECK(s.core.failure().code == errc::unexpected_correlation);
    CHECK(s.core.failure().detail == "an answer with correlation id 0 while no question is open");
}

TEST_CASE("BI-11: an unknown correlation id fails everything in flight and waiting") {
    ConnScript s({.max_in_flight = 2});
    for (const std::uint64_t id : {1u, 2u, 3u})
        s.submit(id);
    CHECK(s.write() == 2);
    s.read(answer(77, "?"));
    const auto done = s.done();
    REQUIRE(done.size() == 3);
    for (const auto& [id, outcome] : done) {
        CHECK(outcome.code == errc::unexpected_correlation);
        CHECK(outcome.detail ==
              "an answer with correlation id 77 where that of Metadata v0, 0, was due");
        CHECK(outcome.sent == (id != 3));
    }
}

TEST_CASE("BI-12: a correlation id that was answered already ends the connection") {
    ConnScript s;
    s.submit(1);
    s.submit(2);
    s.write();
    s.read(answer(0, "a") + answer(0, "a"));
    const auto done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(!done[0].second.code);
    CHECK(done[1].second.code == errc::unexpected_correlation);
    CHECK(done[1].second.detail ==
          "an answer with correlation id 0 where that of Metadata v0, 1, was due");
}

TEST_CASE("BI-12: thousands of answers are told from each other in linear time") {
    const auto answers = [](std::size_t count) { return count; };
    CHECK(growth(500, answers, [](std::size_t count) {
              ConnScript s({.max_in_flight = count});
              for (std::uint64_t id = 1; id <= count; ++id)
                  s.submit(id);
              while (s.write() > 0) {
              }
              std::string wire;
              for (std::size_t i = 0; i < count; ++i)
                  wire += answer(static_cast<std::int32_t>(i), "ok");
              s.read(wire);
              CHECK(s.done().size() == count);
              CHECK(!s.core.failed());
          }) < most_growth);
}

TEST_CASE("answers out of order end the connection") {
    ConnScript s;
    s.submit(1);
    s.submit(2);
    s.write();
    s.read(answer(1, "b"));
    const auto done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(done[0].second.code == errc::unexpected_correlation);
}

TEST_CASE("a request that expects no answer is done when it is written") {
    ConnScript s;
    s.submit(1);
    s.submit(2, never, false);
    s.submit(3);
    s.write();
    auto done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].first == 2);
    CHECK(!done[0].second.code);
    s.read(answer(0, "one") + answer(2, "three"));
    done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(done[1].second.body == "three");
}

TEST_CASE("BI-59: an answer to a request that expects none ends the connection") {
    ConnScript s;
    s.submit(1, never, false);
    s.write();
    s.read(answer(0, "?"));
    CHECK(s.core.failure().code == errc::unexpected_correlation);
}

TEST_CASE("an answer may overtake the news that its request was written") {
    ConnScript s;
    s.submit(1, never, false);
    s.submit(2);
    REQUIRE(s.core.stage(s.now));
    s.read(answer(1, "early"));
    auto done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(done[0].first == 1);
    CHECK(done[1].second.body == "early");
    CHECK(!s.core.pieces().empty());  // still in the transport's hands
    s.core.on_written(s.now);
    CHECK(s.done().empty());
    s.submit(3);
    CHECK(s.write() == 1);
}

TEST_CASE("a cancelled request that waits is never sent") {
    ConnScript s({.max_in_flight = 1});
    s.submit(1);
    s.write();
    s.submit(2);
    s.core.cancel(2);
    const auto done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].second.code == aborted);
    CHECK(!done[0].second.sent);
    CHECK(s.core.waiting_bytes() == 0);
    s.read(answer(0, ""));
    CHECK(s.write() == 0);
}

TEST_CASE("a cancelled request that was sent is abandoned and the connection lives on") {
    ConnScript s;
    for (const std::uint64_t id : {1u, 2u})
        s.submit(id);
    SUBCASE("while it is staged") {
        REQUIRE(s.core.stage(s.now));
        s.core.cancel(1);
        s.core.on_written(s.now);
    }
    SUBCASE("when it is written") {
        s.write();
        s.core.cancel(1);
    }
    auto done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].second.code == aborted);
    CHECK(done[0].second.sent);
    CHECK(s.core.in_flight() == 2);
    CHECK(s.core.wanted() == 1);
    s.read(answer(0, "dropped") + answer(1, "kept"));
    done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].second.body == "kept");
    CHECK(s.core.counters().dropped == 1);
    CHECK(!s.core.failed());
}

TEST_CASE("a cancelled request that is done already, or unknown, changes nothing") {
    ConnScript s;
    s.submit(1);
    s.write();
    s.read(answer(0, "x"));
    CHECK(s.done().size() == 1);
    s.core.cancel(1);
    s.core.cancel(99);
    CHECK(s.done().empty());
    s.submit(2);
    s.write();
    s.core.cancel(2);
    s.core.cancel(2);
    CHECK(s.done().size() == 1);
}

TEST_CASE("a cancellation for unsent requests only leaves a sent one alone") {
    ConnScript s({.max_in_flight = 1});
    s.submit(1);
    s.write();
    s.submit(2);
    s.core.cancel(1, true);
    CHECK(s.done().empty());
    s.core.cancel(2, true);
    CHECK(s.done().size() == 1);
}

TEST_CASE("a deadline ends a request in each state with request_timed_out") {
    ConnScript s({.max_in_flight = 2});
    s.submit(1, s.now + 100ms);  // to be answered
    s.submit(2, s.now + 100ms);  // to be written
    s.submit(3, s.now + 100ms);  // to wait
    s.submit(4, s.now + 200ms);
    s.write();
    CHECK(s.core.next_deadline() == s.now + 100ms);
    s.read(answer(0, "in time"));
    CHECK(s.done().size() == 1);
    s.now += 99ms;
    s.core.on_time(s.now);
    CHECK(s.done().empty());
    s.now += 1ms;
    s.core.on_time(s.now);
    auto done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(done[0].first == 2);
    CHECK(done[0].second.code == errc::request_timed_out);
    CHECK(done[0].second.sent);
    CHECK(done[1].first == 3);
    CHECK(done[1].second.code == errc::request_timed_out);
    CHECK(!done[1].second.sent);
    CHECK(s.core.next_deadline() == s.now + 100ms);
    CHECK(s.write() == 1);  // 4 takes the free place
    s.read(answer(1, "late") + answer(2, "four"));
    done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].second.body == "four");
    CHECK(s.core.counters().timed_out == 2);
}

TEST_CASE("a deadline that passed before the request was submitted ends it at once") {
    ConnScript s;
    s.submit(1, s.now);
    CHECK(s.core.next_deadline() <= s.now);
    s.core.on_time(s.now);
    CHECK(s.done().size() == 1);
    CHECK(s.write() == 0);
}

TEST_CASE("a peer that is silent long after its questions were given up is lost") {
    ConnScript s({.silence = 30s});
    s.submit(1, s.now + 1s);
    s.submit(2, s.now + 60s);
    s.write();
    s.now += 1s;
    s.core.on_time(s.now);
    CHECK(s.done().size() == 1);
    s.now += 28s;
    s.core.on_time(s.now);
    CHECK(!s.core.failed());
    CHECK(s.core.next_deadline() == s.now + 1s);
    s.now += 1s;
    s.core.on_time(s.now);
    REQUIRE(s.core.failed());
    CHECK(s.core.failure().code == errc::connection_lost);
    CHECK(s.done().size() == 1);
}

TEST_CASE("requests that are written behind a silent one do not keep the connection") {
    ConnScript s({.silence = 30s});
    s.submit(1, s.now + 1s);
    s.write();
    for (std::uint64_t id = 2; !s.core.failed() && id < 100; ++id) {
        s.now += 1s;
        s.core.on_time(s.now);
        s.submit(id, s.now + 60s);
        s.write();
    }
    CHECK(s.core.failure().code == errc::connection_lost);
    CHECK((s.now == Time{} + 1h + 30s));
}

TEST_CASE("an abandoned request may be answered as late as its own deadline allowed") {
    ConnScript s({.silence = 30s});
    s.submit(1, s.now + 300s);
    s.write();
    s.core.cancel(1);
    s.now += 299s;
    s.core.on_time(s.now);
    CHECK(!s.core.failed());
    s.read(answer(0, "joined"));
    CHECK(!s.core.failed());
    s.now += 1s;
    s.core.on_time(s.now);
    CHECK((s.core.next_deadline() == never));
}

TEST_CASE("no more than max_in_flight requests are on the wire") {
    ConnScript s({.max_in_flight = 3});
    for (std::uint64_t id = 1; id <= 5; ++id)
        s.submit(id);
    CHECK(s.write() == 3);
    CHECK(s.write() == 0);
    CHECK(s.core.waiting() == 2);
    s.read(answer(0, ""));
    CHECK(s.write() == 1);
    s.read(answer(1, "") + answer(2, "") + answer(3, ""));
    CHECK(s.write() == 1);
}

TEST_CASE("requests beyond max_waiting_bytes are refused, but one always fits") {
    ConnScript s({.max_waiting_bytes = 100});
    s.submit(1, never, true, 1000);
    CHECK(s.done().empty());
    s.submit(2);
    const auto done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].first == 2);
    CHECK(done[0].second.code == errc::too_many_in_flight);
    CHECK(s.write() == 1);
    CHECK(s.core.waiting_bytes() == 0);
    s.submit(3);
    CHECK(s.done().empty());
}

TEST_CASE("requests wait while the broker asks for a pause, and go afterwards (KIP-219)") {
    ConnScript s;
    s.submit(1);
    s.write();
    s.read(answer(0, ""));
    s.core.on_throttle(500, s.now);
    s.submit(2);
    CHECK(s.write() == 0);
    CHECK(s.core.next_deadline() == s.now + 500ms);
    s.now += 499ms;
    CHECK(s.write() == 0);
    s.now += 1ms;
    s.core.on_time(s.now);
    CHECK(s.write() == 1);
}

TEST_CASE("a request may time out during a pause, without being sent") {
    ConnScript s;
    s.core.on_throttle(500, s.now);
    s.submit(1, s.now + 100ms);
    CHECK(s.write() == 0);
    s.now += 100ms;
    s.core.on_time(s.now);
    const auto done = s.done();
    REQUIRE(done.size() == 1);
    CHECK(done[0].second.detail.find("pause") != std::string::npos);
}

TEST_CASE("BI-39: a negative throttle time is ignored and a huge one is cut") {
    ConnScript s({.max_throttle = 30s});
    for (const std::int32_t negative : {-1, -5, -2147483647 - 1})
        s.core.on_throttle(negative, s.now);
    s.submit(1);
    CHECK(s.write() == 1);
    s.core.on_throttle(2147483647, s.now);
    s.submit(2);
    CHECK(s.write() == 0);
    s.now += 30s;
    CHECK(s.write() == 1);
}

TEST_CASE("throttle times can be left aside") {
    ConnScript s({.max_throttle = 0ms});
    s.core.on_throttle(1000, s.now);
    s.submit(1);
    CHECK(s.write() == 1);
}

namespace {

/// One request is on the wire and one waits; the peer sends `bytes` and closes.
void check_close(std::string_view bytes, const std::string& detail) {
    ConnScript s({.max_in_flight = 1});
    s.submit(1);
    s.submit(2);
    s.write();
    s.read(bytes);
    s.core.on_eof();
    CHECK(s.core.failure().detail == detail);
    const auto done = s.done();
    REQUIRE(done.size() == 2);
    for (const auto& [id, outcome] : done) {
        CHECK(outcome.code == errc::connection_lost);
        CHECK(outcome.detail == detail);
        CHECK(outcome.sent == (id == 1));
    }
}

}  // namespace

TEST_CASE("the peer's close before it sent anything fails everything and says so") {
    check_close("", "the peer closed the connection before it sent anything");
}

TEST_CASE("BI-09: the peer's close inside a length says after how many bytes") {
    check_close(std::string_view("\0\0\0", 3),
                "the peer closed the connection inside a frame's length, after 3 of 4 bytes");
}

TEST_CASE("BI-10: the peer's close inside a body says after how many bytes") {
    check_close(answer(0, "0123456789").substr(0, 9),
                "the peer closed the connection inside a frame, after 5 of 14 bytes");
    check_close(answer(0, std::string(200'000, 'x')).substr(0, 100'000),
                "the peer closed the connection inside a frame, after 99996 of 200004 bytes");
}

TEST_CASE("a failure at each step of a request's life completes it once, with the first failure") {
    for (int step = 0; step < 5; ++step) {
        CAPTURE(step);
        ConnScript s;
        if (step == 0) s.core.fail({errc::connection_lost});
        s.submit(1);
        if (step == 1) s.core.fail({errc::connection_lost});
        if (step >= 2) CHECK(s.core.stage(s.now));
        if (step == 2) s.core.fail({errc::connection_lost});
        if (step >= 3) s.core.on_written(s.now);
        if (step == 3) s.core.fail({errc::connection_lost});
        if (step == 4) {
            s.read(answer(0, "ok"));
            s.core.fail({errc::connection_lost});
        }
        s.core.fail({errc::connection_closed});
        const auto done = s.done();
        REQUIRE(done.size() == 1);
        CHECK(done[0].second.code == (step == 4 ? std::error_code() : errc::connection_lost));
        CHECK(s.core.failure().code == errc::connection_lost);
        CHECK(!s.core.stage(s.now));
        CHECK(s.core.next_deadline() == never);
        s.core.on_written(s.now);
        s.core.on_time(s.now);
        CHECK(s.done().empty());
    }
}

TEST_CASE("the bytes of a write stay until it is over, also when the connection fails") {
    ConnScript s;
    s.submit(1, never, true, 2000);
    REQUIRE(s.core.stage(s.now));
    s.core.cancel(1);
    s.core.fail({errc::connection_closed});
    std::size_t sum = 0;  // ASan would see freed memory
    for (auto piece : s.core.pieces())
        for (auto byte : piece)
            sum += byte;
    CHECK(sum > 0);
}

TEST_CASE("a write takes many small requests, and a large one alone if it must") {
    ConnScript s;
    s.submit(1);
    s.submit(2, never, true, 30'000);
    for (std::uint64_t id = 3; id < 40; ++id)
        s.submit(id);
    CHECK(s.write() == 39);
}

TEST_CASE("tickets come back with their requests, and go with the core if they are not done") {
    auto alive = std::make_shared<int>(0);
    const auto ticket = [&] {
        return Ticket(new std::shared_ptr<int>(alive),
                      [](void* p) { delete static_cast<std::shared_ptr<int>*>(p); });
    };
    {
        ConnCore core;
        Outgoing out;
        out.id = 1;
        out.info = &protocol::MetadataRequest::info;
        out.ticket = ticket();
        core.submit(std::move(out));
        CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
}

// Parking (KIP-368).

TEST_CASE("while the connection is parked only its own requests go out, and before all others") {
    ConnScript s;
    s.submit(1);
    CHECK(s.write() == 1);
    s.core.park(true);
    s.submit(2);
    CHECK(s.write() == 0);
    s.submit_first(100);
    CHECK(s.write() == 1);
    s.read(answer(0, "one") + answer(1, "hundred"));
    s.submit_first(101);
    CHECK(s.write() == 1);
    CHECK(s.core.waiting() == 1);
    s.core.park(false);
    CHECK(s.write() == 1);
    s.read(answer(2, "") + answer(3, "two"));
    const auto done = s.done();
    REQUIRE(done.size() == 4);
    CHECK(done[0].first == 1);
    CHECK(done[1].first == 100);
    CHECK(done[2].first == 101);
    CHECK(done[3].first == 2);
    CHECK(done[3].second.body == "two");
}

TEST_CASE("its own requests go out before what waited longer, and beyond max_in_flight") {
    ConnLimits limits;
    limits.max_in_flight = 1;
    ConnScript s(limits);
    s.submit(1);
    s.submit(2);
    CHECK(s.write() == 1);
    s.submit_first(100);
    CHECK(s.write() == 1);
    s.read(answer(0, "") + answer(1, ""));
    CHECK(s.write() == 1);
    s.read(answer(2, ""));
    const auto done = s.done();
    REQUIRE(done.size() == 3);
    CHECK(done[1].first == 100);
    CHECK(done[2].first == 2);
}

TEST_CASE("a parked request that is late says what it waited for, one that is cancelled goes") {
    ConnScript s;
    s.core.park(true);
    s.submit(1, s.now + 10ms);
    s.submit(2);
    s.core.cancel(2);
    s.now += 10ms;
    s.core.on_time(s.now);
    const auto done = s.done();
    REQUIRE(done.size() == 2);
    CHECK(done[0].second.code == aborted);
    CHECK(done[1].second.code == errc::request_timed_out);
    CHECK(!done[1].second.sent);
    CHECK(done[1].second.detail.find("authenticates anew") != std::string::npos);
    CHECK(s.core.waiting_bytes() == 0);
}

TEST_CASE("its own requests time out and fail like others") {
    ConnScript s;
    s.submit_first(100, s.now + 10ms);
    s.submit_first(101);
    CHECK(s.core.unsent());
    CHECK(s.core.next_deadline() == s.now + 10ms);
    s.core.on_time(s.now + 10ms);
    s.core.fail({errc::connection_lost, "gone"});
    s.submit_first(102);
    const auto done = s.done();
    REQUIRE(done.size() == 3);
    CHECK(done[0].second.code == errc::request_timed_out);
    CHECK(done[1].second.code == errc::connection_lost);
    CHECK(done[2].second.code == errc::connection_lost);
}

TEST_CASE("what is in flight has been answered or given up by its latest deadline") {
    ConnScript s;
    CHECK(s.core.drained_by(s.now) == s.now);
    s.submit(1, s.now + 10s);
    s.submit(2, s.now + 5s);
    s.submit(3);
    CHECK(s.core.drained_by(s.now) == s.now);  // nothing is in flight
    CHECK(s.write() == 3);
    CHECK(s.core.drained_by(s.now) == s.now + 10s);
    CHECK(s.core.drained_by(s.now + 1h) == s.now + 1h);
}

TEST_CASE("the hint for an end stands at the end of its detail") {
    ConnScript s;
    s.core.on_eof(": is there a login?");
    CHECK(s.core.failure().detail ==
          "the peer closed the connection before it sent anything: is there a login?");
}
