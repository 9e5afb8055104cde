// SPDX-License-Identifier: Apache-2.0
// Faults in transactions (rows X01, X02, X05, X08): the rules act on their APIs as on any other.
#include "testing/transaction_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;

using Offsets = std::vector<std::int64_t>;

struct FaultFixture : TransactionFixture {
    using TransactionFixture::TransactionFixture;
    void rule(const Rule& rule) { REQUIRE(core.add_rule(rule)); }
    // A connection that a fault has ended is made anew.
    void reconnect(ConnectionId id) {
        core.disconnected(id);
        core.connected(id, static_cast<std::int32_t>(id));
        closings[id] = false;
        frames[id].clear();
    }
};

constexpr std::int16_t both[] = {1, 2};

}  // namespace

TEST_CASE("X01: an EndTxn that is delayed takes effect later") {
    for (const auto version : both) {
        FaultFixture f(version);
        f.begin();
        f.write(0);
        f.rule(Rule::on<EndTxnRequest>().transactional_id("tx").once().delay(3s));
        f.send(f.end_request(true), f.end_version(), f.coordinator());
        f.pass(2999ms);
        CHECK(!f.answered(f.coordinator()));
        CHECK(f.committed(f.coordinator() == 1 ? 1 : 0).empty());
        f.pass(1ms);
        CHECK(f.take<EndTxnResponse>(f.end_version(), f.coordinator()).error_code == 0);
        CHECK(f.committed() == Offsets{0});
    }
}

TEST_CASE("X01: a delayed EndTxn of version 2 does not end the next transaction") {
    FaultFixture f;
    f.begin();
    f.write(0);
    f.rule(Rule::on<EndTxnRequest>().once().delay(3s));
    f.send(f.end_request(true), 5, f.coordinator());
    // The client gives up, comes again on another connection and goes on.
    const ConnectionId other = 9;
    f.core.connected(other, static_cast<std::int32_t>(f.coordinator()));
    const auto answer = f.ask(f.end_request(true), 5, other);
    CHECK(answer.error_code == 0);
    f.epoch = answer.producer_epoch;
    f.write(0, 1, f.coordinator() == 3 ? 1 : 2);
    f.pass(3s);
    CHECK(f.take<EndTxnResponse>(5, f.coordinator()).error_code ==
          code(broker_errc::producer_fenced));
    CHECK(f.state() == "Ongoing");
}

TEST_CASE("X01: an answer to EndTxn that is late, dropped or doubled changes nothing stored") {
    for (const auto version : both) {
        CAPTURE(version);
        FaultFixture f(version);
        const auto to = f.coordinator();
        f.begin();
        f.write(0);
        const auto request = f.end_request(true);
        SUBCASE("late") {
            f.rule(Rule::on<EndTxnRequest>().once().delay_answer(3s));
            f.send(request, f.end_version(), to);
            CHECK(!f.answered(to));
            f.pass(3s);
            CHECK(f.take<EndTxnResponse>(f.end_version(), to).error_code == 0);
        }
        SUBCASE("never") {
            f.rule(Rule::on<EndTxnRequest>().once().swallow());
            f.send(request, f.end_version(), to);
            CHECK(!f.answered(to));
        }
        SUBCASE("the connection ends instead") {
            f.rule(Rule::on<EndTxnRequest>().once().disconnect(Stage::after));
            f.send(request, f.end_version(), to);
            CHECK(f.closed(to));
            f.reconnect(to);
        }
        SUBCASE("twice") {
            f.rule(Rule::on<EndTxnRequest>().once().twice());
            f.send(request, f.end_version(), to);
            f.frames[to].clear();
        }
        CHECK(f.state() == "CompleteCommit");
        CHECK(f.committed() == Offsets{0});
        // Asked again, the broker says what it said.
        const auto again = f.ask(request, f.end_version(), to);
        CHECK(again.error_code == 0);
        if (version >= 2) CHECK(again.producer_epoch == 1);
    }
}

TEST_CASE("X01: an EndTxn that gets lost leaves the transaction open") {
    for (const auto version : both) {
        FaultFixture f(version);
        f.begin();
        f.write(0);
        f.rule(Rule::on<EndTxnRequest>().once().disconnect());
        f.send(f.end_request(true), f.end_version(), f.coordinator());
        CHECK(f.closed(f.coordinator()));
        f.reconnect(f.coordinator());
        CHECK(f.state() == "Ongoing");
        f.finish(true);
        CHECK(f.committed() == Offsets{0});
    }
}

