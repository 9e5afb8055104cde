// SPDX-License-Identifier: Apache-2.0
// ClusterCore: requests that go to partitions' leaders; those of several; what is tried again.
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/produce.hpp>

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;
using namespace kafka::protocol;
using core::testing::topic;

namespace {

const auto two_leaders =
    cluster(3, {topic("t", 1,
                      {core::testing::partition(0, 1), core::testing::partition(1, 2),
                       core::testing::partition(2, 1)})});

ListOffsetsRequest offsets(std::vector<std::int32_t> partitions, std::string name = "t") {
    ListOffsetsRequest request;
    auto& row = request.topics.emplace_back();
    row.name = std::move(name);
    for (const auto number : partitions)
        row.partitions.push_back({.partition_index = number});
    return request;
}
/// The answer to what was sent: each partition's offset is ten times its number.
ListOffsetsResponse offsets_for(const ClusterCore::Send& send, std::int16_t code = 0) {
    ListOffsetsResponse response;
    for (const auto& asked : Script::request<ListOffsetsRequest>(send).topics) {
        auto& row = response.topics.emplace_back();
        row.name = asked.name;
        for (const auto& partition : asked.partitions)
            row.partitions.push_back({.partition_index = partition.partition_index,
                                      .error_code = code,
                                      .offset = 10 * partition.partition_index});
    }
    return response;
}
std::map<std::int32_t, std::int16_t> codes(const ListOffsetsResponse& response) {
    std::map<std::int32_t, std::int16_t> found;
    for (const auto& row : response.topics)
        for (const auto& partition : row.partitions)
            found[partition.partition_index] = partition.error_code;
    return found;
}
ProduceRequest produce(std::vector<std::int32_t> partitions) {
    ProduceRequest request;
    request.acks = -1;
    auto& row = request.topic_data.emplace_back();
    row.name = "t";
    for (const auto number : partitions)
        row.partition_data.push_back({.index = number, .records = Slice::copy_of(as_bytes("x"))});
    return request;
}

/// "Not the leader" of partition 1, with a hint at who is.
ProduceResponse refused(std::int32_t leader = -1, std::int32_t epoch = -1) {
    ProduceResponse response;
    auto& row = response.responses.emplace_back();
    row.topic_id = uuid(1);
    auto& partition = row.partition_responses.emplace_back();
    partition.index = 1;
    partition.error_code = 6;
    partition.base_offset = -1;
    partition.current_leader = {.leader_id = leader, .leader_epoch = epoch};
    return response;
}

}  // namespace

TEST_CASE("a request for partitions of several leaders is cut, and its answers are one again") {
    Script s;
    s.call(offsets({0, 1, 2}));
    s.serve_metadata(two_leaders);
    REQUIRE(s.count<ListOffsetsRequest>() == 2);
    const auto a = s.next_send_to<ListOffsetsRequest>(1);
    const auto b = s.next_send_to<ListOffsetsRequest>(2);
    CHECK(Script::request<ListOffsetsRequest>(a).topics[0].partitions.size() == 2);
    s.answer(b, offsets_for(b));
    CHECK(s.done.empty());
    s.answer(a, offsets_for(a));
    const auto done = s.next_done();
    CHECK_FALSE(done.failure);
    const auto& response = Script::response<ListOffsetsResponse>(done);
    REQUIRE(response.topics.size() == 1);
    REQUIRE(response.topics[0].partitions.size() == 3);
    for (const auto& row : response.topics[0].partitions)
        CHECK(row.offset == 10 * row.partition_index);
}

TEST_CASE("metadata is asked for the request's topics alone, once for many requests") {
    Script s({}, {{"b1", 9092}});
    for (int i = 0; i < 50; ++i)
        s.call(offsets({0}));
    s.open_all();
    REQUIRE(s.count<MetadataRequest>() == 1);
    const auto send = s.next_send<MetadataRequest>();
    const auto& topics = *Script::request<MetadataRequest>(send).topics;
    // The bootstrap may come first; the topic is then asked for after it.
    CHECK(topics.size() <= 1);
    s.answer(send, topics.empty() ? cluster(3) : two_leaders);
    s.serve_metadata(two_leaders);
    CHECK(s.count<ListOffsetsRequest>() == 50);
    CHECK(s.core.counters().refreshes <= 2);
}

