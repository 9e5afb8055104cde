// SPDX-License-Identifier: Apache-2.0
// Writer with transactions, against the development broker: what is seen, and what is refused.
#include <atomic>
#include <thread>

#include <kafka/protocol/add_offsets_to_txn.hpp>
#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>

#include "client/writer_transaction_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::AddOffsetsToTxnRequest;
using protocol::AddPartitionsToTxnRequest;
using protocol::EndTxnRequest;
using protocol::InitProducerIdRequest;
using protocol::ProduceRequest;
using protocol::TxnOffsetCommitRequest;

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
