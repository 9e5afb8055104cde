// SPDX-License-Identifier: Apache-2.0
// Writer with transactions, against the development broker: what fails a transaction, and what is
// known then.
#include <string>
#include <utility>

#include <asio/error.hpp>

#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/produce.hpp>

#include "client/writer_transaction_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::EndTxnRequest;
using protocol::InitProducerIdRequest;
using protocol::ProduceRequest;

namespace {

/// A transaction with a record that the broker has, "sent", and ten that wait behind it.
struct Behind {
    Behind(const Broker& broker, WriterConfig config) : w(broker, std::move(config)) {}

    void fill(Broker& broker) {
        REQUIRE_FALSE(w.init());
        w.transact("first");
        broker.add(Rule::on<ProduceRequest>().once().hold(barrier));
        REQUIRE_FALSE(w.begin());
        const std::vector messages{message("sent")};
        w.writer.async_write_messages(messages, sent.handler());
        REQUIRE(barrier.wait_entered(1, 20s));
        for (std::uint64_t i = 0; i < 10; ++i)
            CHECK_FALSE(w.writer.try_write({.value = "waits"}, i));
    }
    static WriterConfig config(Told& told) {
        auto result = transactional();
        result.on_records = told.hook();
        result.max_in_flight_requests_per_connection = 1;
        return result;
    }

    Transactional w;
    Barrier barrier;
    Wait<WriteResults> sent;
};

}  // namespace

TEST_CASE("a second Writer of the same id takes over; the first one is at its end") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
        Transactional old(broker);
        REQUIRE_FALSE(old.init());
        REQUIRE_FALSE(old.begin());
        CHECK_FALSE(old.write({message("a")}));
        Transactional young(broker);
        REQUIRE_FALSE(young.init());  // aborts what the first one has left open
        REQUIRE_FALSE(young.begin());
        CHECK_FALSE(young.write({message("b")}));
        const auto fenced = old.commit();
        CHECK(fenced == error_kind::fatal);
        CHECK(fenced == broker_errc::producer_fenced);
        CHECK(old.told_of("EndTxn"));
        // It stays so.
        CHECK(old.begin() == fenced);
        CHECK(old.abort() == fenced);
        CHECK(old.write({message("c")}) == fenced);
        CHECK(old.writer.try_write({.value = "c"}) == fenced);
        CHECK_FALSE(old.close());
        CHECK_FALSE(young.commit());
        CHECK(committed(broker) == Values{"b"});
    }
}

TEST_CASE("a Writer that is fenced while it writes learns so at the latest when it ends") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
        Transactional old(broker);
        REQUIRE_FALSE(old.init());
        REQUIRE_FALSE(old.begin());
        CHECK_FALSE(old.write({message("a")}));
        Transactional young(broker);
        REQUIRE_FALSE(young.init());
        CHECK(old.write({message("b")}));
        CHECK(old.commit());
        CHECK(old.abort() == error_kind::fatal);
        young.transact("c");
        CHECK(committed(broker) == Values{"c"});
    }
}

TEST_CASE("a record that is refused fails its transaction, which can only be aborted then") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1, 0, {{"cleanup.policy", "compact"}}}},
                       .transaction_version = version});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a", "k")}));
        // A compacted topic takes no record without a key.
        CHECK(w.write({message("b")}) == broker_errc::invalid_record);
        CHECK(w.write({message("c", "k")}) == errc::transaction_failed);
        CHECK(w.writer.try_write({.key = "k", .value = "c"}) == errc::transaction_failed);
        CHECK(w.begin() == errc::transaction_failed);
        CHECK(w.offsets({{"t", 0, 1}}) == errc::transaction_failed);
        CHECK(w.commit() == errc::transaction_failed);
        CHECK(w.told_of("INVALID_RECORD"));
        CHECK_FALSE(w.abort());
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("d", "k")}));
        CHECK_FALSE(w.commit());
        CHECK(committed(broker) == Values{"d"});
    }
}