TEST_CASE("of a topic that is not known the metadata is asked alone, of a known one with all") {
    Script s;
    s.refresh({"t"});
    s.open_all();
    s.serve_metadata(two_leaders);
    s.refresh({"new"});
    s.open_all();
    const auto alone = s.next_send<MetadataRequest>();
    REQUIRE(Script::request<MetadataRequest>(alone).topics->size() == 1);
    CHECK((*Script::request<MetadataRequest>(alone).topics)[0].name == "new");
    auto unknown = topic("new", 9, {});
    unknown.error_code = static_cast<std::int16_t>(broker_errc::unknown_topic_or_partition);
    s.answer(alone, cluster(3, {unknown}));
    CHECK(s.done.size() == 2);
    s.refresh({"new"});
    const auto again = s.next_send<MetadataRequest>();
    CHECK(Script::request<MetadataRequest>(again).topics->size() == 1);
    s.answer(again, cluster(3, {unknown}));
    CHECK(s.done.size() == 3);
    s.refresh({"t"});
    s.open_all();
    CHECK(Script::request<MetadataRequest>(s.next_send<MetadataRequest>()).topics->size() == 2);
}

TEST_CASE("C01: partitions whose leader moved are asked again where it is now, the others not") {
    Script s;
    s.call(offsets({0, 1, 2}));
    s.serve_metadata(two_leaders);
    const auto a = s.next_send_to<ListOffsetsRequest>(1);
    const auto b = s.next_send_to<ListOffsetsRequest>(2);
    s.answer(b, offsets_for(b));
    auto mixed = offsets_for(a);
    mixed.topics[0].partitions[1].error_code = 6;  // partition 2
    s.answer(a, mixed);
    CHECK(s.done.empty());
    auto moved = two_leaders;
    moved.topics[0].partitions[2] = core::testing::partition(2, 3, 1);
    s.serve_metadata(moved);
    s.run_for(200ms);
    s.serve_metadata(moved);
    REQUIRE(s.count<ListOffsetsRequest>() == 1);
    const auto again = s.next_send<ListOffsetsRequest>();
    CHECK(s.broker(again) == 3);
    REQUIRE(Script::request<ListOffsetsRequest>(again).topics[0].partitions.size() == 1);
    CHECK(Script::request<ListOffsetsRequest>(again).topics[0].partitions[0].partition_index == 2);
    s.answer(again, offsets_for(again));
    const auto done = s.next_done();
    CHECK(codes(Script::response<ListOffsetsResponse>(done)) ==
          std::map<std::int32_t, std::int16_t>{{0, 0}, {1, 0}, {2, 0}});
    CHECK(s.core.counters().retries == 1);
}

TEST_CASE("partitions that were refused together and went on apart are each answered once") {
    Script s;
    s.call(offsets({0, 1}), 2s);
    s.serve_metadata(cluster(
        2, {topic("t", 1, {core::testing::partition(0, 1), core::testing::partition(1, 1)})}));
    const auto both = s.next_send<ListOffsetsRequest>();
    s.answer(both, offsets_for(both, 6));
    s.run_for(300ms);
    s.serve_metadata(cluster(
        2,
        {topic("t", 1, {core::testing::partition(0, 1, 1), core::testing::partition(1, 2, 1)})}));
    s.run_for(200ms);
    s.open_all();
    const auto other = s.next_send_to<ListOffsetsRequest>(1);
    s.run_for(5s);  // nobody answers
    REQUIRE(s.done.size() == 1);
    const auto found = codes(Script::response<ListOffsetsResponse>(s.done[0]));
    CHECK(found == std::map<std::int32_t, std::int16_t>{{0, 6}, {1, 6}});
}

TEST_CASE("a write that was refused, sent again and not answered is not said to be refused") {
    Script s;
    s.call(produce({1}), 2s);
    s.serve_metadata(two_leaders);
    const auto first = s.next_send<ProduceRequest>();
    s.answer(first, refused());
    s.run_for(300ms);
    s.serve_metadata(two_leaders);
    s.run_for(200ms);
    REQUIRE(s.count<ProduceRequest>() == 1);
    s.run_for(5s);
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].sent);
    const auto& said = Script::response<ProduceResponse>(s.done[0]).responses;
    REQUIRE(said.size() == 1);
    CHECK(broker_error(said[0].partition_responses.at(0).error_code) ==
          broker_errc::request_timed_out);
}

