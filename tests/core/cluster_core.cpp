// SPDX-License-Identifier: Apache-2.0
// ClusterCore: bootstrap, connections and their pauses, idleness, the end.
#include "core/cluster_core.hpp"

#include <set>

#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/describe_log_dirs.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/sasl_handshake.hpp>

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

namespace {

DescribeClusterRequest any_request() {
    return {};
}

}  // namespace

TEST_CASE("nothing is connected to before somebody asks for something") {
    Script s;
    s.run_for(1h);
    CHECK(s.connects.empty());
    CHECK(s.core.next_deadline() == never);
}

TEST_CASE("a request waits for the bootstrap and then goes to a broker of the cluster") {
    Script s;
    s.call(any_request());
    const auto seed = s.next_connect();
    CHECK(seed.key.broker < -1);
    CHECK(seed.address == Address{"seed", 9092});
    CHECK(seed.timeout == 10s);
    CHECK_FALSE(seed.cluster_id);
    s.open(seed);
    CHECK(s.count<MetadataRequest>() == 1);
    const auto send = s.next_send<MetadataRequest>();
    CHECK(Script::request<MetadataRequest>(send).topics->empty());
    s.answer(send, cluster(3));
    // The bootstrap connection has done its work.
    REQUIRE(s.closes.size() == 1);
    CHECK(s.closes[0].conn == seed.conn);
    const auto connect = s.next_connect();
    CHECK(connect.key.broker >= 1);
    CHECK(connect.cluster_id == "c");
    s.open(connect);
    const auto asked = s.next_send<DescribeClusterRequest>();
    s.answer(asked, DescribeClusterResponse{});
    const auto done = s.next_done();
    CHECK_FALSE(done.failure);
    CHECK(done.response);
    CHECK(done.peer == to_string(connect.address));
    CHECK(s.core.calls() == 0);
    CHECK(s.metadata_changes == 1);
}

TEST_CASE("a bootstrap connection to a broker's very address becomes that broker's") {
    Script s({}, {{"b2", 9092}});
    s.call(any_request());
    s.serve_metadata(cluster(3));
    CHECK(s.closes.empty());
    CHECK(s.connects.empty());
    CHECK(s.count<DescribeClusterRequest>() == 1);
    CHECK(s.core.connection({2, ConnPurpose::control, 0}) != nullptr);
}

TEST_CASE("bootstrap addresses are tried one after the other, in random order, until one serves") {
    std::set<std::string> firsts;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        ClusterLimits limits;
        limits.seed = seed;
        Script s(limits, {{"s1", 1}, {"s2", 1}, {"s3", 1}});
        s.call(any_request());
        std::set<std::string> tried;
        for (int i = 0; i < 3; ++i) {
            REQUIRE(s.connects.size() == 1);
            const auto connect = s.next_connect();
            if (i == 0) firsts.insert(connect.address.host);
            tried.insert(connect.address.host);
            if (i < 2)
                s.refuse(connect);
            else
                s.open(connect);
        }
        CHECK(tried.size() == 3);
        CHECK(s.count<MetadataRequest>() == 1);
    }
    CHECK(firsts.size() == 3);
}

TEST_CASE(
    "N01: while no address serves, attempts follow the back-off, with jitter, up to a second") {
    Script s;
    s.call(any_request(), 60s);
    std::vector<milliseconds> gaps;
    auto last = s.now;
    for (int i = 0; i < 12; ++i) {
        while (s.connects.empty()) {
            REQUIRE(s.core.next_deadline() != never);
            s.run_to(s.core.next_deadline());
        }
        gaps.push_back(std::chrono::duration_cast<milliseconds>(s.now - last));
        last = s.now;
        s.refuse(s.next_connect());
    }
    CHECK(gaps[1] >= 40ms);
    CHECK(gaps[1] <= 60ms);
    CHECK(gaps[2] >= 80ms);
    CHECK(gaps[2] <= 120ms);
    for (std::size_t i = 8; i < gaps.size(); ++i) {
        CHECK(gaps[i] >= 800ms);
        CHECK(gaps[i] <= 1000ms);
    }
    CHECK(std::set<milliseconds>(gaps.begin() + 7, gaps.end()).size() > 1);
}

