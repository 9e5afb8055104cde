// SPDX-License-Identifier: Apache-2.0
// The coordinators of transactions.
#include "testing/transaction_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

using Offsets = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("only the coordinator of a transactional id answers for it") {
    TransactionFixture f;
    f.begin();
    REQUIRE(f.core.cluster().move_coordinator(CoordinatorOf::transaction, "tx",
                                              static_cast<std::int32_t>(f.coordinator() % 3 + 1)));
    const auto old = static_cast<ConnectionId>((f.coordinator() + 1) % 3 + 1);
    REQUIRE(old != f.coordinator());
    const auto answer = f.ask(f.end_request(true), 5, old);
    CHECK(answer.error_code == code(broker_errc::not_coordinator));
    // The new one knows everything.
    f.write(0);
    f.finish(true);
    CHECK(f.committed() == Offsets{0});
}

TEST_CASE("another producer of the same id fences the first and aborts its transaction") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        CAPTURE(version);
        TransactionFixture f(version);
        f.begin();
        f.write(0);
        CHECK(f.init().error_code == code(broker_errc::concurrent_transactions));
        CHECK(f.state() == "CompleteAbort");
        const auto second = f.init();
        CHECK(second.error_code == 0);
        CHECK(second.producer_id == f.producer_id);
        CHECK(second.producer_epoch == 2);
        CHECK(f.committed().empty());
        CHECK(f.fetch(0).last_stable_offset == 2);
        CHECK(f.produce(f.batch(1)) == broker_errc::invalid_producer_epoch);
        CHECK(f.end(true).error_code == code(broker_errc::producer_fenced));
        CHECK(f.end(true, 1).error_code == code(broker_errc::invalid_producer_epoch));
        CHECK(f.add({0}) == broker_errc::producer_fenced);
        CHECK(f.init(f.producer_id, 0).error_code == code(broker_errc::producer_fenced));
        CHECK(f.init(f.producer_id, 0, 3).error_code == code(broker_errc::invalid_producer_epoch));
    }
}

TEST_CASE("a producer gets a new epoch for its old one, and the same when it asks again") {
    TransactionFixture f;
    f.begin();
    CHECK(f.init(f.producer_id, 0).producer_epoch == 1);
    CHECK(f.init(f.producer_id, 0).producer_epoch == 1);
    CHECK(f.init(f.producer_id, 1).producer_epoch == 2);
    CHECK(f.init(f.producer_id, 0).error_code == code(broker_errc::producer_fenced));
    CHECK(f.init(f.producer_id + 5, 2).error_code == code(broker_errc::producer_fenced));
    f.init();
    CHECK(f.init(f.producer_id, 2).error_code == code(broker_errc::producer_fenced));
}