TEST_CASE("X02: errors of InitProducerId and AddPartitionsToTxn come as often as is wanted") {
    FaultFixture f(1);
    f.rule(Rule::on<protocol::InitProducerIdRequest>().times(3).error(
        broker_errc::concurrent_transactions));
    for (int i = 0; i < 3; ++i)
        CHECK(f.init().error_code == code(broker_errc::concurrent_transactions));
    f.begin();
    CHECK(f.epoch == 0);
    f.rule(Rule::on<protocol::AddPartitionsToTxnRequest>().times(2).error(
        broker_errc::concurrent_transactions));
    CHECK(f.add({0}) == broker_errc::concurrent_transactions);
    CHECK(f.add({0}) == broker_errc::concurrent_transactions);
    CHECK(f.state() == "Empty");
    CHECK(f.add({0}) == broker_errc::none);
}

TEST_CASE("X05: after failures to add or to produce, an abort leaves nothing behind") {
    for (const auto version : both) {
        CAPTURE(version);
        FaultFixture f(version);
        f.begin();
        f.rule(Rule::on<protocol::ProduceRequest>().error(broker_errc::not_leader_or_follower));
        f.rule(Rule::on<protocol::AddOffsetsToTxnRequest>().error(
            broker_errc::coordinator_not_available));
        f.rule(Rule::on<protocol::TxnOffsetCommitRequest>().error(broker_errc::not_coordinator));
        if (version < 2) REQUIRE(f.add({0}) == broker_errc::none);
        CHECK(f.produce(f.batch(0)) == broker_errc::not_leader_or_follower);
        protocol::AddOffsetsToTxnRequest offsets;
        offsets.transactional_id = "tx";
        offsets.group_id = "g";
        CHECK(f.ask(offsets, 3, f.coordinator()).error_code ==
              code(broker_errc::coordinator_not_available));
        protocol::TxnOffsetCommitRequest commit;
        commit.transactional_id = "tx";
        commit.group_id = "g";
        auto& topic = commit.topics.emplace_back();
        topic.name = "t";
        topic.partitions.emplace_back();
        const auto answer = f.ask(commit, 5);
        CHECK(answer.topics.at(0).partitions.at(0).error_code ==
              code(broker_errc::not_coordinator));
        CHECK(f.end(false).error_code == 0);
        CHECK(f.state() == "CompleteAbort");
        CHECK(f.committed().empty());
    }
}

TEST_CASE("X08: an EndTxn may be carried out and answered with an error") {
    for (const auto version : both) {
        FaultFixture f(version);
        f.begin();
        f.write(0);
        f.rule(Rule::on<EndTxnRequest>().once().error_after(broker_errc::unknown_server_error));
        CHECK(f.end(true).error_code == code(broker_errc::unknown_server_error));
        CHECK(f.state() == "CompleteCommit");
        f.rule(Rule::on<EndTxnRequest>().once().set("errorCode", 9999));
        CHECK(f.end(true).error_code == 9999);
        CHECK(f.end(true).error_code == 0);
    }
}

TEST_CASE("X08: or not carried out and answered with a success") {
    FaultFixture f;
    f.begin();
    f.write(0);
    f.rule(Rule::on<EndTxnRequest>().once().error(broker_errc::none));
    CHECK(f.end(true).error_code == 0);
    CHECK(f.state() == "Ongoing");
}

TEST_CASE("errors that rules force name what was asked for") {
    FaultFixture f;
    f.rule(Rule::on<protocol::InitProducerIdRequest>().once().error(
        broker_errc::coordinator_not_available));
    CHECK(f.init().producer_epoch == -1);
    f.rule(Rule::on<protocol::DescribeTransactionsRequest>().once().error(
        broker_errc::coordinator_not_available));
    const auto described = f.describe();
    CHECK(described.transactional_id == "tx");
    CHECK(described.error_code == code(broker_errc::coordinator_not_available));
    f.rule(Rule::on<protocol::OffsetFetchRequest>().once().error(broker_errc::not_coordinator));
    protocol::OffsetFetchRequest request;
    request.groups.emplace_back().group_id = "g";
    request.groups[0].topics.reset();
    const auto answer = f.ask(request, 9);
    CHECK(answer.groups.at(0).group_id == "g");
    CHECK(answer.groups[0].error_code == code(broker_errc::not_coordinator));
}