TEST_CASE("C01: a hint says where the leader is, without asking for metadata (KIP-951)") {
    Script s;
    s.call(produce({1}));
    s.serve_metadata(two_leaders);
    const auto first = s.next_send<ProduceRequest>();
    CHECK(s.broker(first) == 2);
    const auto refreshes = s.core.counters().refreshes;
    auto response = refused(7, 3);
    response.node_endpoints.push_back({.node_id = 7, .host = "b7", .port = 9092});
    s.answer(first, response);
    s.run_for(200ms);
    const auto connect = s.next_connect();
    CHECK(connect.address.host == "b7");
    s.open(connect);
    CHECK(s.broker(s.next_send<ProduceRequest>()) == 7);
    CHECK(s.core.counters().refreshes == refreshes);
}

TEST_CASE("C01: a pause ends when the metadata has a new leader, or the same one anew (KIP-951)") {
    Script s;
    s.call(offsets({0}), 20s);
    const auto led_by = [](std::int32_t leader, std::int32_t epoch) {
        return cluster(2, {topic("t", 1, {core::testing::partition(0, leader, epoch)})});
    };
    s.serve_metadata(led_by(1, 1));
    std::int32_t refusing = 1, epoch = 1;
    const auto refuse = [&] {
        s.open_all();
        const auto send = s.next_send_to<ListOffsetsRequest>(refusing);
        s.answer(send, offsets_for(send, 6));
    };
    const auto wait_for_question = [&] {
        const auto until = s.now + 5s;
        while (s.count<MetadataRequest>() == 0 && s.now < until)
            s.run_for(10ms);
        REQUIRE(s.count<MetadataRequest>() == 1);
        CHECK(s.count<ListOffsetsRequest>() == 0);
    };
    // Refused by one that is still said to be it, until pauses are long.
    for (int i = 0; i < 4; ++i) {
        refuse();
        const auto until = s.now + 5s;
        while (s.count<ListOffsetsRequest>() == 0 && s.now < until) {
            s.serve_metadata(led_by(refusing, epoch));
            s.run_for(10ms);
        }
    }
    for (const std::int32_t leader : {2, 2, 1}) {
        refuse();
        wait_for_question();
        const auto told = s.now;
        s.serve_metadata(led_by(leader, ++epoch));
        s.open_all();
        CHECK(s.count<ListOffsetsRequest>() == 1);
        CHECK(s.now == told);
        refusing = leader;
    }
    // What is not news changes nothing, nor does what cannot be told from old.
    for (const auto& [leader, told_epoch] : {std::pair(refusing, epoch), std::pair(2, -1)}) {
        refuse();
        wait_for_question();
        s.serve_metadata(led_by(leader, told_epoch));
        s.run_for(300ms);
        CHECK(s.count<ListOffsetsRequest>() == 0);
        s.run_for(5s);
        refusing = leader;
    }
}

TEST_CASE("BI-51: a hint that names an unknown broker leads to a refresh, not astray") {
    Script s;
    s.call(produce({1}));
    s.serve_metadata(two_leaders);
    const auto first = s.next_send<ProduceRequest>();
    s.answer(first, refused(99, 3));
    s.run_for(300ms);
    CHECK(s.count<MetadataRequest>() == 1);
    auto moved = two_leaders;
    moved.topics[0].partitions[1] = core::testing::partition(1, 3, 4);
    s.serve_metadata(moved);
    s.run_for(200ms);
    s.serve_metadata(moved);
    CHECK(s.broker(s.next_send<ProduceRequest>()) == 3);
}

TEST_CASE(
    "I13: a partition that no broker leads is not asked after in a hot loop, and ends in time") {
    Script s;
    s.call(offsets({0}), 20s);
    s.serve_metadata(cluster(1, {topic("t", 1, {core::testing::partition(0, 1)})}));
    const auto end = s.now + 20s;
    int asked = 0;
    while (s.now < end && s.done.empty()) {
        while (s.count<ListOffsetsRequest>() > 0) {
            ++asked;
            const auto send = s.next_send<ListOffsetsRequest>();
            s.answer(send, offsets_for(send, 6));
        }
        s.serve_metadata(cluster(1, {topic("t", 1, {core::testing::partition(0, 1)})}));
        s.run_to(std::min(end, s.core.next_deadline()));
    }
    CHECK(asked <= 40);
    CHECK(s.core.counters().refreshes <= 45);
    const auto done = s.next_done();
    CHECK(s.now <= end);
    CHECK_FALSE(done.failure);  // the broker's own words are the result
    CHECK(codes(Script::response<ListOffsetsResponse>(done)).at(0) == 6);
}