TEST_CASE("an exhausted epoch brings another producer id") {
    TransactionFixture f;
    f.begin();
    for (int i = 0; i < 32'766; ++i)
        f.epoch = f.init().producer_epoch;
    CHECK(f.epoch == 32'766);
    SUBCASE("at the end of a transaction of version 2") {
        const auto old = f.producer_id;
        f.write(0);
        const auto request = f.end_request(true);
        f.finish(true);
        CHECK(f.producer_id != old);
        CHECK(f.epoch == 0);
        CHECK(f.committed() == Offsets{0});
        // The same request again gets the same answer.
        const auto again = f.ask(request, 5, f.coordinator());
        CHECK(again.error_code == 0);
        CHECK(again.producer_id == f.producer_id);
        CHECK(again.producer_epoch == 0);
    }
    SUBCASE("when the producer is fenced in a transaction") {
        f.write(0);
        CHECK(f.init().error_code == code(broker_errc::concurrent_transactions));
        CHECK(f.describe().producer_id != f.producer_id);
        CHECK(f.describe().producer_epoch == 0);
        CHECK(f.committed().empty());
        // The one that was fenced may go on with what it asks for.
        const auto next = f.init(f.producer_id, 32'766);
        CHECK(next.producer_id == f.describe().producer_id);
        CHECK(next.producer_epoch == 0);
    }
    SUBCASE("at InitProducerId") {
        const auto answer = f.init(f.producer_id, 32'766);
        CHECK(answer.producer_id != f.producer_id);
        CHECK(answer.producer_epoch == 0);
    }
}

TEST_CASE("EndTxn of version 1 may come again, and not with another end") {
    TransactionFixture f(1);
    f.begin();
    CHECK(f.end(true).error_code == code(broker_errc::invalid_txn_state));  // nothing began
    CHECK(f.end(false).error_code == code(broker_errc::invalid_txn_state));
    f.write(0);
    CHECK(f.end(true).error_code == 0);
    CHECK(f.end(true).error_code == 0);
    CHECK(f.end(false).error_code == code(broker_errc::invalid_txn_state));
    CHECK(f.partition().log.end_offset() == 2);
}

TEST_CASE(
    "EndTxn of version 2 may come again, gets the same epoch and harms no later transaction") {
    TransactionFixture f;
    f.begin();
    f.write(0);
    const auto request = f.end_request(true);
    f.finish(true);
    CHECK(f.epoch == 1);
    auto again = f.ask(request, 5, f.coordinator());
    CHECK(again.error_code == 0);
    CHECK(again.producer_epoch == 1);
    auto other = request;
    other.committed = false;
    CHECK(f.ask(other, 5, f.coordinator()).error_code == code(broker_errc::invalid_txn_state));
    // KAFKA-17754: one that is late must not end what began meanwhile.
    f.write(0);
    CHECK(f.ask(request, 5, f.coordinator()).error_code == code(broker_errc::producer_fenced));
    CHECK(f.state() == "Ongoing");
}

TEST_CASE("version 1 cannot tell a late EndTxn from one for the transaction that is open") {
    TransactionFixture f(1);
    f.begin();
    f.write(0);
    const auto request = f.end_request(true);
    f.finish(true);
    f.write(1);
    CHECK(f.ask(request, 4, f.coordinator()).error_code == 0);
    CHECK(f.state() == "CompleteCommit");
}

TEST_CASE("version 2 aborts what its coordinator has not heard of") {
    TransactionFixture f;
    f.begin();
    CHECK(f.end(true).error_code == code(broker_errc::invalid_txn_state));
    f.finish(false);
    CHECK(f.epoch == 1);
    f.finish(false);
    CHECK(f.epoch == 2);
    CHECK(f.end(true).error_code == code(broker_errc::invalid_txn_state));
}

TEST_CASE("EndTxn is refused for whom the coordinator does not know") {
    TransactionFixture f;
    f.begin();
    f.producer_id += 10;
    CHECK(f.end(true).error_code == code(broker_errc::invalid_producer_id_mapping));
    f.producer_id -= 10;
    f.epoch = 7;
    CHECK(f.end(true).error_code == code(broker_errc::producer_fenced));
    CHECK(f.end(true, 1).error_code == code(broker_errc::invalid_producer_epoch));
    CHECK(f.end(true).producer_id == -1);
    auto request = f.end_request(true);
    request.transactional_id = "";
    CHECK(f.ask(request, 5).error_code == code(broker_errc::invalid_request));
}

TEST_CASE("X02: while markers are missing the producer is told CONCURRENT_TRANSACTIONS") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        CAPTURE(version);
        auto options = with_transactions(version);
        options.transaction_marker_delay = 50ms;
        TransactionFixture f(options);
        f.begin();
        f.write(0);
        const auto request = f.end_request(true);
        f.finish(true);
        CHECK(f.state() == "PrepareCommit");
        CHECK(f.committed().empty());
        CHECK(f.core.next_deadline() == f.now.time + 50ms);
        const auto again = f.ask(request, f.end_version(), f.coordinator());
        CHECK(again.error_code == code(broker_errc::concurrent_transactions));
        CHECK(f.init().error_code == code(broker_errc::concurrent_transactions));
        if (version < 2) {
            CHECK(f.add({0}) == broker_errc::concurrent_transactions);
        } else {
            CHECK(f.produce(f.batch(0, 1, 1)) == broker_errc::concurrent_transactions);
        }
        f.pass(49ms);
        CHECK(f.state() == "PrepareCommit");
        f.pass(1ms);
        CHECK(f.state() == "CompleteCommit");
        CHECK(f.committed() == Offsets{0});
        CHECK(f.init().error_code == 0);
    }
}

TEST_CASE("a marker waits for a leader") {
    TransactionFixture f;
    f.begin();
    f.write(0, 1, 0);
    f.write(0, 1, 1);
    REQUIRE(f.core.cluster().move_leader(f.partition(0), -1));
    f.finish(true);
    CHECK(f.state() == "PrepareCommit");
    CHECK(f.describe().topics.at(0).partitions == std::vector<std::int32_t>{0});
    CHECK(f.committed(1) == Offsets{0});
    REQUIRE(f.core.cluster().move_leader(f.partition(0), 1));
    f.pass(0ms);
    CHECK(f.state() == "CompleteCommit");
    CHECK(f.committed(0) == Offsets{0});
}

TEST_CASE("a topic that is gone holds up no transaction") {
    TransactionFixture f;
    f.begin();
    f.write(0);
    f.core.cluster().remove(f.topic());
    f.finish(true);
    CHECK(f.state() == "CompleteCommit");
}

TEST_CASE("X03: of two producers with one id only the last one commits") {
    TransactionFixture f;
    f.begin();
    f.write(0);
    const auto first = f.end_request(true);
    CHECK(f.init().error_code == code(broker_errc::concurrent_transactions));
    f.begin();  // the second
    f.write(0);
    CHECK(f.ask(first, 5, f.coordinator()).error_code == code(broker_errc::producer_fenced));
    f.finish(true);
    CHECK(f.committed() == Offsets{2});
}

TEST_CASE("X04: a transaction that takes too long is aborted and its producer kept out") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        CAPTURE(version);
        TransactionFixture f(version);
        f.begin();
        f.write(0);
        CHECK(f.core.next_deadline() == f.now.time + 60s);
        f.pass(59'999ms);
        CHECK(f.state() == "Ongoing");
        f.pass(1ms);
        CHECK(f.state() == "CompleteAbort");
        CHECK(f.core.next_deadline() == never);
        CHECK(f.describe().producer_epoch == 1);
        CHECK(f.committed().empty());
        CHECK(f.fetch(0).last_stable_offset == 2);
        CHECK(f.produce(f.batch(1)) == broker_errc::invalid_producer_epoch);
        CHECK(f.add({0}) == broker_errc::producer_fenced);
        if (version < 2) {
            CHECK(f.end(true).error_code == code(broker_errc::producer_fenced));
            CHECK(f.init(f.producer_id, 0).error_code == code(broker_errc::producer_fenced));
        } else {
            // It may not commit, and learns its next epoch when it aborts.
            CHECK(f.end(true).error_code == code(broker_errc::invalid_txn_state));
            CHECK(f.end(false).producer_epoch == 1);
            CHECK(f.init(f.producer_id, 0).producer_epoch == 1);
        }
    }
}

TEST_CASE("a paused coordinator aborts nothing until it goes on") {
    TransactionFixture f;
    f.begin();
    f.write(0);
    const auto id = static_cast<std::int32_t>(f.coordinator());
    REQUIRE(f.core.pause(id));
    f.pass(2min);
    CHECK(f.partition().log.end_offset() == 1);
    REQUIRE(f.core.resume(id, f.now));
    CHECK(f.state() == "CompleteAbort");
}

TEST_CASE("AddPartitionsToTxn adds all partitions or none") {
    TransactionFixture f(1);
    f.begin();
    for (int version = 0; version <= 3; ++version)
        CHECK(f.add({0, 1}, version) == broker_errc::none);
    CHECK(f.add({2, 9}) == broker_errc::operation_not_attempted);
    CHECK(f.add({9}) == broker_errc::unknown_topic_or_partition);
    CHECK(f.add({0}, 3, "no such") == broker_errc::unknown_topic_or_partition);
    CHECK(f.add({0}, 3, "__consumer_offsets") == broker_errc::topic_authorization_failed);
    CHECK(f.describe().topics.at(0).partitions == std::vector<std::int32_t>{0, 1});
    f.epoch = 7;
    CHECK(f.add({0}, 1) == broker_errc::invalid_producer_epoch);
    CHECK(f.add({0}, 2) == broker_errc::producer_fenced);
    f.producer_id += 9;
    CHECK(f.add({0}) == broker_errc::invalid_producer_id_mapping);
}

TEST_CASE("brokers add and verify partitions for many transactions at once") {
    TransactionFixture f(1);
    f.begin();
    protocol::AddPartitionsToTxnRequest request;
    auto& wanted = request.transactions.emplace_back();
    wanted.transactional_id = "tx";
    wanted.producer_id = f.producer_id;
    wanted.producer_epoch = f.epoch;
    auto& topic = wanted.topics.emplace_back();
    topic.name = "t";
    topic.partitions = {0};
    const auto ask = [&](int version) {
        const auto answer = f.ask(request, version, f.coordinator());
        return f.error(answer.results_by_transaction.at(0)
                           .topic_results.at(0)
                           .results_by_partition.at(0)
                           .partition_error_code);
    };
    wanted.verify_only = true;
    CHECK(ask(4) == broker_errc::transaction_abortable);
    wanted.verify_only = false;
    CHECK(ask(5) == broker_errc::none);
    wanted.verify_only = true;
    CHECK(ask(5) == broker_errc::none);
    topic.partitions = {1};
    CHECK(ask(4) == broker_errc::transaction_abortable);
    wanted.producer_epoch = 3;
    CHECK(ask(4) == broker_errc::producer_fenced);
}

TEST_CASE("DescribeTransactions and ListTransactions tell what a coordinator knows") {
    TransactionFixture f;
    CHECK(f.describe().error_code == code(broker_errc::transactional_id_not_found));
    f.begin();
    CHECK(f.state() == "Empty");
    CHECK(f.describe().transaction_start_time_ms == -1);
    f.write(0, 1, 2);
    f.write(0, 1, 0);
    const auto described = f.describe();
    CHECK(described.transaction_timeout_ms == 60'000);
    CHECK(described.transaction_start_time_ms == f.now.wall_ms);
    CHECK(described.producer_id == f.producer_id);
    REQUIRE(described.topics.size() == 1);
    CHECK(described.topics[0].partitions == std::vector<std::int32_t>{0, 2});

    protocol::ListTransactionsRequest list;
    const auto listed = [&](ConnectionId broker) {
        return f.ask(list, 1, broker).transaction_states.size();
    };
    CHECK(listed(f.coordinator()) == 1);
    CHECK(listed(f.coordinator() % 3 + 1) == 0);
    list.state_filters = {"Ongoing", "Strange"};
    const auto answer = f.ask(list, 0, f.coordinator());
    CHECK(answer.transaction_states.at(0).transactional_id == "tx");
    CHECK(answer.unknown_state_filters == std::vector<std::string>{"Strange"});
    list.state_filters = {"Empty"};
    CHECK(listed(f.coordinator()) == 0);
    list.state_filters.clear();
    list.producer_id_filters = {f.producer_id + 1};
    CHECK(listed(f.coordinator()) == 0);
    list.producer_id_filters.clear();
    list.duration_filter = 1000;
    CHECK(listed(f.coordinator()) == 0);
    f.pass(1001ms);
    CHECK(listed(f.coordinator()) == 1);
}

TEST_CASE("the finalized transaction.version is the one of the options") {
    for (const std::int16_t level : {std::int16_t{0}, std::int16_t{1}, std::int16_t{2}}) {
        TransactionFixture f(level);
        protocol::ApiVersionsRequest request;
        request.client_software_name = request.client_software_version = "x";
        const auto answer = f.ask(request, 4);
        REQUIRE(answer.supported_features.size() == 1);
        CHECK(answer.supported_features[0].name == "transaction.version");
        CHECK(answer.supported_features[0].min_version == 0);
        CHECK(answer.supported_features[0].max_version == 2);
        CHECK(answer.finalized_features.size() == (level > 0 ? 1 : 0));
        if (level > 0) CHECK(answer.finalized_features[0].max_version_level == level);
        // A feature that may be 0 would confuse clients of version 3.
        CHECK(f.ask(request, 3).supported_features.empty());
        CHECK(f.ask(request, 3).finalized_features.size() == answer.finalized_features.size());
        CHECK(f.ask(request, 2).finalized_features.empty());
    }
}
