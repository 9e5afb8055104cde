// SPDX-License-Identifier: Apache-2.0
// Writer with transactions, against the development broker: what is seen, and what errors mean.
#include <algorithm>
#include <array>
#include <future>
#include <optional>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <kafka/blocking/dialer.hpp>
#include <kafka/blocking/error.hpp>
#include <kafka/blocking/partition_conn.hpp>
#include <kafka/blocking/writer.hpp>
#include <kafka/protocol/add_offsets_to_txn.hpp>
#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>

#include "client/writer_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::AddOffsetsToTxnRequest;
using protocol::AddPartitionsToTxnRequest;
using protocol::EndTxnRequest;
using protocol::InitProducerIdRequest;
using protocol::ProduceRequest;
using protocol::TxnOffsetCommitRequest;
using Values = std::vector<std::string>;

namespace {

// What the cluster has finalized: 0 is the protocol of KIP-98, 2 that of KIP-890.
constexpr std::array<std::int16_t, 2> both{0, 2};

WriterConfig transactional(std::string id = "tx") {
    WriterConfig config{.topic = "t"};
    config.transactional_id = std::move(id);
    config.retry_backoff = 10ms;
    config.retry_backoff_max = 50ms;
    return config;
}

ClientConfig quick() {
    ClientConfig config;
    config.retry_backoff = 10ms;
    config.retry_backoff_max = 50ms;
    return config;
}

struct Transactional : WriterLoop {
    explicit Transactional(const Broker& broker, WriterConfig config = transactional())
        : WriterLoop(broker.bootstrap(), std::move(config), quick()) {}

