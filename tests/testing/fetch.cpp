// SPDX-License-Identifier: Apache-2.0
#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr int newest_by_name = 12;

void fill(CoreFixture& f, int batches = 1) {
    for (int i = 0; i < batches; ++i) {
        const auto answer = f.ask(produce_request(make_batch(3)), 12);
        REQUIRE(answer.responses.at(0).partition_responses.at(0).error_code == 0);
    }
}
FetchResponse::PartitionData fetch(CoreFixture& f, const FetchRequest& request,
                                   int version = newest_by_name, ConnectionId from = 1) {
    return f.ask(request, version, from).responses.at(0).partitions.at(0);
}

}  // namespace

TEST_CASE("every version of Fetch brings the records and the ends of the log") {
    CoreFixture f;
    fill(f, 2);
    const auto versions = FetchRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        CAPTURE(version);
        auto request = fetch_request(0);
        request.topics[0].topic_id = f.topic().id;
        const auto data = fetch(f, request, version);
        CHECK(data.error_code == 0);
        CHECK(data.high_watermark == 6);
        CHECK(data.last_stable_offset == 6);
        CHECK(data.records.size() == 2 * make_batch(3).size());
    }
}

TEST_CASE("a fetch in the middle of a batch brings the whole batch") {
    CoreFixture f;
    fill(f, 2);
    CHECK(fetch(f, fetch_request(4)).records.size() == make_batch(3).size());
}

TEST_CASE("a fetch at the end waits until records come") {
    CoreFixture f;
    fill(f);
    f.core.connected(11, 1);
    f.send(fetch_request(3), newest_by_name);
    CHECK(!f.answered());
    CHECK(f.core.busy(1));
    CHECK(f.core.next_deadline() == f.now.time + 500ms);
    f.send(produce_request(make_batch(2)), 12, 11);
    const auto response = f.take<FetchResponse>(newest_by_name);
    CHECK(response.responses.at(0).partitions.at(0).high_watermark == 5);
    CHECK(f.core.next_deadline() == never);
    CHECK(!f.core.busy(1));
}

TEST_CASE("a fetch at the end is answered empty when its time is over") {
    CoreFixture f;
    f.send(fetch_request(0), newest_by_name);
    f.pass(499ms);
    CHECK(!f.answered());
    f.pass(1ms);
    CHECK(f.take<FetchResponse>(newest_by_name).responses.at(0).partitions.at(0).records.empty());
}

TEST_CASE("a fetch waits for as many bytes as it wants") {
    CoreFixture f;
    f.core.connected(11, 1);
    auto request = fetch_request(0);
    request.min_bytes = static_cast<std::int32_t>(make_batch(3).size() + 1);
    f.send(request, newest_by_name);
    f.send(produce_request(make_batch(3)), 12, 11);
    CHECK(!f.answered());
    f.send(produce_request(make_batch(3)), 12, 11);
    CHECK(f.answered());
}

TEST_CASE("requests behind a waiting fetch are answered after it, in order") {
    CoreFixture f;
    f.send(fetch_request(0), newest_by_name);
    const auto first = f.correlation;
    f.send(protocol::MetadataRequest{}, 12);
    CHECK(!f.answered());
    f.pass(500ms);
    f.take<FetchResponse>(newest_by_name);
    CHECK(f.last_correlation == first);
    f.take<protocol::MetadataResponse>(12);
    CHECK(f.last_correlation == first + 1);
}

TEST_CASE("a waiting fetch ends when its topic goes or its leader moves") {
    CoreFixture f;
    f.send(fetch_request(0), newest_by_name);
    REQUIRE(f.core.cluster().move_leader(f.topic().partitions[0], 2));
    f.pass(0ms);
    CHECK(f.take<FetchResponse>(newest_by_name).responses.at(0).partitions.at(0).error_code ==
          code(broker_errc::not_leader_or_follower));
    REQUIRE(f.core.cluster().move_leader(f.topic().partitions[0], 1));
    f.send(fetch_request(0), newest_by_name);
    f.core.cluster().remove(f.topic());
    f.pass(0ms);
    CHECK(f.take<FetchResponse>(newest_by_name).responses.at(0).partitions.at(0).error_code ==
          code(broker_errc::unknown_topic_or_partition));
}

TEST_CASE("a client that leaves while it waits leaves nothing behind") {
    CoreFixture f;
    f.send(fetch_request(0), newest_by_name);
    f.core.disconnected(1);
    CHECK(f.core.next_deadline() == never);
    CHECK(f.topic().partitions[0].waiting.empty());
}