TEST_CASE("a record that fails while the commit waits for it fails the commit") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    w.transact("first");
    Barrier barrier;
    broker.add(Rule::on<ProduceRequest>().once().hold(barrier).error(
        broker_errc::topic_authorization_failed));
    REQUIRE_FALSE(w.begin());
    Wait<WriteResults> written;
    const std::vector messages{message("a")};
    w.writer.async_write_messages(messages, written.handler());
    Diagnostics said;
    Wait<> done;
    w.writer.async_commit_transaction({.diagnostics = &said}, done.handler());
    REQUIRE(barrier.wait_entered(1, 20s));
    CHECK_FALSE(done.done(0ms));
    barrier.release();
    CHECK(done.get() == errc::transaction_failed);
    CHECK(said.detail.find("TOPIC_AUTHORIZATION_FAILED") != std::string::npos);
    CHECK(written.get() == broker_errc::topic_authorization_failed);
    CHECK_FALSE(w.abort());
    CHECK(committed(broker) == Values{"first"});
}

TEST_CASE("messages that were not taken fail the transaction; try_write's refusal does not") {
    Broker broker({.topics = {{"t", 1}}});
    auto config = transactional();
    config.max_request_size = 300'000;
    Transactional w(broker, std::move(config));
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("a")}));
    const std::string large(400'000, 'x');
    CHECK(w.writer.try_write({.value = large}) == broker_errc::message_too_large);
    CHECK_FALSE(w.commit());
    CHECK(committed(broker) == Values{"a"});
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("b")}));
    CHECK(w.write({message(large)}) == broker_errc::message_too_large);
    CHECK(w.commit() == errc::transaction_failed);
    CHECK(w.told_of("max_request_size"));
    CHECK_FALSE(w.abort());
    REQUIRE_FALSE(w.begin());
    CHECK(w.first({.value = large}, 1) == broker_errc::message_too_large);
    CHECK(w.commit() == errc::transaction_failed);
    CHECK_FALSE(w.abort());
    w.transact("c");
    CHECK(committed(broker) == Values{"a", "c"});
}

TEST_CASE("a write that waited for room in vain fails the transaction") {
    Broker broker({.topics = {{"t", 1}}});
    auto config = transactional();
    config.batch_size = 1024;
    config.buffer_memory = 6 * 1024;
    config.max_block = 1s;
    Transactional w(broker, std::move(config));
    REQUIRE_FALSE(w.init(30s));
    w.transact("first");
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    REQUIRE_FALSE(w.begin());
    std::vector<Message> messages(100, message(std::string(100, 'x')));
    Wait<WriteResults> written;
    w.writer.async_write_messages(messages, written.handler());
    CHECK(w.commit() == errc::transaction_failed);
    CHECK(w.told_of("max_block"));
    CHECK(written.get());
    REQUIRE_FALSE(broker.move_leader("t", 0, 1));
    CHECK_FALSE(w.abort());
    w.transact("second");
    CHECK(committed(broker) == Values{"first", "second"});
}

TEST_CASE("the outcome of a commit whose answer was lost is not known, and the Writer goes on") {
    for (const auto version : both) {
        for (const auto stage : {Stage::before, Stage::after}) {
            CAPTURE(version);
            CAPTURE(static_cast<int>(stage));
            Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
            Transactional w(broker);
            REQUIRE_FALSE(w.init());
            broker.add(Rule::on<EndTxnRequest>().once().disconnect(stage));
            REQUIRE_FALSE(w.begin());
            CHECK_FALSE(w.write({message("a")}));
            CHECK(w.commit() == errc::outcome_unknown);
            CHECK(w.told_of("EndTxn"));
            CHECK(broker.count<EndTxnRequest>() == 1);  // not sent again
            CHECK(w.abort() == errc::no_transaction);
            w.transact("b");
            w.transact("c");
            CHECK(committed(broker) ==
                  (stage == Stage::after ? Values{"a", "b", "c"} : Values{"b", "c"}));
        }
    }
}

TEST_CASE("a commit that is not answered in time has an unknown outcome") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    Barrier barrier;
    broker.add(Rule::on<EndTxnRequest>().once().hold_answer(barrier));
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("a")}));
    CHECK(w.commit(300ms) == errc::outcome_unknown);
    CHECK(w.told_of("not answered"));
    barrier.release();
    w.transact("b");
    CHECK(committed(broker) == Values{"a", "b"});
}

TEST_CASE("an abort whose answer was lost is through all the same") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        broker.add(Rule::on<EndTxnRequest>().once().disconnect(Stage::before));
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a")}));
        CHECK_FALSE(w.abort());
        w.transact("b");
        CHECK(committed(broker) == Values{"b"});
    }
}

