// SPDX-License-Identifier: Apache-2.0
// ClusterCore: requests that go to coordinators, the controller, any broker or all of them.
#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/describe_configs.hpp>
#include <kafka/protocol/describe_groups.hpp>
#include <kafka/protocol/heartbeat.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/join_group.hpp>
#include <kafka/protocol/list_groups.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/produce.hpp>

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;
using namespace kafka::protocol;
using core::testing::topic;

namespace {

FindCoordinatorResponse coordinators(const ClusterCore::Send& send, std::int32_t node,
                                     std::int16_t code = 0) {
    FindCoordinatorResponse response;
    for (const auto& key : Script::request<FindCoordinatorRequest>(send).coordinator_keys)
        response.coordinators.push_back({.key = key,
                                         .node_id = code == 0 ? node : -1,
                                         .host = "b" + std::to_string(node),
                                         .port = 9092,
                                         .error_code = code});
    return response;
}

}  // namespace

TEST_CASE("C05: a group's requests go to its coordinator, which is looked up once") {
    Script s;
    HeartbeatRequest heartbeat;
    heartbeat.group_id = "g";
    s.call(heartbeat);
    s.call(heartbeat);
    s.serve_metadata(cluster(3));
    REQUIRE(s.count<FindCoordinatorRequest>() == 1);
    const auto find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 3));
    s.open_all();
    REQUIRE(s.count<HeartbeatRequest>() == 2);
    CHECK(s.broker(s.next_send<HeartbeatRequest>()) == 3);
    s.call(heartbeat);
    CHECK(s.count<FindCoordinatorRequest>() == 0);
}

TEST_CASE("C05: NOT_COORDINATOR looks it up anew, LOADING waits, and neither loops") {
    Script s;
    OffsetCommitRequest commit;
    commit.group_id = "g";
    s.call(commit);
    s.serve_metadata(cluster(3));
    auto find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 3));
    s.open_all();
    OffsetCommitResponse refusal;
    refusal.topics.push_back({.name = "t", .partitions = {{.partition_index = 0}}});
    refusal.topics[0].partitions[0].error_code = 14;
    auto send = s.next_send<OffsetCommitRequest>();
    s.answer(send, refusal);
    CHECK(s.count<OffsetCommitRequest>() == 0);
    s.run_for(150ms);
    CHECK(s.count<FindCoordinatorRequest>() == 0);
    send = s.next_send<OffsetCommitRequest>();
    CHECK(s.broker(send) == 3);
    refusal.topics[0].partitions[0].error_code = 16;
    s.answer(send, refusal);
    s.run_for(500ms);
    find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 2));
    s.open_all();
    send = s.next_send<OffsetCommitRequest>();
    CHECK(s.broker(send) == 2);
    s.answer(send, OffsetCommitResponse{});
    CHECK_FALSE(s.next_done().failure);
}

TEST_CASE("C05: a coordinator that cannot be reached is looked up again") {
    Script s;
    HeartbeatRequest heartbeat;
    heartbeat.group_id = "g";
    s.call(heartbeat);
    s.serve_metadata(cluster(3));
    auto find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 3));
    for (bool refused = false; !refused;) {
        const auto connect = s.next_connect();
        refused = connect.key.broker == 3;
        if (refused) s.refuse(connect);
    }
    s.run_for(500ms);
    s.open_all();
    find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 1));
    s.open_all();
    CHECK(s.broker(s.next_send<HeartbeatRequest>()) == 1);
}

TEST_CASE("a group that one may not use fails with the broker's word for it") {
    Script s;
    HeartbeatRequest heartbeat;
    heartbeat.group_id = "g";
    s.call(heartbeat);
    s.serve_metadata(cluster(3));
    const auto find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 3, 30));
    CHECK(s.next_done().failure.code == broker_errc::group_authorization_failed);
}