TEST_CASE("I10: a call ends at its deadline and says what it was waiting for") {
    Script s;
    s.call(any_request(), 3s);
    const auto deadline = s.now + 3s;
    while (s.done.empty()) {
        while (!s.connects.empty())
            s.refuse(s.next_connect());
        s.run_to(s.core.next_deadline());
    }
    CHECK(s.now == deadline);
    const auto done = s.next_done();
    CHECK(done.failure.code == errc::request_timed_out);
    CHECK(done.failure.detail.find("it was not sent") != std::string::npos);
    CHECK(done.failure.detail.find("seed:9092") != std::string::npos);
    CHECK(done.failure.detail.find("refused") != std::string::npos);
    CHECK_FALSE(done.sent);
}

TEST_CASE("after the last call has failed, nobody is connected to any more") {
    Script s;
    s.call(any_request(), 1s);
    while (s.done.empty()) {
        while (!s.connects.empty())
            s.refuse(s.next_connect());
        s.run_to(s.core.next_deadline());
    }
    while (!s.connects.empty())
        s.refuse(s.next_connect());
    int attempts = 0;
    for (int i = 0; i < 600; ++i) {
        s.run_for(1s);
        attempts += static_cast<int>(s.connects.size());
        while (!s.connects.empty())
            s.refuse(s.next_connect());
    }
    // The refresh that was under way may live until its own time-out.
    CHECK(attempts <= 40);
    s.run_for(1h);
    CHECK(s.connects.empty());
}

TEST_CASE("S03: a refused authentication fails what waits at once, and is not repeated by itself") {
    Script s;
    s.call(any_request());
    s.call(any_request());
    s.refuse(s.next_connect(), broker_errc::sasl_authentication_failed);
    REQUIRE(s.done.size() == 2);
    CHECK(s.done[0].failure.code == broker_errc::sasl_authentication_failed);
    CHECK(s.done[0].failure.detail.find("seed:9092") != std::string::npos);
    s.run_for(1h);
    CHECK(s.connects.empty());
    // The next call tries again.
    s.call(any_request());
    s.run_for(2s);
    CHECK(s.connects.size() == 1);
}

TEST_CASE("S03: a broker that refuses the credentials fails what is for it alone") {
    Script s;
    s.call(any_request(), 30s, 1);
    s.serve_metadata(cluster(2));
    s.answer(s.next_send<DescribeClusterRequest>(), DescribeClusterResponse{});
    s.done.clear();
    s.call(protocol::DescribeLogDirsRequest{}, 30s, 2);
    s.call(any_request());
    while (!s.connects.empty()) {
        const auto connect = s.next_connect();
        if (connect.key.broker == 2)
            s.refuse(connect, broker_errc::sasl_authentication_failed);
        else
            s.open(connect);
    }
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == broker_errc::sasl_authentication_failed);
    CHECK(s.done[0].failure.detail.find("broker 2 at b2:9092") != std::string::npos);
}

TEST_CASE("N16: an address that does not speak Kafka is passed over; if all are such, calls fail") {
    Script s({}, {{"s1", 1}, {"s2", 1}});
    s.call(any_request());
    s.refuse(s.next_connect(), errc::not_kafka);
    CHECK(s.done.empty());
    s.refuse(s.next_connect(), errc::not_kafka);
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == errc::not_kafka);
}

