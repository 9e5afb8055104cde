// SPDX-License-Identifier: Apache-2.0
// Writer with transactions, against the development broker: closing, cancelling, destroying, and
// the blocking facade.
#include <algorithm>
#include <future>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <kafka/blocking/error.hpp>
#include <kafka/blocking/writer.hpp>
#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/init_producer_id.hpp>

#include "client/writer_transaction_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::EndTxnRequest;
using protocol::InitProducerIdRequest;

TEST_CASE("close aborts an open transaction") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
        Told told;
        auto config = transactional();
        config.on_records = told.hook();
        Transactional w(broker, std::move(config));
        REQUIRE_FALSE(w.init());
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a")}));
        CHECK_FALSE(w.writer.try_write({.value = "b"}, 1));
        CHECK_FALSE(w.close());
        CHECK(broker.transaction_state("tx") == "CompleteAbort");
        CHECK(committed(broker).empty());
        CHECK(told.ends().size() == 1);
        CHECK(w.writer.stats().buffered_bytes == 0);
    }
}

TEST_CASE("close waits for a commit that is under way, and ends what waits behind it") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("a")}));
    Barrier barrier;
    broker.add(Rule::on<EndTxnRequest>().once().hold(barrier));
    Wait<> done, next, closed;
    w.writer.async_commit_transaction(done.handler());
    w.writer.async_begin_transaction(next.handler());
    REQUIRE(barrier.wait_entered(1, 20s));
    w.writer.async_close(30s, closed.handler());
    CHECK(next.get() == errc::connection_closed);
    CHECK_FALSE(closed.done(0ms));
    barrier.release();
    CHECK_FALSE(done.get());
    CHECK_FALSE(closed.get());
    CHECK(committed(broker) == Values{"a"});
}

TEST_CASE("close gives up an abort that is not answered in time") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("a")}));
    broker.add(Rule::on<EndTxnRequest>().swallow());
    CHECK(w.close(200ms) == errc::delivery_timed_out);
}

TEST_CASE("close with a commit that is not answered: nobody knows what became of it") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("a")}));
    Barrier barrier;
    broker.add(Rule::on<EndTxnRequest>().hold(barrier));
    Wait<> done;
    w.writer.async_commit_transaction(done.handler());
    REQUIRE(barrier.wait_entered(1, 20s));
    CHECK(w.close(100ms) == errc::delivery_timed_out);
    CHECK(done.get() == errc::outcome_unknown);
    barrier.release();
}

TEST_CASE("cancelled operations go on, and the next one runs after them") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    Barrier barrier;
    broker.add(Rule::on<InitProducerIdRequest>().once().hold(barrier));
    asio::cancellation_signal total, terminal, queued;
    Wait<> init, begin, taken_back;
    w.writer.async_init_transactions(asio::bind_cancellation_slot(terminal.slot(), init.handler()));
    w.writer.async_begin_transaction(asio::bind_cancellation_slot(total.slot(), begin.handler()));
    w.writer.async_commit_transaction(
        asio::bind_cancellation_slot(queued.slot(), taken_back.handler()));
    REQUIRE(barrier.wait_entered(1, 20s));
    asio::post(w.io, [&] {
        terminal.emit(asio::cancellation_type::terminal);
        queued.emit(asio::cancellation_type::total);
    });
    CHECK(init.get() == asio::error::operation_aborted);
    CHECK(taken_back.get() == asio::error::operation_aborted);
    CHECK_FALSE(begin.done(0ms));
    barrier.release();
    CHECK_FALSE(begin.get());
    // The commit was never made.
    CHECK_FALSE(w.write({message("a")}));
    Barrier ending;
    broker.add(Rule::on<EndTxnRequest>().once().hold(ending));
    asio::cancellation_signal under_way;
    Wait<> commit;
    w.writer.async_commit_transaction(
        asio::bind_cancellation_slot(under_way.slot(), commit.handler()));
    REQUIRE(ending.wait_entered(1, 20s));
    std::promise<void> emitted;
    asio::post(w.io, [&] {
        under_way.emit(asio::cancellation_type::total);  // it has begun: nothing happens
        emitted.set_value();
    });
    emitted.get_future().wait();
    CHECK_FALSE(commit.done(0ms));
    asio::post(w.io, [&] { under_way.emit(asio::cancellation_type::partial); });
    CHECK(commit.get() == asio::error::operation_aborted);
    ending.release();
    w.transact("b");
    CHECK(committed(broker) == Values{"a", "b"});
}