TEST_CASE("BI-50: lookups that give nothing usable are repeated with pauses until the deadline") {
    Script s;
    HeartbeatRequest heartbeat;
    heartbeat.group_id = "g";
    s.call(heartbeat, 10s);
    s.serve_metadata(cluster(1));
    int lookups = 0;
    while (s.done.empty()) {
        while (s.count<FindCoordinatorRequest>() > 0) {
            ++lookups;
            s.answer(s.next_send<FindCoordinatorRequest>(), FindCoordinatorResponse{});
        }
        s.run_to(s.core.next_deadline());
    }
    CHECK(lookups >= 5);
    CHECK(lookups <= 20);
    const auto done = s.next_done();
    CHECK(done.failure.code == errc::request_timed_out);
    CHECK(done.failure.detail.find("coordinator") != std::string::npos);
}

TEST_CASE("groups of several coordinators are asked for where each is") {
    Script s;
    DescribeGroupsRequest describe;
    describe.groups = {"a", "b", "c", "d"};
    s.call(describe);
    s.serve_metadata(cluster(3));
    const auto find = s.next_send<FindCoordinatorRequest>();
    auto answer = coordinators(find, 1);
    answer.coordinators[2].node_id = 2;  // c
    answer.coordinators[3].error_code = 30;
    s.answer(find, answer);
    s.open_all();
    REQUIRE(s.count<DescribeGroupsRequest>() == 2);
    for (int i = 0; i < 2; ++i) {
        const auto send = s.next_send<DescribeGroupsRequest>();
        DescribeGroupsResponse response;
        for (const auto& group : Script::request<DescribeGroupsRequest>(send).groups)
            response.groups.push_back({.group_id = group, .group_state = "Stable"});
        CHECK(response.groups.size() == (s.broker(send) == 2 ? 1 : 2));
        s.answer(send, response);
    }
    const auto done = s.next_done();
    std::map<std::string, std::int16_t> found;
    for (const auto& group : Script::response<DescribeGroupsResponse>(done).groups)
        found[group.group_id] = group.error_code;
    CHECK(found == std::map<std::string, std::int16_t>{{"a", 0}, {"b", 0}, {"c", 0}, {"d", 30}});
}

TEST_CASE("a broker that takes one key a lookup is asked for each (FindCoordinator before v4)") {
    Script s({}, {{"b1", 9092}});
    DescribeGroupsRequest describe;
    describe.groups = {"a", "b"};
    s.call(describe);
    s.open(s.next_connect(), all_versions({{10, 3}}));
    s.serve_metadata(cluster(1));
    REQUIRE(s.count<FindCoordinatorRequest>() == 2);
    for (int i = 0; i < 2; ++i) {
        const auto find = s.next_send<FindCoordinatorRequest>();
        CHECK(find.version == 3);
        CHECK(Script::request<FindCoordinatorRequest>(find).coordinator_keys.empty());
        CHECK(Script::request<FindCoordinatorRequest>(find).key == (i == 0 ? "a" : "b"));
        FindCoordinatorResponse response;
        response.node_id = 1;
        response.host = "b1";
        response.port = 9092;
        s.answer(find, response);
    }
    CHECK(s.count<DescribeGroupsRequest>() == 1);
}

TEST_CASE("members of different groups do not wait for each other on a connection") {
    Script s({}, {{"b1", 9092}});
    JoinGroupRequest join;
    join.group_id = "a";
    s.call(join);
    join.group_id = "b";
    s.call(join);
    s.serve_metadata(cluster(1));
    const auto find = s.next_send<FindCoordinatorRequest>();
    s.answer(find, coordinators(find, 1));
    s.open_all();
    const auto a = s.next_send<JoinGroupRequest>(), b = s.next_send<JoinGroupRequest>();
    CHECK(a.conn != b.conn);
}

TEST_CASE("an idempotent producer's id comes from any broker, a transactional one's does not") {
    Script s({}, {{"b1", 9092}});
    InitProducerIdRequest init;
    init.transactional_id.reset();
    s.call(init);
    s.serve_metadata(cluster(1));
    CHECK(s.count<InitProducerIdRequest>() == 1);
    init.transactional_id = "t";
    s.call(init);
    CHECK(s.count<InitProducerIdRequest>() == 1);
    const auto find = s.next_send<FindCoordinatorRequest>();
    CHECK(Script::request<FindCoordinatorRequest>(find).key_type == 1);
}