TEST_CASE("BI-44: a leader that is no known broker is waited for, not connected to") {
    Script s;
    s.call(offsets({0}), 10s);
    s.serve_metadata(cluster(2, {topic("t", 1, {core::testing::partition(0, 77)})}));
    CHECK(s.count<ListOffsetsRequest>() == 0);
    s.run_for(500ms);
    CHECK(s.count<MetadataRequest>() == 1);
    s.serve_metadata(cluster(2, {topic("t", 1, {core::testing::partition(0, 2, 1)})}));
    CHECK(s.broker(s.next_send<ListOffsetsRequest>()) == 2);
}

TEST_CASE("C03: a partition without a leader is waited for until the deadline") {
    Script s;
    s.call(offsets({0}), 5s);
    const auto leaderless = cluster(2, {topic("t", 1, {core::testing::partition(0, -1)})});
    s.serve_metadata(leaderless);
    while (s.done.empty()) {
        s.run_to(s.core.next_deadline());
        s.serve_metadata(leaderless);
    }
    const auto done = s.next_done();
    CHECK(done.failure.code == errc::request_timed_out);
    CHECK(done.failure.detail.find("LEADER_NOT_AVAILABLE") != std::string::npos);
}

TEST_CASE("an unknown topic is believed after a few answers, in the items' own place") {
    Script s;
    s.call(offsets({0, 1}, "nope"), 30s);
    auto row = topic("nope", 0, {});
    row.error_code = 3;
    const auto unknown = cluster(2, {row});
    s.serve_metadata(unknown);
    while (s.done.empty()) {
        REQUIRE(s.core.next_deadline() != never);
        s.run_to(s.core.next_deadline());
        s.serve_metadata(unknown);
    }
    CHECK(s.now < at(5s));
    const auto done = s.next_done();
    CHECK_FALSE(done.failure);
    CHECK(codes(Script::response<ListOffsetsResponse>(done)) ==
          std::map<std::int32_t, std::int16_t>{{0, 3}, {1, 3}});
    CHECK(s.core.counters().refreshes <= 6);
}

TEST_CASE("a topic that one may not read fails in its place, and the rest is asked") {
    Script s;
    auto request = offsets({0});
    request.topics.push_back(offsets({0}, "secret").topics[0]);
    s.call(request);
    auto answer = two_leaders;
    auto row = topic("secret", 0, {});
    row.error_code = 29;
    answer.topics.push_back(row);
    s.serve_metadata(answer);
    const auto send = s.next_send<ListOffsetsRequest>();
    CHECK(Script::request<ListOffsetsRequest>(send).topics.size() == 1);
    s.answer(send, offsets_for(send));
    const auto done = s.next_done();
    const auto& response = Script::response<ListOffsetsResponse>(done);
    REQUIRE(response.topics.size() == 2);
    CHECK(response.topics[0].name == "secret");
    CHECK(response.topics[0].partitions[0].error_code == 29);
    CHECK(response.topics[1].partitions[0].error_code == 0);
}

TEST_CASE("items whose broker cannot be reached carry a code; the details can be had") {
    Script s;
    s.call(offsets({0, 1}), 5s);
    s.open(s.next_connect());
    s.answer(s.next_send<MetadataRequest>(), two_leaders);
    while (s.done.empty()) {
        while (!s.connects.empty()) {
            const auto connect = s.next_connect();
            if (connect.key.broker == 2)
                s.refuse(connect);
            else
                s.open(connect);
        }
        while (s.count<MetadataRequest>() > 0)
            s.answer(s.next_send<MetadataRequest>(), two_leaders);
        while (s.count<ListOffsetsRequest>() > 0) {
            const auto send = s.next_send<ListOffsetsRequest>();
            s.answer(send, offsets_for(send));
        }
        s.run_to(s.core.next_deadline());
    }
    const auto done = s.next_done();
    CHECK_FALSE(done.failure);
    CHECK(codes(Script::response<ListOffsetsResponse>(done)) ==
          std::map<std::int32_t, std::int16_t>{{0, 0}, {1, 7}});
    REQUIRE(done.misses.size() == 1);
    CHECK(done.misses[0].failure.code == errc::request_timed_out);
    CHECK(done.misses[0].failure.detail.find("refused") != std::string::npos);
    CHECK(s.now == at(5s));
}