TEST_CASE("an operation that waits too long behind another ends in time") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    Barrier barrier;
    broker.add(Rule::on<InitProducerIdRequest>().once().hold(barrier));
    Wait<> init;
    w.writer.async_init_transactions(init.handler());
    CHECK(w.begin(100ms) == errc::request_timed_out);
    barrier.release();
    CHECK_FALSE(init.get());
    w.transact("a");
}

TEST_CASE("destruction ends what is under way, leaves the transaction open, and says so") {
    Broker broker({.topics = {{"t", 1}}});
    asio::io_context io;
    std::vector<std::string> log;
    auto config = quick();
    config.bootstrap = broker.bootstrap();
    config.conn.log = [&](const LogRecord& record) { log.emplace_back(record.message); };
    Client client(io, config);
    std::optional<Writer> writer(std::in_place, client, transactional());
    const auto run = [&](std::error_code& ec) {
        io.restart();
        while (ec == asio::error::in_progress)
            io.run_one();
    };
    const std::error_code pending = asio::error::in_progress;
    auto init = pending, begin = pending, written = pending, commit = pending, next = pending;
    writer->async_init_transactions([&](std::error_code ec) { init = ec; });
    writer->async_begin_transaction([&](std::error_code ec) { begin = ec; });
    run(begin);
    const std::vector messages{message("a")};
    writer->async_write_messages(messages,
                                 [&](std::error_code ec, const WriteResults&) { written = ec; });
    run(written);
    REQUIRE_FALSE(init);
    REQUIRE_FALSE(begin);
    REQUIRE_FALSE(written);
    SUBCASE("open") {
        writer.reset();
        io.restart();
        io.run_for(100ms);
        CHECK(std::count(log.begin(), log.end(), "destroyed with an open transaction") == 1);
        CHECK(broker.transaction_state("tx") == "Ongoing");
    }
    SUBCASE("in a commit") {
        Barrier barrier;
        broker.add(Rule::on<EndTxnRequest>().hold(barrier));
        writer->async_commit_transaction([&](std::error_code ec) { commit = ec; });
        writer->async_begin_transaction([&](std::error_code ec) { next = ec; });
        io.restart();
        while (barrier.entered() == 0)
            io.run_one_for(10ms);
        writer.reset();
        run(next);
        run(commit);
        CHECK(commit == errc::outcome_unknown);
        CHECK(next == errc::connection_closed);
        barrier.release();
    }
    SUBCASE("the Client is closed") {
        client.close();
        writer->async_commit_transaction([&](std::error_code ec) { commit = ec; });
        run(commit);
        CHECK((commit == errc::connection_closed || commit == errc::outcome_unknown));
    }
}

TEST_CASE("an event loop that is destroyed takes handlers of transactions along") {
    Broker broker({.topics = {{"t", 1}}});
    const auto token = std::make_shared<int>();
    Barrier barrier;
    broker.add(Rule::on<InitProducerIdRequest>().hold(barrier));
    {
        asio::io_context io;
        auto config = quick();
        config.bootstrap = broker.bootstrap();
        Client client(io, config);
        auto writer = std::make_shared<Writer>(client, transactional());
        writer->async_init_transactions([writer, token](auto...) { FAIL("called"); });
        writer->async_begin_transaction([writer, token](auto...) { FAIL("called"); });
        while (barrier.entered() == 0)
            io.run_one_for(10ms);
    }
    barrier.release();
    CHECK(token.use_count() == 1);
}

TEST_CASE("blocking: transactions with exceptions") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}, {"in", 1}}, .transaction_version = version});
        ClientConfig client;
        client.bootstrap = broker.bootstrap();
        blocking::Writer writer(client, transactional());
        CHECK_THROWS_WITH_AS(writer.begin_transaction(),
                             doctest::Contains("async_init_transactions()"), Error);
        writer.init_transactions();
        writer.begin_transaction();
        writer.write({.value = "a"});
        writer.send_offsets_to_transaction({{"in", 0, 3}}, {"g"});
        writer.commit_transaction({.timeout = 30s});
        writer.begin_transaction();
        writer.write({.value = "b"});
        writer.abort_transaction();
        Diagnostics said;
        CHECK_THROWS_AS(writer.abort_transaction({.diagnostics = &said}), Error);
        CHECK(said.detail.find("async_begin_transaction()") != std::string::npos);
        writer.close();
        CHECK(committed(broker) == Values{"a"});
        CHECK(broker.committed_offset("g", "in", 0) == 3);
    }
}
