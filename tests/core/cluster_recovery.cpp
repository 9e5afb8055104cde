// SPDX-License-Identifier: Apache-2.0
// ClusterCore: starting again (KIP-899, KIP-1102), misrouted connections (KIP-1242), brokers that
// move.
#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/heartbeat.hpp>
#include <kafka/protocol/list_offsets.hpp>

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

namespace {

/// A client that knows n brokers and has a connection to each.
struct Connected : Script {
    explicit Connected(int n, ClusterLimits limits = {}) : Script(std::move(limits)) {
        for (int id = 1; id <= n; ++id)
            call(DescribeClusterRequest{}, 30s, id);
        serve_metadata(cluster(n));
        while (count<DescribeClusterRequest>() > 0)
            answer(next_send<DescribeClusterRequest>(), DescribeClusterResponse{});
        REQUIRE(done.size() == static_cast<std::size_t>(n));
        done.clear();
        closes.clear();
    }
};
void lose_all(Script& s) {
    for (const auto& [conn, broker] : s.broker_of)
        s.lose(conn);
}

}  // namespace

TEST_CASE("KIP-899: when no known broker can be reached, the bootstrap addresses are tried again") {
    Connected s(3);
    s.run_for(5s);
    lose_all(s);
    s.call(DescribeClusterRequest{}, 60s);
    bool seed = false;
    for (int i = 0; i < 50 && !seed; ++i) {
        while (!s.connects.empty() && !seed) {
            const auto connect = s.next_connect();
            if (connect.key.broker < 0) {
                seed = true;
                s.open(connect);
            } else {
                s.refuse(connect);
            }
        }
        if (!seed) s.run_to(s.core.next_deadline());
    }
    REQUIRE(seed);
    CHECK(s.core.counters().rebootstraps == 1);
    CHECK(s.now < at(10s));
    // The cluster has moved house.
    auto moved = cluster(0);
    moved.brokers = {{.node_id = 5, .host = "new", .port = 9092}};
    s.serve_metadata(moved);
    const auto send = s.next_send<DescribeClusterRequest>();
    CHECK(s.broker(send) == 5);
}

TEST_CASE("KIP-899: with metadata.recovery.strategy=none the known brokers are kept to") {
    ClusterLimits limits;
    limits.rebootstrap = false;
    Connected s(2, limits);
    s.run_for(5s);
    lose_all(s);
    s.call(DescribeClusterRequest{}, 20s);
    while (s.done.empty()) {
        while (!s.connects.empty()) {
            CHECK(s.connects.front().key.broker > 0);
            CHECK_FALSE(s.connects.front().cluster_id);
            s.refuse(s.next_connect());
        }
        s.run_to(s.core.next_deadline());
    }
    CHECK(s.core.counters().rebootstraps == 0);
}

TEST_CASE(
    "I13: a cluster whose brokers all refuse while a bootstrap address serves is not hammered") {
    Script s;
    s.call(DescribeClusterRequest{}, 60s);
    int broker_attempts = 0, requests = 0;
    const auto end = s.now + 30s;
    while (s.now < end) {
        while (!s.connects.empty()) {
            const auto connect = s.next_connect();
            if (connect.key.broker < 0) {
                s.open(connect);
            } else {
                ++broker_attempts;
                s.refuse(connect);
            }
            while (s.count<MetadataRequest>() > 0) {
                ++requests;
                s.answer(s.next_send<MetadataRequest>(), cluster(3));
            }
        }
        s.run_to(std::min(end, s.core.next_deadline()));
    }
    CHECK(broker_attempts >= 30);
    CHECK(broker_attempts <= 3 * 45);  // a second apart, after the first few
    CHECK(requests <= 10 * 30);
}

TEST_CASE("KIP-1102: no metadata for rebootstrap.trigger leads back to the bootstrap addresses") {
    Connected s(1);
    const auto start = s.now + 1ms;
    s.run_to(start);
    s.core.hold_topic("t", s.now);
    s.drain();
    // The broker takes requests and never answers.
    int seeds = 0;
    while (s.now < start + 310s && seeds == 0) {
        s.core.stale(s.now);
        s.drain();
        while (!s.connects.empty()) {
            const auto connect = s.next_connect();
            if (connect.key.broker < 0) ++seeds;
            s.open(connect);
        }
        s.run_for(1s);
    }
    CHECK(seeds == 1);
    CHECK(s.now >= start + 299s);
    CHECK(s.core.counters().rebootstraps == 1);
}

TEST_CASE("KIP-1102: a broker that asks for it is obeyed: everything is closed and begins anew") {
    Connected s(2);
    s.refresh({}, 60s);
    MetadataResponse moved = cluster(2);
    moved.error_code = 129;
    s.answer(s.next_send<MetadataRequest>(), moved);
    CHECK(s.core.counters().rebootstraps == 1);
    CHECK(s.closes.size() == 2);
    s.run_for(500ms);
    const auto connect = s.next_connect();
    CHECK(connect.key.broker < 0);
    s.open(connect);
    s.serve_metadata(cluster(2));
    CHECK(s.done.size() == 1);
    CHECK_FALSE(s.done[0].failure);
}