TEST_CASE("a read that was lost after it was sent is repeated, a write is not") {
    Script s;
    s.call(offsets({1}));
    s.call(produce({1}));
    s.serve_metadata(two_leaders);
    const auto read = s.next_send<ListOffsetsRequest>();
    const auto write = s.next_send<ProduceRequest>();
    CHECK(read.conn != write.conn);  // connections of their own
    s.lose(read.conn);
    s.fail(read, errc::connection_lost);
    s.lose(write.conn);
    s.fail(write, errc::connection_lost);
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == errc::connection_lost);
    CHECK(s.done[0].sent);
    s.run_for(200ms);
    s.serve_metadata(two_leaders);
    CHECK(s.count<ListOffsetsRequest>() == 1);
    CHECK(s.count<ProduceRequest>() == 0);
}

TEST_CASE("a write that certainly was not sent is repeated") {
    Script s;
    s.call(produce({1}));
    s.serve_metadata(two_leaders);
    const auto write = s.next_send<ProduceRequest>();
    s.lose(write.conn);
    s.fail(write, errc::connection_lost, false);
    s.run_for(500ms);
    s.serve_metadata(two_leaders);
    s.open_all();
    CHECK(s.count<ProduceRequest>() == 1);
}

TEST_CASE("without retry, the first answer counts") {
    Script s;
    s.call(offsets({0}), 30s, {}, false);
    s.serve_metadata(two_leaders);
    const auto send = s.next_send<ListOffsetsRequest>();
    s.answer(send, offsets_for(send, 6));
    REQUIRE(s.done.size() == 1);
    CHECK(codes(Script::response<ListOffsetsResponse>(s.done[0])).at(0) == 6);
}

TEST_CASE("requests name topics by name and by id, as the version needs (KIP-516)") {
    Script s;
    FetchRequest fetch;
    fetch.topics.push_back({.topic = "t", .partitions = {{.partition = 0}}});
    s.call(fetch);
    s.serve_metadata(two_leaders);
    const auto send = s.next_send<FetchRequest>();
    CHECK(send.version >= 13);
    CHECK(Script::request<FetchRequest>(send).topics[0].topic_id == uuid(1));
    FetchResponse answer;
    answer.responses.push_back({.topic_id = uuid(1), .partitions = {{.partition_index = 0}}});
    s.answer(send, answer);
    const auto done = s.next_done();
    CHECK(Script::response<FetchResponse>(done).responses[0].topic == "t");

    // By its id alone.
    fetch.topics[0].topic.clear();
    fetch.topics[0].topic_id = uuid(1);
    s.call(fetch);
    CHECK(Script::request<FetchRequest>(s.next_send<FetchRequest>()).topics[0].topic == "t");
}

TEST_CASE("a cluster without topic ids is spoken to in the versions that have names") {
    Script s;
    FetchRequest fetch;
    fetch.topics.push_back({.topic = "t", .partitions = {{.partition = 0}}});
    s.call(fetch);
    s.serve_metadata(cluster(1, {topic("t", 0, {core::testing::partition(0, 1)})}));
    CHECK(s.next_send<FetchRequest>().version == 12);
}

TEST_CASE("a Fetch in a session is not cut") {
    Script s;
    FetchRequest fetch;
    fetch.session_id = 5;
    fetch.session_epoch = 1;
    fetch.topics.push_back({.topic = "t", .partitions = {{.partition = 0}, {.partition = 1}}});
    s.call(fetch);
    s.serve_metadata(two_leaders);
    REQUIRE(s.done.size() == 1);
    CHECK(s.done[0].failure.code == errc::invalid_argument);
}

TEST_CASE("a broker that lacks the API fails the call with a sentence") {
    Script s({}, {{"b1", 9092}});
    s.call(offsets({0}));
    ApiVersionsResponse few;
    few.api_keys = {{.api_key = 3, .min_version = 0, .max_version = 13}};
    s.open(s.next_connect(), VersionTable(few));
    s.serve_metadata(cluster(1, {topic("t", 1, {core::testing::partition(0, 1)})}));
    const auto done = s.next_done();
    CHECK(done.failure.code == errc::unsupported_api);
    CHECK(done.failure.detail == "the broker does not offer ListOffsets");
}