TEST_CASE("C10: a request for the controller goes there, and again after it moved") {
    Script s;
    s.call(CreateTopicsRequest{});
    s.serve_metadata(cluster(3));
    auto send = s.next_send<CreateTopicsRequest>();
    CHECK(s.broker(send) == 1);
    CreateTopicsResponse refusal;
    refusal.topics.resize(1);
    refusal.topics[0].error_code = 41;
    s.answer(send, refusal);
    auto moved = cluster(3);
    moved.controller_id = 2;
    s.serve_metadata(moved);
    s.run_for(300ms);
    s.serve_metadata(moved);
    s.run_for(300ms);
    s.open_all();
    send = s.next_send<CreateTopicsRequest>();
    CHECK(s.broker(send) == 2);
    s.answer(send, CreateTopicsResponse{});
    CHECK_FALSE(s.next_done().failure);
}

TEST_CASE("lists of all brokers are one list, each entry once") {
    Script s;
    s.call(ListGroupsRequest{});
    s.serve_metadata(cluster(3));
    REQUIRE(s.count<ListGroupsRequest>() == 3);
    for (int i = 0; i < 3; ++i) {
        ListGroupsResponse response;
        response.groups.push_back({.group_id = "both"});
        response.groups.push_back({.group_id = "g" + std::to_string(i)});
        s.answer(s.next_send<ListGroupsRequest>(), response);
    }
    const auto done = s.next_done();
    CHECK(Script::response<ListGroupsResponse>(done).groups.size() == 4);
}

TEST_CASE("a list lacks what a broker would have said that cannot be reached, and says so") {
    Script s;
    s.call(ListGroupsRequest{}, 5s);
    s.serve_metadata(cluster(1));
    s.answer(s.next_send<ListGroupsRequest>(), ListGroupsResponse{});
    s.done.clear();
    s.refresh({});
    s.serve_metadata(cluster(2));
    s.done.clear();
    s.call(ListGroupsRequest{}, 5s);
    s.answer(s.next_send<ListGroupsRequest>(), ListGroupsResponse{});
    while (s.done.empty()) {
        while (!s.connects.empty())
            s.refuse(s.next_connect());
        s.run_to(s.core.next_deadline());
    }
    const auto done = s.next_done();
    CHECK_FALSE(done.failure);
    CHECK(Script::response<ListGroupsResponse>(done).error_code == 7);
    REQUIRE(done.misses.size() == 1);
    CHECK(done.misses[0].broker == 2);
}

TEST_CASE("a broker's configuration is asked of that broker, a topic's of any") {
    Script s;
    DescribeConfigsRequest describe;
    describe.resources = {{.resource_type = 4, .resource_name = "2"},
                          {.resource_type = 2, .resource_name = "t"},
                          {.resource_type = 4, .resource_name = "99"}};
    s.call(describe);
    s.serve_metadata(cluster(3));
    REQUIRE(s.count<DescribeConfigsRequest>() == 2);
    for (int i = 0; i < 2; ++i) {
        const auto send = s.next_send<DescribeConfigsRequest>();
        const auto& resources = Script::request<DescribeConfigsRequest>(send).resources;
        REQUIRE(resources.size() == 1);
        if (resources[0].resource_type == 4) CHECK(s.broker(send) == 2);
        DescribeConfigsResponse response;
        response.results.push_back({.resource_type = resources[0].resource_type,
                                    .resource_name = resources[0].resource_name});
        s.answer(send, response);
    }
    const auto done = s.next_done();
    const auto& results = Script::response<DescribeConfigsResponse>(done).results;
    REQUIRE(results.size() == 3);
    CHECK(results[0].resource_name == "99");
    CHECK(results[0].error_code == 8);
}