TEST_CASE("N01: a dead leader that is a bootstrap address too is tried with growing pauses") {
    Script s({}, {{"b1", 9092}, {"b2", 9092}});
    auto answer = cluster(2, {topic("t", 1, {partition(0, 2)})});
    protocol::ListOffsetsRequest request;
    request.topics.push_back({.name = "t", .partitions = {{.partition_index = 0}}});
    // Metadata that changes each time must not shorten the pauses.
    int attempts = 0, epoch = 0, refreshes = 0;
    const auto end = s.now + 20s;
    s.call(request, 20s);
    // For a connection of its own, which makes no more attempts than one.
    protocol::ProduceRequest write;
    write.acks = -1;
    write.topic_data.push_back(
        {.name = "t", .partition_data = {{.index = 0, .records = Slice::copy_of(as_bytes("x"))}}});
    s.call(write, 20s);
    while (s.now < end) {
        while (!s.connects.empty()) {
            const auto connect = s.next_connect();
            if (connect.address.host != "b2") {
                s.open(connect);
                continue;
            }
            ++attempts;
            s.refuse(connect);
        }
        while (s.count<MetadataRequest>() > 0) {
            ++refreshes;
            answer.topics[0].partitions[0].leader_epoch = ++epoch;
            const auto send = s.next_send<MetadataRequest>();
            auto own = answer;
            if (Script::request<MetadataRequest>(send).topics->empty()) own.topics.clear();
            s.answer(send, own);
        }
        if (s.connects.empty()) s.run_to(std::min(end, s.core.next_deadline()));
    }
    CHECK(attempts >= 15);
    CHECK(attempts <= 30);
    CHECK(refreshes <= 10 * 20);
}

TEST_CASE("N02: while one address hangs, the next one is tried as well") {
    Script s({}, {{"s1", 1}, {"s2", 1}});
    s.call(any_request());
    const auto first = s.next_connect();
    s.run_for(900ms);
    CHECK(s.connects.empty());
    s.run_for(200ms);
    const auto second = s.next_connect();
    CHECK(second.address != first.address);
    s.open(second);
    CHECK(s.count<MetadataRequest>() == 1);
}

TEST_CASE("the set-up time-out grows with each failure up to its maximum") {
    Script s;
    s.call(any_request(), 300s);
    std::vector<milliseconds> timeouts;
    for (int i = 0; i < 6; ++i) {
        while (s.connects.empty())
            s.run_to(s.core.next_deadline());
        timeouts.push_back(s.connects.front().timeout);
        s.refuse(s.next_connect(), errc::connect_timed_out);
    }
    CHECK(timeouts[0] == 10s);
    CHECK(timeouts[1] >= 16s);
    CHECK(timeouts[1] <= 24s);
    for (const auto timeout : {timeouts[3], timeouts[4], timeouts[5]}) {
        CHECK(timeout >= 24s);
        CHECK(timeout <= 30s);
    }
}

TEST_CASE("a peer that lets us in and then closes is reconnected to with growing pauses") {
    Script s({}, {{"b1", 9092}});
    s.call(any_request(), 60s);
    int attempts = 0;
    const auto end = s.now + 20s;
    while (s.now < end) {
        while (!s.connects.empty()) {
            ++attempts;
            const auto connect = s.next_connect();
            s.open(connect);
            const auto sends = std::exchange(s.sends, {});
            s.lose(connect.conn);
            for (const auto& send : sends)
                s.fail(send, errc::connection_lost);
        }
        s.run_to(std::min(end, s.core.next_deadline()));
    }
    CHECK(attempts >= 10);
    CHECK(attempts <= 40);
}

TEST_CASE("any broker means the one that is least busy") {
    Script s;
    s.call(any_request());
    s.serve_metadata(cluster(3));
    for (int id = 1; id <= 3; ++id)
        s.call(protocol::DescribeLogDirsRequest{}, 30s, id);
    s.open_all();
    // Each broker has one; the first any request is on one of them, so six more make three each.
    for (int i = 0; i < 5; ++i)
        s.call(any_request());
    std::map<std::int32_t, int> load;
    for (const auto& send : s.sends)
        ++load[s.broker(send)];
    CHECK(load == std::map<std::int32_t, int>{{1, 3}, {2, 3}, {3, 3}});
}

