// SPDX-License-Identifier: Apache-2.0
#include <kafka/testing/broker.hpp>

#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::FindCoordinatorRequest;
using protocol::MetadataRequest;

MetadataRequest about_all() {
    MetadataRequest request;
    request.topics.reset();
    return request;
}

}  // namespace

TEST_CASE("every version of FindCoordinator names a broker for groups and transactions") {
    CoreFixture f;
    const auto versions = FindCoordinatorRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        for (const std::int8_t type : {std::int8_t{0}, std::int8_t{1}}) {
            if (version == 0 && type > 0) continue;
            CAPTURE(version);
            FindCoordinatorRequest request;
            request.key_type = type;
            if (version < 4) {
                request.key = "g";
            } else {
                request.coordinator_keys = {"g", "h"};
            }
            const auto response = f.ask(request, version);
            const auto node = version < 4 ? response.node_id : response.coordinators.at(0).node_id;
            if (version >= 1 && version < 4) CHECK(response.error_message == "NONE");
            CHECK(node == f.core.cluster().coordinator(CoordinatorOf::group, "g")->id);
            if (version >= 4) CHECK(response.coordinators.at(1).key == "h");
        }
    }
}

TEST_CASE("FindCoordinator refuses what Kafka refuses") {
    CoreFixture f;
    FindCoordinatorRequest request;
    request.key = "g";
    request.key_type = 9;
    const auto response = f.ask(request, 3);
    CHECK(response.error_code == code(broker_errc::invalid_request));
    CHECK(response.node_id == -1);
    CHECK(response.port == -1);
    request.key.clear();
    request.key_type = 2;
    request.coordinator_keys = {"no share key", "g:AAAAAAAAAAAAAAAAAAAAAA:0"};
    const auto shares = f.ask(request, 6).coordinators;
    CHECK(shares.at(0).error_code == code(broker_errc::invalid_request));
    CHECK(shares.at(1).error_code == 0);
}

TEST_CASE("a coordinator moves, also away from a broker that is gone") {
    CoreFixture f;
    auto& cluster = f.core.cluster();
    const auto where = [&] { return cluster.coordinator(CoordinatorOf::group, "g")->id; };
    const auto other = where() % 3 + 1;
    CHECK(cluster.move_coordinator(CoordinatorOf::group, "g", other));
    CHECK(where() == other);
    CHECK(!cluster.move_coordinator(CoordinatorOf::group, "g", 9));
    CHECK(f.core.kill(other, Ending::reset));
    CHECK(where() != other);
    for (const int id : {1, 2, 3})
        static_cast<void>(f.core.kill(id, Ending::reset));
    CHECK(cluster.coordinator(CoordinatorOf::group, "g") == nullptr);
}

TEST_CASE("a broker that is gone is not told of, and what it led is led by others") {
    CoreFixture f;
    NewTopic wanted{.name = "r", .partitions = 3, .replication_factor = 2};
    std::unique_ptr<Topic> unused;
    REQUIRE(!f.core.cluster().create(wanted, false, unused, nullptr));
    f.send(fetch_request(0, 1), 12, 2);  // waits
    CHECK(f.core.kill(2, Ending::reset));
    CHECK(!f.core.kill(2, Ending::reset));
    const auto gone = f.ask(about_all(), 12);
    CHECK(f.closed(2));
    CHECK(f.resets[2]);
    CHECK(gone.brokers.size() == 2);
    for (const auto& topic : gone.topics) {
        for (const auto& partition : topic.partitions) {
            CHECK(partition.leader_id != 2);
            const bool lost = partition.replica_nodes == std::vector<std::int32_t>{2};
            CHECK((partition.leader_id == -1) == lost);
            CHECK(partition.error_code == (lost ? code(broker_errc::leader_not_available) : 0));
            if (partition.replica_nodes.front() == 2) CHECK(partition.leader_epoch == 1);
            const bool copied =
                std::count(partition.replica_nodes.begin(), partition.replica_nodes.end(), 2) > 0;
            CHECK(partition.offline_replicas.size() == (copied ? 1 : 0));
        }
    }
    CHECK(f.core.restart(2));
    const auto back = f.ask(about_all(), 12);
    CHECK(back.brokers.size() == 3);
    for (const auto& partition : back.topics.at(1).partitions)
        CHECK(partition.leader_id > 0);
    f.core.connected(20, 2);
    CHECK(f.ask(produce_request(make_batch(1), 1), 9, 20)
              .responses[0]
              .partition_responses[0]
              .error_code == 0);
}

TEST_CASE("a broker that is paused does nothing until it goes on") {
    CoreFixture f;
    f.send(fetch_request(0, 1), 12, 2);
    CHECK(f.core.pause(2));
    f.send(MetadataRequest{}, 12, 2);
    CHECK(f.core.busy(2));
    f.pass(10s);
    CHECK(f.core.next_deadline() == never);
    CHECK(!f.answered(2));
    CHECK(f.ask(MetadataRequest{}, 12).brokers.size() == 3);
    CHECK(f.core.resume(2, f.now));
    CHECK(!f.core.resume(2, f.now));
    f.pass(0ms);
    CHECK(f.take<protocol::FetchResponse>(12, 2).responses.size() == 1);
    CHECK(f.take<protocol::MetadataResponse>(12, 2).brokers.size() == 3);
}

TEST_CASE("clients are told another address, or nothing of a broker") {
    CoreFixture f;
    f.core.cluster().node(2)->host = "other.example";
    f.core.cluster().node(2)->port = 7;
    f.core.cluster().node(3)->hidden = true;
    const auto response = f.ask(about_all(), 12);
    REQUIRE(response.brokers.size() == 2);
    CHECK(response.brokers[1].host == "other.example");
    CHECK(response.brokers[1].port == 7);
    for (const auto& partition : response.topics.at(0).partitions)
        CHECK((partition.error_code != 0) == (partition.leader_id == 3));
    f.core.cluster().set_controller(2);
    CHECK(f.ask(about_all(), 12).controller_id == 2);
    f.core.cluster().set_id("another");
    CHECK(f.ask(about_all(), 12).cluster_id == "another");
}

TEST_CASE("a topic is made anew with another id and without its records") {
    CoreFixture f;
    f.ask(produce_request(make_batch(5)), 9);
    const auto before = f.topic().id;
    f.core.cluster().recreate(f.topic());
    CHECK(f.topic().id != before);
    CHECK(f.core.cluster().find(before) == nullptr);
    CHECK(f.topic().partitions.size() == 3);
    CHECK(f.topic().partition(0)->log.end_offset() == 0);
    CHECK(f.core.cluster().add_partitions(f.topic(), 7));
    CHECK(!f.core.cluster().add_partitions(f.topic(), 7));
    CHECK(f.ask(about_all(), 12).topics.at(0).partitions.size() == 7);
}

TEST_CASE("leaders are shuffled to others") {
    CoreFixture f;
    const auto leaders = [&] {
        std::vector<std::int32_t> all;
        for (const auto& partition : f.topic().partitions)
            all.push_back(partition.leader);
        return all;
    };
    for (int i = 0; i < 20; ++i) {
        const auto before = leaders();
        f.core.cluster().shuffle_leaders();
        const auto after = leaders();
        for (std::size_t at = 0; at < before.size(); ++at)
            CHECK(before[at] != after[at]);
    }
    CHECK(f.topic().partition(0)->leader_epoch == 20);
}