    TransactionOptions with(std::optional<std::chrono::milliseconds> timeout) {
        said.clear();
        return {timeout, &said};
    }
    using Timeout = std::optional<std::chrono::milliseconds>;
    std::error_code init(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_init_transactions(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code begin(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_begin_transaction(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code commit(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_commit_transaction(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code abort(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_abort_transaction(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code offsets(std::vector<GroupOffset> all, GroupMetadata group = {"g"}) {
        Wait<> wait;
        writer.async_send_offsets_to_transaction(std::move(all), std::move(group),
                                                 with(std::nullopt), wait.handler());
        return wait.get(60s);
    }
    /// A whole transaction.
    void transact(const std::string& value) {
        REQUIRE_FALSE(begin());
        REQUIRE_FALSE(write({message(value)}));
        REQUIRE_FALSE(commit());
    }
    bool told_of(std::string_view text) { return said.detail.find(text) != std::string::npos; }

    Diagnostics said;
};

/// What a reader of committed data gets.
Values committed(const Broker& broker, const std::string& topic = "t", std::int32_t partition = 0) {
    const blocking::Dialer dialer;
    auto conn = dialer.dial_leader(broker.bootstrap(), topic, partition);
    const auto end = conn.last_offset({.isolation = Isolation::read_committed});
    conn.seek(0, Whence::absolute);
    Values values;
    std::int64_t at = 0;
    for (int i = 0; at < end && i < 10'000; ++i) {
        auto batch = conn.read_batch();
        while (auto one = batch.read_message())
            values.emplace_back(one->value.text());
        at = batch.offset();
    }
    CHECK(at == end);
    return values;
}

}  // namespace

TEST_CASE("a committed transaction is seen as a whole, an aborted one never") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker(
            {.topics = {{"t", 2}}, .transaction_version = version, .record_history = true});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        REQUIRE_FALSE(w.begin());
        auto second = message("b");
        second.partition = 1;
        auto first = message("a");
        first.partition = 0;
        CHECK_FALSE(w.write({first, second}));
        CHECK(committed(broker).empty());
        CHECK(broker.transaction_state("tx") == "Ongoing");
        CHECK_FALSE(w.commit());
        CHECK(committed(broker) == Values{"a"});
        CHECK(committed(broker, "t", 1) == Values{"b"});

        REQUIRE_FALSE(w.begin());
        first.value = "c";
        CHECK_FALSE(w.write({first}));
        CHECK_FALSE(w.abort());
        CHECK(broker.transaction_state("tx") == "CompleteAbort");
        CHECK(committed(broker) == Values{"a"});

        REQUIRE_FALSE(w.begin());
        first.value = "d";
        CHECK_FALSE(w.write({first}));
        CHECK_FALSE(w.commit());
        CHECK(committed(broker) == Values{"a", "d"});
        // The protocol is the one that the cluster has finalized.
        CHECK(broker.count<EndTxnRequest>() == 3);
        CHECK((broker.count<AddPartitionsToTxnRequest>() > 0) == (version == 0));
        for (const auto& call : broker.history()) {
            if (call.is<EndTxnRequest>()) CHECK((call.version >= 5) == (version == 2));
            if (call.is<ProduceRequest>()) CHECK((call.version >= 12) == (version == 2));
        }
        CHECK_FALSE(w.close());
    }
}

TEST_CASE("transactions in which nothing is written cost no request") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    CHECK_FALSE(w.begin());
    CHECK_FALSE(w.commit());
    CHECK_FALSE(w.begin());
    CHECK_FALSE(w.offsets({}));
    CHECK_FALSE(w.abort());
    CHECK(broker.count<EndTxnRequest>() == 0);
}

TEST_CASE("older brokers, which lack the newest versions, are spoken to as they know it") {
    Broker broker({.topics = {{"t", 1}, {"in", 1}}, .transaction_version = 0});
    REQUIRE_FALSE(broker.limit_versions<EndTxnRequest>(0, 1));
    REQUIRE_FALSE(broker.limit_versions<ProduceRequest>(0, 9));
    REQUIRE_FALSE(broker.limit_versions<InitProducerIdRequest>(0, 1));
    REQUIRE_FALSE(broker.limit_versions<TxnOffsetCommitRequest>(0, 2));
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    CHECK_FALSE(w.write({message("a")}));
    CHECK_FALSE(w.offsets({{"in", 0, 7}}));
    CHECK_FALSE(w.commit());
    CHECK(committed(broker) == Values{"a"});
    CHECK(broker.committed_offset("g", "in", 0) == 7);
    // A member's identity could not be carried: that fails rather than go unchecked (KIP-447).
    REQUIRE_FALSE(w.begin());
    CHECK(w.offsets({{"in", 0, 8}}, {.group_id = "g", .generation = 1, .member_id = "m"}) ==
          errc::transaction_failed);
    CHECK_FALSE(w.abort());
}

TEST_CASE("what was written before a commit is in it, waited for or not") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 3}}, .transaction_version = version});
        auto config = transactional();
        config.batch_size = 1024;
        config.buffer_memory = 6 * 1024;
        Transactional w(broker, std::move(config));
        REQUIRE_FALSE(w.init());
        for (int round = 0; round < 3; ++round) {
            REQUIRE_FALSE(w.begin());
            std::vector<Message> messages;
            for (int i = 0; i < 300; ++i) {
                messages.push_back(message(std::string(100, 'x')));
                messages.back().partition = i % 3;
            }
            // Far more than there is room for.
            Wait<WriteResults> written;
            w.writer.async_write_messages(messages, written.handler());
            Wait<> done;
            w.writer.async_commit_transaction(done.handler());
            Wait<WriteResults> late;
            w.writer.async_write_messages(messages, late.handler());
            CHECK_FALSE(done.get());
            CHECK_FALSE(written.get());
            CHECK(late.get() == errc::no_transaction);
            CHECK(late.result().failed == 300);
            for (std::int32_t partition = 0; partition < 3; ++partition)
                CHECK(committed(broker, "t", partition).size() ==
                      static_cast<std::size_t>(100 * (round + 1)));
        }
    }
}