TEST_CASE("the first batch goes out whatever its size, later ones are cut") {
    CoreFixture f;
    fill(f, 3);
    const auto size = make_batch(3).size();
    auto request = fetch_request(0);
    request.topics[0].partitions[0].partition_max_bytes = 1;
    CHECK(fetch(f, request).records.size() == size);
    request.topics[0].partitions[0].partition_max_bytes = static_cast<std::int32_t>(size + 5);
    CHECK(fetch(f, request).records.size() == size + 5);
    request.topics[0].partitions[0].partition_max_bytes = 1 << 20;
    request.max_bytes = static_cast<std::int32_t>(2 * size);
    CHECK(fetch(f, request).records.size() == 2 * size);
}

TEST_CASE("offsets outside the log are refused") {
    CoreFixture f;
    fill(f);
    for (const std::int64_t offset : {-1, 4}) {
        const auto data = fetch(f, fetch_request(offset));
        CHECK(data.error_code == code(broker_errc::offset_out_of_range));
        CHECK(data.high_watermark == -1);
    }
}

TEST_CASE("leader epochs are compared") {
    CoreFixture f;
    REQUIRE(f.core.cluster().move_leader(f.topic().partitions[0], 1));
    auto request = fetch_request(0);
    request.max_wait_ms = 0;
    auto& epoch = request.topics[0].partitions[0].current_leader_epoch;
    epoch = 0;
    CHECK(fetch(f, request).error_code == code(broker_errc::fenced_leader_epoch));
    epoch = 2;
    CHECK(fetch(f, request).error_code == code(broker_errc::unknown_leader_epoch));
    epoch = 1;
    CHECK(fetch(f, request).error_code == 0);
}

TEST_CASE("a follower serves consumers from version 11 on, other brokers never") {
    CoreFixture f;
    std::unique_ptr<Topic> unused;
    REQUIRE(!f.core.cluster().create({.name = "copied", .assignments = {{0, {1, 2}}}}, false,
                                     unused, nullptr));
    auto request = fetch_request(0, 0, "copied");
    request.max_wait_ms = 0;
    CHECK(fetch(f, request, 10, 2).error_code == code(broker_errc::not_leader_or_follower));
    CHECK(fetch(f, request, 11, 2).error_code == 0);
    CHECK(fetch(f, request, 11, 3).error_code == code(broker_errc::not_leader_or_follower));
}

TEST_CASE("from version 16 on a wrong broker names the leader") {
    CoreFixture f;
    auto request = fetch_request(0, 1);
    request.topics[0].topic_id = f.topic().id;
    const auto response = f.ask(request, 16);
    CHECK(response.responses.at(0).partitions.at(0).current_leader.leader_id == 2);
    REQUIRE(response.node_endpoints.size() == 1);
    CHECK(response.node_endpoints[0].node_id == 2);
}

TEST_CASE("a session tells only what is new") {
    CoreFixture f;
    fill(f);
    auto request = fetch_request(0);
    request.session_epoch = 0;
    const auto first = f.ask(request, newest_by_name);
    CHECK(first.session_id > 0);
    CHECK(first.responses.size() == 1);

    FetchRequest next;
    next.max_wait_ms = 100;
    next.min_bytes = 1;
    next.session_id = first.session_id;
    next.session_epoch = 1;
    next.topics = fetch_request(3).topics;
    f.send(next, newest_by_name);
    f.pass(100ms);
    CHECK(f.take<FetchResponse>(newest_by_name).responses.empty());

    fill(f);
    next.session_epoch = 2;
    next.topics.clear();
    const auto news = f.ask(next, newest_by_name);
    REQUIRE(news.responses.size() == 1);
    CHECK(news.responses[0].partitions.at(0).high_watermark == 6);
}

TEST_CASE("sessions that are not known, and wrong epochs of known ones, are refused") {
    CoreFixture f;
    auto request = fetch_request(0);
    request.max_wait_ms = 0;
    request.session_epoch = 0;
    const auto id = f.ask(request, newest_by_name).session_id;
    FetchRequest next;
    next.session_id = id;
    next.session_epoch = 5;
    CHECK(f.ask(next, newest_by_name).error_code == code(broker_errc::invalid_fetch_session_epoch));
    next.session_epoch = 1;
    CHECK(f.ask(next, 13).error_code == code(broker_errc::fetch_session_topic_id_error));
    next.session_id = id == 1 ? 2 : 1;
    CHECK(f.ask(next, newest_by_name).error_code == code(broker_errc::fetch_session_id_not_found));
}

TEST_CASE("a session from which everything is taken ends") {
    CoreFixture f;
    auto request = fetch_request(0);
    request.max_wait_ms = 0;
    request.session_epoch = 0;
    FetchRequest next;
    next.session_id = f.ask(request, newest_by_name).session_id;
    next.session_epoch = 1;
    auto& forgotten = next.forgotten_topics_data.emplace_back();
    forgotten.topic = std::string("t");  // an assignment makes g++ 12 warn
    forgotten.partitions = {0};
    CHECK(f.ask(next, newest_by_name).session_id == 0);
    CHECK(f.core.sessions(1).size() == 0);
}