TEST_CASE("coordinators and leaders that move are followed within a transaction") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1, 3}, {"in", 1}}, .transaction_version = version});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        const auto move = [&](CoordinatorOf kind, const char* key) {
            REQUIRE_FALSE(
                broker.move_coordinator(kind, key, broker.coordinator(kind, key) % 3 + 1));
        };
        move(CoordinatorOf::transaction, "tx");
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a")}));
        move(CoordinatorOf::group, "g");
        CHECK_FALSE(w.offsets({{"in", 0, 1}}));
        REQUIRE_FALSE(broker.move_leader("t", 0, broker.leader("t", 0) % 3 + 1));
        CHECK_FALSE(w.write({message("b")}));
        move(CoordinatorOf::group, "g");
        CHECK_FALSE(w.offsets({{"in", 0, 2}}));
        move(CoordinatorOf::transaction, "tx");
        CHECK_FALSE(w.commit());
        CHECK(committed(broker) == Values{"a", "b"});
        CHECK(broker.committed_offset("g", "in", 0) == 2);
    }
}

TEST_CASE("abort drops what was taken and not sent, and says so of each record") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
        Told told;
        Behind behind(broker, Behind::config(told));
        behind.fill(broker);
        Wait<> done;
        behind.w.writer.async_abort_transaction(done.handler());
        REQUIRE(told.wait(10));
        for (const auto& [cookie, end] : told.ends())
            CHECK(end.error == asio::error::operation_aborted);
        CHECK_FALSE(done.done(0ms));  // what was sent has to come back
        behind.barrier.release();
        CHECK_FALSE(done.get());
        CHECK_FALSE(behind.sent.get());
        behind.w.transact("second");
        CHECK(committed(broker) == Values{"first", "second"});
    }
}

TEST_CASE("abort_buffered() in a transaction fails it, if it dropped something") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    Behind behind(broker, Behind::config(told));
    auto& w = behind.w;
    behind.fill(broker);
    w.writer.abort_buffered();
    REQUIRE(told.wait(10));
    behind.barrier.release();
    CHECK(w.commit() == errc::transaction_failed);
    CHECK(w.told_of("abort_buffered()"));
    CHECK_FALSE(w.abort());
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("second")}));
    w.writer.abort_buffered();
    CHECK_FALSE(w.commit());
    CHECK(committed(broker) == Values{"first", "second"});
}

TEST_CASE("init that is too late may be repeated; what no broker grants is final") {
    Broker broker({.topics = {{"t", 1}}, .transaction_max_timeout = 60s});
    {
        Transactional w(broker);
        const auto rule = broker.add(
            Rule::on<InitProducerIdRequest>().error(broker_errc::concurrent_transactions));
        // On a busy machine the first may end before any broker was reached.
        int tries = 0;
        do
            CHECK(w.init(200ms) == errc::request_timed_out);
        while (!w.told_of("CONCURRENT_TRANSACTIONS") && ++tries < 50);
        CHECK(tries < 50);
        CHECK(w.begin() == errc::wrong_state);
        broker.remove(rule);
        CHECK_FALSE(w.init());
        w.transact("a");
    }
    auto config = transactional();
    config.transaction_timeout = 120s;
    Transactional w(broker, std::move(config));
    CHECK(w.init() == broker_errc::invalid_transaction_timeout);
    CHECK(w.begin() == broker_errc::invalid_transaction_timeout);
    CHECK(w.writer.try_write({.value = "x"}) == broker_errc::invalid_transaction_timeout);
    CHECK_FALSE(w.close());
}

TEST_CASE("a commit whose time is over before it was sent fails the transaction") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    w.transact("first");
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    REQUIRE_FALSE(w.begin());
    Wait<WriteResults> written;
    const std::vector messages{message("a")};
    w.writer.async_write_messages(messages, written.handler());
    CHECK(w.commit(200ms) == errc::transaction_failed);
    CHECK(w.told_of("too long"));
    CHECK(written.get());
    REQUIRE_FALSE(broker.move_leader("t", 0, 1));
    CHECK_FALSE(w.abort());
    w.transact("second");
    CHECK(committed(broker) == Values{"first", "second"});
}

TEST_CASE("a transaction that the cluster has aborted for its age is not committed") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}}, .transaction_version = version});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a")}));
        broker.advance(120s);
        const auto ec = w.commit();
        CHECK(ec);
        CHECK(ec != errc::outcome_unknown);
        CHECK(committed(broker).empty());
        if (ec == errc::transaction_failed) {
            CHECK_FALSE(w.abort());
            w.transact("b");
            CHECK(committed(broker) == Values{"b"});
        } else {
            CHECK(ec == error_kind::fatal);
        }
    }
}
