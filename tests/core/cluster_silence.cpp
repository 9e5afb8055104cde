// SPDX-License-Identifier: Apache-2.0
// ClusterCore: brokers that keep their connections and answer nothing (a process that was stopped),
// and connections that are closed with requests on them.
#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/heartbeat.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/produce.hpp>

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;
using core::testing::partition;
using core::testing::topic;
using protocol::DescribeClusterRequest;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::HeartbeatRequest;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ProduceRequest;

namespace {

const auto led_by_one = cluster(3, {topic("t", 1, {partition(0, 1)})});
const auto led_by_two = cluster(3, {topic("t", 1, {partition(0, 2, 1)})});

ListOffsetsRequest offsets() {
    ListOffsetsRequest request;
    request.topics.push_back({.name = "t", .partitions = {{.partition_index = 0}}});
    return request;
}
ProduceRequest produce() {
    ProduceRequest request;
    request.acks = -1;
    request.topic_data.push_back(
        {.name = "t", .partition_data = {{.index = 0, .records = Slice::copy_of(as_bytes("x"))}}});
    return request;
}

}  // namespace

TEST_CASE("N03: a leader that answers nothing is doubted at the first deadline that passes") {
    Script s;
    s.call(offsets(), 5s);
    s.serve_metadata(led_by_one);
    REQUIRE(s.broker(s.next_send<ListOffsetsRequest>()) == 1);
    s.run_for(4900ms);
    CHECK(s.count<MetadataRequest>() == 0);
    s.run_for(200ms);
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == errc::request_timed_out);
    s.run_for(1s);
    s.serve_metadata(led_by_two);  // of one that answers
    s.call(offsets(), 5s);
    s.open_all();
    CHECK(s.broker(s.next_send<ListOffsetsRequest>()) == 2);
}

TEST_CASE("N03: a coordinator that answers nothing is looked up again, of another broker") {
    Script s;
    HeartbeatRequest heartbeat;
    heartbeat.group_id = "g";
    const auto found = [&](std::int32_t node) {
        s.open_all();
        const auto find = s.next_send<FindCoordinatorRequest>();
        FindCoordinatorResponse response;
        response.coordinators.push_back(
            {.key = "g", .node_id = node, .host = "b" + std::to_string(node), .port = 9092});
        s.answer(find, response);
        s.open_all();
        return s.broker(find);
    };
    s.call(heartbeat, 5s);
    s.serve_metadata(cluster(3));
    found(3);
    REQUIRE(s.broker(s.next_send<HeartbeatRequest>()) == 3);
    s.run_for(5s);
    REQUIRE(s.done.size() == 1);
    s.call(heartbeat, 5s);
    s.run_for(1s);
    CHECK(found(2) != 3);
    CHECK(s.broker(s.next_send<HeartbeatRequest>()) == 2);
}

TEST_CASE("N03: metadata that one broker does not send is asked of another within seconds") {
    Script s;
    s.refresh({"t"});
    s.serve_metadata(led_by_one);
    s.done.clear();
    // Connections to all, so that there is a choice.
    for (int id = 1; id <= 3; ++id)
        s.call(DescribeClusterRequest{}, 60s, id);
    s.open_all();
    while (s.count<DescribeClusterRequest>() > 0)
        s.answer(s.next_send<DescribeClusterRequest>(), protocol::DescribeClusterResponse{});
    s.done.clear();
    s.refresh({"t"}, 30s);
    const auto silent = s.broker(s.next_send<MetadataRequest>());
    s.run_for(4500ms);
    REQUIRE(s.count<MetadataRequest>() == 1);
    const auto second = s.next_send<MetadataRequest>();
    CHECK(s.broker(second) != silent);
    s.answer(second, led_by_one);
    CHECK(s.done.size() == 1);
    CHECK_FALSE(s.done.back().failure);
}

TEST_CASE("patience with a broker's metadata grows, so that slow ones are heard out") {
    ClusterLimits limits;
    limits.request_timeout = 30s;
    Script s(limits, {{"seed", 9092}});
    s.refresh({}, 10min);
    s.open_all();
    std::vector<Time> asked;
    for (int i = 0; i < 6; ++i) {
        const auto until = s.now + 60s;
        while (s.count<MetadataRequest>() == 0 && s.now < until)
            s.run_to(std::min(until, std::max(s.now, s.core.next_deadline())));
        REQUIRE(s.count<MetadataRequest>() == 1);
        (void)s.next_send<MetadataRequest>();
        asked.push_back(s.now);
    }
    CHECK(asked[1] - asked[0] < 5s);
    CHECK(asked[5] - asked[4] > 20s);
    CHECK(asked[5] - asked[4] < 40s);
}

TEST_CASE(
    "a write on a connection to a broker that is gone was lost, and not by the user's doing") {
    Script s;
    s.call(produce());
    s.serve_metadata(led_by_one);
    REQUIRE(s.count<ProduceRequest>() == 1);
    s.refresh({});
    auto without_one = cluster(3, {topic("t", 1, {partition(0, 2, 1)})});
    std::erase_if(without_one.brokers, [](const auto& broker) { return broker.node_id == 1; });
    s.serve_metadata(without_one);
    const auto failed = std::find_if(s.done.begin(), s.done.end(),
                                     [](const auto& over) { return over.failure.code; });
    REQUIRE(failed != s.done.end());
    CHECK(failed->failure.code == errc::connection_lost);
    CHECK(failed->failure.detail.find("gone") != std::string::npos);
    CHECK(failed->sent);
    CHECK(s.count<ProduceRequest>() == 0);
}

TEST_CASE("while no broker can be reached, a look-up of coordinators that is due does not spin") {
    Script s;
    HeartbeatRequest heartbeat;
    heartbeat.group_id = "g";
    s.call(heartbeat, 100s);
    s.serve_metadata(cluster(3));
    REQUIRE(s.count<FindCoordinatorRequest>() == 1);
    for (const auto& [conn, broker] : s.broker_of)
        s.lose(conn);
    s.fail(s.next_send<FindCoordinatorRequest>(), errc::connection_lost);
    int steps = 0;
    while (s.now < at(90s) && steps < 5'000) {
        while (!s.connects.empty())
            s.refuse(s.next_connect());
        s.now = std::max(s.now, s.core.next_deadline());
        s.core.on_time(s.now);
        s.drain();
        ++steps;
    }
    CHECK(s.core.counters().rebootstraps > 0);
    CHECK(steps < 2'000);
}

TEST_CASE("a leader whose offsets are not to be had yet is asked again") {
    Script s;
    s.call(offsets());
    s.serve_metadata(led_by_one);
    ListOffsetsResponse response;
    response.topics.push_back({.name = "t",
                               .partitions = {{.partition_index = 0,
                                               .error_code = static_cast<std::int16_t>(
                                                   broker_errc::offset_not_available)}}});
    s.answer(s.next_send<ListOffsetsRequest>(), response);
    s.serve_metadata(led_by_one);
    s.run_for(1s);
    s.serve_metadata(led_by_one);
    REQUIRE(s.count<ListOffsetsRequest>() == 1);
    response.topics[0].partitions[0] = {.partition_index = 0, .offset = 7};
    s.answer(s.next_send<ListOffsetsRequest>(), response);
    REQUIRE(s.done.size() == 1);
    CHECK(Script::response<ListOffsetsResponse>(s.done[0]).topics[0].partitions[0].offset == 7);
}