TEST_CASE("threads write while transactions come and go: every record that was taken is seen") {
    constexpr int threads = 4, rounds = 25;
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 3}}, .transaction_version = version});
        Told told;
        auto config = transactional();
        config.on_records = told.hook();
        config.batch_size = 4096;
        config.buffer_records = 1000;
        Transactional w(broker, std::move(config));
        REQUIRE_FALSE(w.init());
        std::atomic<bool> over{false};
        std::atomic<std::uint64_t> taken{0};
        std::atomic<int> other_errors{0};
        std::vector<std::thread> all;
        for (int t = 0; t < threads; ++t)
            all.emplace_back([&, t] {
                for (std::uint64_t i = 0; !over; ++i) {
                    const auto cookie = (static_cast<std::uint64_t>(t) << 32U) | i;
                    const auto ec = w.writer.try_write({.value = "x"}, cookie);
                    if (!ec)
                        ++taken;
                    else if (ec != errc::no_transaction && ec != errc::topic_not_ready &&
                             ec != errc::buffer_full)
                        ++other_errors;
                    if (ec || i % 64 == 0) std::this_thread::yield();
                }
            });
        for (int round = 0; round < rounds; ++round) {
            CHECK_FALSE(w.begin());
            CHECK_FALSE(w.write({message("mine")}));
            CHECK_FALSE(w.commit());
        }
        over = true;
        for (auto& one : all)
            one.join();
        CHECK_FALSE(w.close());
        CHECK(other_errors == 0);
        std::size_t seen = 0;
        for (std::int32_t partition = 0; partition < 3; ++partition)
            seen += committed(broker, "t", partition).size();
        CHECK(seen == taken + rounds);
        CHECK(told.ends().size() == taken);
        for (const auto& [cookie, end] : told.ends())
            REQUIRE_FALSE(end.error);
    }
}

TEST_CASE("a group's offsets are committed with the transaction") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}, {"in", 2}}, .transaction_version = version});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a")}));
        CHECK_FALSE(w.offsets({{"in", 0, 42}, {"in", 1, 5, 0, "note"}}));
        CHECK(broker.committed_offset("g", "in", 0) == -1);
        CHECK_FALSE(w.abort());
        CHECK(broker.committed_offset("g", "in", 0) == -1);
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.offsets({{"in", 0, 42}}));
        CHECK_FALSE(w.offsets({{"in", 0, 43}, {"in", 1, 6}}));
        CHECK_FALSE(w.commit());
        CHECK(broker.committed_offset("g", "in", 0) == 43);
        CHECK(broker.committed_offset("g", "in", 1) == 6);
        CHECK(broker.count<AddOffsetsToTxnRequest>() == (version == 0 ? 2 : 0));
    }
}

TEST_CASE("offsets that no broker would take are refused without harm") {
    Broker broker({.topics = {{"t", 1}, {"in", 1}}});
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    CHECK(w.offsets({{"in", 0, 1}}, {""}) == errc::invalid_argument);
    CHECK(w.told_of("group_id"));
    CHECK(w.offsets({{"in", 0, -1}}) == errc::invalid_argument);
    CHECK(w.told_of("offset -1 of topic 'in', partition 0"));
    CHECK(w.offsets({{"in", -1, 1}}) == errc::invalid_argument);
    CHECK(w.offsets({{"", 0, 1}}) == errc::invalid_argument);
    CHECK(w.offsets({{"in", 0, 1}, {"in", 0, 2}}) == errc::invalid_argument);
    CHECK(w.told_of("twice"));
    CHECK(broker.count<TxnOffsetCommitRequest>() == 0);
    CHECK_FALSE(w.write({message("a")}));
    CHECK_FALSE(w.commit());
    CHECK(committed(broker) == Values{"a"});
}