TEST_CASE("a request that names a broker goes there, and fails for one that is not there") {
    Script s;
    s.call(any_request(), 30s, 3);
    s.serve_metadata(cluster(3));
    CHECK(s.broker(s.next_send<DescribeClusterRequest>()) == 3);
    s.call(any_request(), 30s, 9);
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == broker_errc::broker_not_available);
    CHECK(s.done[0].failure.detail.find("broker 9") != std::string::npos);
}

TEST_CASE("requests without a destination of their own need a broker, or are refused") {
    Script s;
    s.call(any_request());
    s.serve_metadata(cluster(1));
    s.call(protocol::DescribeLogDirsRequest{});
    s.call(protocol::SaslHandshakeRequest{});
    REQUIRE(s.done.size() == 2);
    CHECK(s.done[0].failure.code == errc::invalid_argument);
    CHECK(s.done[0].failure.detail.find("DescribeLogDirs") != std::string::npos);
    CHECK(s.done[1].failure.code == errc::invalid_argument);
}

TEST_CASE("a connection that nobody used for max_idle is closed, and no earlier") {
    Script s({}, {{"b1", 9092}});
    s.call(any_request());
    s.serve_metadata(cluster(1));
    s.answer(s.next_send<DescribeClusterRequest>(), DescribeClusterResponse{});
    const auto start = s.now;
    // Metadata's slow timer uses the connection; without it, it is idle.
    ClusterLimits quiet;
    quiet.metadata.max_age = 24h;
    Script q(quiet, {{"b1", 9092}});
    q.call(any_request());
    q.serve_metadata(cluster(1));
    q.answer(q.next_send<DescribeClusterRequest>(), DescribeClusterResponse{});
    q.run_to(start + 9min - 1ms);
    CHECK(q.closes.empty());
    q.run_to(start + 9min);
    CHECK(q.closes.size() == 1);
    // The next request opens another one.
    q.call(any_request());
    CHECK(q.connects.size() == 1);
}

TEST_CASE("a connection with a request on the wire, or one that somebody holds, is not idle") {
    ClusterLimits limits;
    limits.metadata.max_age = 24h;
    Script s(limits, {{"b1", 9092}});
    s.call(any_request(), 3h);
    s.serve_metadata(cluster(1));
    s.run_for(1h);
    CHECK(s.closes.empty());
    s.answer(s.next_send<DescribeClusterRequest>(), DescribeClusterResponse{});

    ClusterCore::Call hold;
    hold.id = 99;
    hold.kind = ClusterCore::Kind::connection;
    hold.key = {1, ConnPurpose::fetch, 0};
    hold.deadline = s.now + 10s;
    s.core.submit(std::move(hold), s.now);
    s.drain();
    CHECK(s.connects.size() == 1);
    s.open_all();
    s.done.pop_front();
    const auto held = s.next_done();
    CHECK(held.kind == ClusterCore::Kind::connection);
    s.run_for(1h);
    REQUIRE(s.closes.size() == 1);  // the control connection
    CHECK(s.closes[0].conn != held.conn);
    s.core.release_connection(held.conn, s.now);
    s.run_for(9min);
    REQUIRE(s.closes.size() == 2);
    CHECK(s.closes[1].conn == held.conn);
}

TEST_CASE("keep_warm sends a small request on an idle connection instead of closing it") {
    ClusterLimits limits;
    limits.metadata.max_age = 24h;
    limits.keep_warm = true;
    Script s(limits, {{"b1", 9092}});
    s.call(any_request());
    s.serve_metadata(cluster(1));
    s.answer(s.next_send<DescribeClusterRequest>(), DescribeClusterResponse{});
    for (int i = 0; i < 3; ++i) {
        s.run_for(9min);
        REQUIRE(s.count<protocol::ApiVersionsRequest>() == 1);
        s.answer(s.next_send<protocol::ApiVersionsRequest>(), protocol::ApiVersionsResponse{});
    }
    CHECK(s.closes.empty());
    CHECK(s.done.size() == 1);
    // One that does not answer is not waited for without end.
    s.run_for(9min);
    CHECK(s.count<protocol::ApiVersionsRequest>() == 1);
    s.run_for(30s);
    CHECK(s.abandoned.size() == 1);
}