TEST_CASE("KIP-1102: a broker that asks for it again and again is not asked in a hot loop") {
    Script s;
    s.call(DescribeClusterRequest{}, 30s);
    int asked = 0;
    while (s.done.empty()) {
        while (!s.connects.empty() || s.count<MetadataRequest>() > 0) {
            s.open_all();
            while (s.count<MetadataRequest>() > 0) {
                ++asked;
                auto answer = cluster(1);
                answer.error_code = 129;
                s.answer(s.next_send<MetadataRequest>(), answer);
            }
        }
        s.run_to(s.core.next_deadline());
    }
    CHECK(asked <= 60);
    CHECK(s.done[0].failure.detail.find("REBOOTSTRAP_REQUIRED") != std::string::npos);
}

TEST_CASE("KIP-1242: connections to known brokers say which cluster they are meant for") {
    Script s;
    s.call(DescribeClusterRequest{}, 30s, 2);
    s.serve_metadata(cluster(0));
    s.run_for(500ms);
    s.open_all();
    while (s.count<MetadataRequest>() > 0)
        s.answer(s.next_send<MetadataRequest>(), cluster(2));
    const auto connect = s.next_connect();
    CHECK(connect.key.broker == 2);
    CHECK(connect.cluster_id == "c");

    ClusterLimits limits;
    limits.cluster_check = false;
    Script t(limits);
    t.call(DescribeClusterRequest{}, 30s, 2);
    t.open_all();
    t.answer(t.next_send<MetadataRequest>(), cluster(2));
    CHECK_FALSE(t.next_connect().cluster_id);
}

TEST_CASE("KIP-1242: a misrouted connection leads back to the bootstrap addresses") {
    Connected s(2);
    s.run_for(5s);
    lose_all(s);
    s.call(DescribeClusterRequest{}, 30s, 2);
    const auto connect = s.next_connect();
    CHECK(connect.key.broker == 2);
    s.refuse(connect, broker_errc::rebootstrap_required);
    CHECK(s.core.counters().rebootstraps == 1);
    CHECK(s.done.empty());
    s.run_for(500ms);
    const auto seed = s.next_connect();
    CHECK(seed.key.broker < 0);
}

TEST_CASE("BI-51: metadata of another cluster leads back to the bootstrap addresses") {
    Connected s(1);
    s.refresh({}, 30s);
    auto other = cluster(3);
    other.cluster_id = "d";
    s.answer(s.next_send<MetadataRequest>(), other);
    CHECK(s.core.counters().rebootstraps == 1);
    CHECK(s.core.metadata().brokers().empty());
    s.run_for(500ms);
    // Who answers there is believed: that is what the application configured.
    s.serve_metadata(other);
    REQUIRE(s.done.size() == 1);
    CHECK_FALSE(s.done[0].failure);
    CHECK(*s.core.metadata().cluster_id() == "d");
}

TEST_CASE("BI-40: while answers name no broker, calls wait and nothing is known") {
    Script s;
    s.call(DescribeClusterRequest{}, 5s);
    s.open_all();
    int asked = 0;
    while (s.done.empty()) {
        while (s.count<MetadataRequest>() > 0) {
            ++asked;
            s.answer(s.next_send<MetadataRequest>(), cluster(0));
        }
        s.run_to(s.core.next_deadline());
    }
    CHECK(asked <= 15);
    const auto done = s.next_done();
    CHECK(done.failure.code == errc::request_timed_out);
    CHECK(done.failure.detail.find("names no broker") != std::string::npos);
}

TEST_CASE("C13: a broker whose address changes is connected to where it is now") {
    Connected s(2);
    s.refresh({});
    auto moved = cluster(2);
    moved.brokers[1].host = "elsewhere";
    s.answer(s.next_send<MetadataRequest>(), moved);
    REQUIRE(s.closes.size() == 1);
    CHECK(s.broker_of.at(s.closes[0].conn) == 2);
    s.call(DescribeClusterRequest{}, 30s, 2);
    CHECK(s.next_connect().address.host == "elsewhere");
}

TEST_CASE("C13: the connections of a broker that is gone are closed, those of the others kept") {
    Connected s(3);
    s.refresh({});
    s.answer(s.next_send<MetadataRequest>(), cluster(2));
    REQUIRE(s.closes.size() == 1);
    CHECK(s.broker_of.at(s.closes[0].conn) == 3);
}

TEST_CASE("a refused authentication while starting again is told to those who wait") {
    Connected s(1);
    s.run_for(5s);
    lose_all(s);
    s.call(DescribeClusterRequest{}, 60s);
    while (s.done.empty()) {
        while (!s.connects.empty()) {
            const auto connect = s.next_connect();
            s.refuse(connect, connect.key.broker < 0
                                  ? make_error_code(broker_errc::sasl_authentication_failed)
                                  : std::make_error_code(std::errc::connection_refused));
        }
        if (s.done.empty()) s.run_to(s.core.next_deadline());
    }
    CHECK(s.next_done().failure.code == broker_errc::sasl_authentication_failed);
    CHECK(s.now < at(10s));
}