TEST_CASE("KIP-447: offsets of somebody who is no member fail the transaction, not the Writer") {
    for (const auto version : both) {
        CAPTURE(version);
        Broker broker({.topics = {{"t", 1}, {"in", 1}}, .transaction_version = version});
        Transactional w(broker);
        REQUIRE_FALSE(w.init());
        REQUIRE_FALSE(w.begin());
        CHECK_FALSE(w.write({message("a")}));
        CHECK(w.offsets({{"in", 0, 1}}, {.group_id = "g", .generation = 3, .member_id = "m"}) ==
              errc::transaction_failed);
        CHECK(w.told_of("TxnOffsetCommit"));
        CHECK(w.commit() == errc::transaction_failed);
        CHECK_FALSE(w.abort());
        w.transact("b");
        CHECK(committed(broker) == Values{"b"});
    }
}

TEST_CASE("operations in a wrong state are refused, and say what to do") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker);
    WriteResults results;
    CHECK(w.write({message("x")}, &results) == errc::no_transaction);
    CHECK(results.detail.find("begin") != std::string::npos);
    CHECK(w.writer.try_write({.value = "x"}) == errc::no_transaction);
    CHECK(w.first({.value = "x"}, 1) == errc::no_transaction);
    CHECK(w.begin() == errc::wrong_state);
    CHECK(w.told_of("async_init_transactions()"));
    CHECK(w.commit() == errc::wrong_state);
    REQUIRE_FALSE(w.init());
    CHECK(w.init() == errc::wrong_state);
    CHECK(w.commit() == errc::no_transaction);
    CHECK(w.abort() == errc::no_transaction);
    CHECK(w.offsets({{"t", 0, 1}}) == errc::no_transaction);
    CHECK(w.writer.try_write({.value = "x"}) == errc::no_transaction);
    REQUIRE_FALSE(w.begin());
    CHECK(w.begin() == errc::wrong_state);
    CHECK(w.told_of("open"));
    CHECK_FALSE(w.write({message("a")}));
    CHECK_FALSE(w.commit());
    CHECK(w.writer.try_write({.value = "x"}) == errc::no_transaction);
    CHECK_FALSE(w.close());
    CHECK(w.begin() == errc::connection_closed);
    CHECK(w.writer.try_write({.value = "x"}) == errc::connection_closed);
    CHECK(committed(broker) == Values{"a"});
}

TEST_CASE("without a transactional id there are no transactions") {
    Broker broker({.topics = {{"t", 1}}});
    Transactional w(broker, transactional(""));
    CHECK(w.init() == errc::wrong_state);
    CHECK(w.told_of("transactional_id"));
    CHECK(w.begin() == errc::wrong_state);
    CHECK(w.offsets({{"t", 0, 1}}) == errc::wrong_state);
    CHECK_FALSE(w.write({message("a")}));
    CHECK_FALSE(w.close());
}

TEST_CASE("configurations with which transactions cannot work are refused") {
    const auto refused = [](auto change) {
        auto config = transactional();
        change(config);
        const auto failure = check_writer_config(config);
        CHECK(failure.code == errc::invalid_argument);
        return failure.detail;
    };
    CHECK_FALSE(check_writer_config(transactional()));
    CHECK(refused([](WriterConfig& c) { c.enable_idempotence = false; }).find("idempotence") !=
          std::string::npos);
    CHECK(refused([](WriterConfig& c) { c.on_full = OnFull::drop_oldest; }).find("on_full") !=
          std::string::npos);
    refused([](WriterConfig& c) { c.transaction_timeout = 0ms; });
    refused([](WriterConfig& c) { c.transaction_timeout = std::chrono::hours(24 * 30); });
    refused([](WriterConfig& c) { c.transactional_id = std::string(40'000, 'x'); });
    refused([](WriterConfig& c) { c.acks = RequiredAcks::leader; });
}

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
        CHECK(w.init(200ms) == errc::request_timed_out);
        CHECK(w.told_of("CONCURRENT_TRANSACTIONS"));
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