TEST_CASE("metadata is refreshed by a slow timer, for the topics in use alone") {
    Script s({}, {{"b1", 9092}});
    s.refresh({"t"});
    const auto answer = cluster(1, {topic("t", 1, {partition(0, 1)})});
    s.serve_metadata(answer);
    CHECK(s.done.size() == 1);
    const auto before = s.core.counters().refreshes;
    s.core.hold_topic("t", s.now);
    for (int minute = 0; minute < 60; ++minute) {
        s.run_for(1min);
        s.serve_metadata(answer);
    }
    const auto refreshes = s.core.counters().refreshes - before;
    CHECK(refreshes >= 11);
    CHECK(refreshes <= 12);
}

TEST_CASE("a metadata call gives what was asked for after it began") {
    Script s({}, {{"b1", 9092}});
    s.call(any_request());
    s.open_all();
    const auto early = s.next_send<MetadataRequest>();
    s.refresh({"t"});
    s.answer(early, cluster(1));
    CHECK(s.done.empty());
    const auto late = s.next_send<MetadataRequest>();
    CHECK(Script::request<MetadataRequest>(late).topics->size() == 1);
    s.answer(late, cluster(1, {topic("t", 1, {partition(0, 1)})}));
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].kind == ClusterCore::Kind::metadata);
    CHECK(s.core.metadata().topic("t")->data->partitions.size() == 1);
}

TEST_CASE("canonical bootstrap names are looked up first, and again if that fails") {
    ClusterLimits limits;
    limits.canonical_seeds = true;
    Script s(limits);
    s.call(any_request());
    CHECK(s.seed_searches == 1);
    CHECK(s.connects.empty());
    s.core.on_seeds({}, {errc::resolve_failed, "resolving seed"}, s.now);
    s.drain();
    CHECK(s.seed_searches == 1);
    s.run_for(200ms);
    CHECK(s.seed_searches == 2);
    s.core.on_seeds({{"host1", 9092}, {"host2", 9092}}, {}, s.now);
    s.drain();
    REQUIRE(s.connects.size() == 1);
    CHECK(s.next_connect().address.host.substr(0, 4) == "host");
}

TEST_CASE("a call can be cancelled while it waits, and after it was sent") {
    Script s({}, {{"b1", 9092}});
    const auto waiting = s.call(any_request());
    s.core.cancel(waiting, true, s.now);
    s.drain();
    CHECK(s.next_done().failure.code == std::errc::operation_canceled);

    s.call(any_request());
    s.serve_metadata(cluster(1));
    const auto sent = s.next_id - 1;
    s.core.cancel(sent, true, s.now);  // `total`: not after it was sent
    s.drain();
    CHECK(s.done.empty());
    s.core.cancel(sent, false, s.now);
    s.drain();
    const auto done = s.next_done();
    CHECK(done.failure.code == std::errc::operation_canceled);
    CHECK(done.sent);
    CHECK(s.abandoned.size() == 1);
    CHECK(s.core.calls() == 0);
}

TEST_CASE("close() fails every call, closes every connection, and refuses what comes later") {
    Script s({}, {{"b1", 9092}});
    s.call(any_request());
    s.serve_metadata(cluster(1));
    s.call(any_request(), 30s, 1);
    s.core.close({errc::connection_closed, "close() was called"}, s.now);
    s.drain();
    REQUIRE(s.done.size() == 2);
    CHECK(s.done[0].failure.code == errc::connection_closed);
    CHECK(s.closes.size() == 1);
    CHECK(s.core.next_deadline() == never);
    s.call(any_request());
    CHECK(s.done.size() == 3);
    CHECK(s.done[2].failure.code == errc::connection_closed);
}

TEST_CASE("more calls than max_calls are refused") {
    ClusterLimits limits;
    limits.max_calls = 2;
    Script s(limits);
    for (int i = 0; i < 3; ++i)
        s.call(any_request());
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == errc::too_many_in_flight);
}
