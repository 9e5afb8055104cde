// SPDX-License-Identifier: Apache-2.0
// Client with brokers that refuse, hang, lie or go away.
#include <atomic>

#include <asio/dispatch.hpp>
#include <asio/ip/tcp.hpp>

#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/testing/broker.hpp>

#include "client/client_loop.hpp"
#include "client/scripted_server.hpp"
#include "io/cluster_driver.hpp"
#include "io/session.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::ListOffsetsResponse;
using protocol::MetadataResponse;
using Clock = std::chrono::steady_clock;

namespace {

/// A port that nobody listens on.
std::string closed_port() {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
}
MetadataResponse one_broker(std::uint16_t port, std::string cluster = "c") {
    MetadataResponse response;
    response.brokers.push_back({.node_id = 1, .host = "127.0.0.1", .port = port});
    response.cluster_id = std::move(cluster);
    response.controller_id = 1;
    auto& topic = response.topics.emplace_back();
    topic.name = "t";
    topic.topic_id.bytes[0] = 1;
    topic.partitions.push_back(
        {.partition_index = 0, .leader_id = 1, .leader_epoch = 0, .replica_nodes = {1}});
    return response;
}

}  // namespace

TEST_CASE("I10: with nobody there, a call ends at its time-out and names the reason") {
    const auto address = closed_port();
    ClientLoop c(address);
    DescribeClusterResponse response;
    const auto start = Clock::now();
    CHECK(c.call(DescribeClusterRequest{}, response, {.timeout = 700ms}) ==
          errc::request_timed_out);
    const auto took = Clock::now() - start;
    CHECK(took >= 700ms);
    CHECK(took < 1700ms);
    CHECK(c.diagnostics.detail.find("it was not sent") != std::string::npos);
    CHECK(c.diagnostics.detail.find(address) != std::string::npos);
    CHECK(c.diagnostics.detail.find("refused") != std::string::npos);
    CHECK(c.client.stats().brokers.at(0).connect_failures <= 8);
}

TEST_CASE("I10: brokers that never answer do not hold up a call beyond its time-out") {
    ScriptedServer server(hold);
    ClientLoop c(server.address());
    DescribeClusterResponse response;
    const auto start = Clock::now();
    CHECK(c.call(DescribeClusterRequest{}, response, {.timeout = 500ms}) ==
          errc::request_timed_out);
    CHECK(Clock::now() - start < 1500ms);
}

TEST_CASE("N16: a peer that is no broker is named for what it is, at once") {
    ScriptedServer server([](ScriptedPeer& peer) {
        (void)peer.read();
        peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    ClientLoop c(server.address());
    DescribeClusterResponse response;
    const auto start = Clock::now();
    CHECK(c.call(DescribeClusterRequest{}, response) == errc::not_kafka);
    CHECK(Clock::now() - start < 5s);
    CHECK(c.diagnostics.detail.find("HTTP") != std::string::npos);
}

TEST_CASE("I13: a peer that closes every connection is not connected to in a tight loop") {
    ScriptedServer server([](ScriptedPeer& peer) {
        peer.negotiate();
        (void)peer.read();
        peer.shut();
    });
    ClientLoop c(server.address());
    DescribeClusterResponse response;
    CHECK(c.call(DescribeClusterRequest{}, response, {.timeout = 2s}) == errc::request_timed_out);
    CHECK(server.connections() >= 2);
    CHECK(server.connections() <= 12);
}

TEST_CASE("one address of several that serves is enough") {
    Broker broker({.topics = {{"t", 3}}});
    for (int i = 0; i < 5; ++i) {
        ClientLoop c(closed_port() + "," + closed_port() + "," + broker.bootstrap());
        ListOffsetsResponse response;
        CHECK_FALSE(c.call(latest("t", 3), response, {.timeout = 5s}));
        CHECK(answered(response) == 3);
    }
}

TEST_CASE("KIP-1242: connections to known brokers name the cluster and the node they are for") {
    std::atomic<std::uint16_t> port{0};
    std::mutex mutex;
    std::vector<protocol::ApiVersionsRequest> openings;
    ScriptedServer server([&](ScriptedPeer& peer) {
        auto seen = peer.read();
        if (seen.end) return;
        protocol::ApiVersionsRequest request;
        CHECK_FALSE(protocol::decode(request, seen.header.request_api_version, seen.body));
        {
            const std::lock_guard lock(mutex);
            openings.push_back(request);
        }
        peer.answer(seen, ScriptedPeer::offer());
        for (seen = peer.read(); !seen.end; seen = peer.read()) {
            if (seen.header.request_api_key == 3) {
                protocol::MetadataRequest asked;
                (void)protocol::decode(asked, seen.header.request_api_version, seen.body);
                auto response = one_broker(port);
                if (asked.topics->empty()) response.topics.clear();
                peer.answer(seen, response);
            } else {
                protocol::ProduceResponse response;
                auto& topic = response.responses.emplace_back();
                topic.topic_id.bytes[0] = 1;
                topic.partition_responses.push_back({.index = 0, .base_offset = 5});
                peer.answer(seen, response);
            }
        }
    });
    port = server.port();
    ClientLoop c(server.address());
    protocol::ProduceRequest produce;
    produce.acks = 1;
    produce.topic_data.push_back(
        {.name = "t", .partition_data = {{.index = 0, .records = Slice::copy_of(as_bytes("x"))}}});
    protocol::ProduceResponse response;
    REQUIRE_FALSE(c.call(produce, response));
    CHECK(response.responses.at(0).name == "t");
    CHECK(response.responses[0].partition_responses.at(0).base_offset == 5);
    // The bootstrap connection became broker 1's; Produce has one of its own.
    const std::lock_guard lock(mutex);
    REQUIRE(openings.size() == 2);
    CHECK_FALSE(openings[0].cluster_id);
    CHECK(openings[1].cluster_id == "c");
    CHECK(openings[1].node_id == 1);
}

TEST_CASE("a write whose connection is lost after it was sent fails, and is sent once") {
    std::atomic<std::uint16_t> port{0};
    std::atomic<int> writes{0};
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate();
        for (auto seen = peer.read(); !seen.end; seen = peer.read()) {
            if (seen.header.request_api_key != 3) {
                ++writes;
                return peer.reset();
            }
            auto response = one_broker(port);
            protocol::MetadataRequest asked;
            (void)protocol::decode(asked, seen.header.request_api_version, seen.body);
            if (asked.topics->empty()) response.topics.clear();
            peer.answer(seen, response);
        }
    });
    port = server.port();
    ClientLoop c(server.address());
    protocol::ProduceRequest produce;
    produce.acks = 1;
    produce.topic_data.push_back(
        {.name = "t", .partition_data = {{.index = 0, .records = Slice::copy_of(as_bytes("x"))}}});
    protocol::ProduceResponse response;
    CHECK(c.call(produce, response) == errc::connection_lost);
    CHECK(writes == 1);
}

TEST_CASE("a broker that goes away and comes back elsewhere is found again (KIP-899)") {
    auto first = std::make_unique<Broker>(BrokerOptions{.brokers = 1, .topics = {{"t", 1}}});
    const auto port = first->ports()[0];
    ClientLoop c(first->bootstrap());
    ListOffsetsResponse response;
    REQUIRE_FALSE(c.call(latest("t", 1), response));
    first.reset();
    std::error_code result = asio::error::in_progress;
    c.client.async_call(latest("t", 1), {.timeout = 15s},
                        [&](std::error_code ec, ListOffsetsResponse r) {
                            result = ec;
                            response = std::move(r);
                        });
    const auto until = Clock::now() + 700ms;
    c.run([&] { return Clock::now() > until; });
    CHECK(result == asio::error::in_progress);
    Broker second(BrokerOptions{.brokers = 1, .ports = {port}, .topics = {{"t", 1}}});
    c.run([&] { return result != asio::error::in_progress; });
    CHECK_FALSE(result);
    CHECK(answered(response) == 1);
    CHECK(c.client.stats().rebootstraps >= 1);
}

TEST_CASE("partitions of a broker that is gone carry a code, those of the others their offsets") {
    // Broker 2 is a port that nobody listens on; broker 1 leads nothing but answers for both.
    const auto nobody = closed_port();
    const auto dead = static_cast<std::uint16_t>(std::stoi(nobody.substr(nobody.find(':') + 1)));
    std::atomic<std::uint16_t> port{0};
    ScriptedServer server([&](ScriptedPeer& peer) {
        peer.negotiate();
        for (auto seen = peer.read(); !seen.end; seen = peer.read()) {
            if (seen.header.request_api_key == 3) {
                auto response = one_broker(port);
                response.brokers.push_back({.node_id = 2, .host = "127.0.0.1", .port = dead});
                response.topics[0].partitions.push_back(
                    {.partition_index = 1, .leader_id = 2, .leader_epoch = 0});
                protocol::MetadataRequest asked;
                (void)protocol::decode(asked, seen.header.request_api_version, seen.body);
                if (asked.topics->empty()) response.topics.clear();
                peer.answer(seen, response);
            } else {
                protocol::ProduceResponse response;
                auto& topic = response.responses.emplace_back();
                topic.topic_id.bytes[0] = 1;
                topic.partition_responses.push_back({.index = 0, .base_offset = 5});
                peer.answer(seen, response);
            }
        }
    });
    port = server.port();
    ClientLoop c(server.address());
    protocol::ProduceRequest produce;
    produce.acks = 1;
    produce.topic_data.push_back(
        {.name = "t",
         .partition_data = {{.index = 0, .records = Slice::copy_of(as_bytes("x"))},
                            {.index = 1, .records = Slice::copy_of(as_bytes("x"))}}});
    protocol::ProduceResponse response;
    std::vector<BrokerFailure> failures;
    REQUIRE_FALSE(c.call(produce, response, {.timeout = 1s, .failures = &failures}));
    std::map<std::int32_t, std::int16_t> codes;
    for (const auto& topic : response.responses)
        for (const auto& partition : topic.partition_responses)
            codes[partition.index] = partition.error_code;
    CHECK(codes == std::map<std::int32_t, std::int16_t>{{0, 0}, {1, 7}});
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].failure.detail.find(nobody) != std::string::npos);
    CHECK(failures[0].failure.detail.find("refused") != std::string::npos);
}

TEST_CASE("destroying a Client with calls under way is told in the log") {
    ScriptedServer server([](ScriptedPeer& peer) { peer.skip(100'000); });  // never answers
    asio::io_context io;
    std::string logged;
    auto config = config_for(server.address());
    config.conn.log = [&](const LogRecord& record) { logged += to_string(record) + '\n'; };
    {
        Client client(io, config);
        client.async_call(latest("t", 1), [](std::error_code, ListOffsetsResponse) {});
        io.poll();
    }
    io.run();
    CHECK(logged.find("destroyed with calls under way") != std::string::npos);
}

// What Writer and Reader will stand on.
TEST_CASE("a lease gives an open connection for a purpose, which stays while it is held") {
    Broker broker({.topics = {{"t", 3}}});
    auto config = config_for(broker.bootstrap());
    config.max_idle = 150ms;
    ClientLoop c(std::move(config));
    const auto& cluster = c.client.cluster();
    io::Cluster::Lease lease;
    Failure failed;
    bool called = false;
    int changes = 0;
    asio::dispatch(cluster->strand(), [&] {
        cluster->subscribe([&](const io::Cluster::Topics& changed) {
            for (const auto& topic : changed)
                changes += topic->name == "t" ? 1 : 0;
        });
        cluster->hold_topic("t");
        cluster->lease({2, ConnPurpose::fetch, 0}, Clock::now() + 5s,
                       [&](Failure failure, io::Cluster::Lease given) {
                           failed = std::move(failure);
                           lease = std::move(given);
                           called = true;
                       });
    });
    CHECK_FALSE(called);
    c.run([&] { return called && cluster->topic("t"); });
    CHECK_FALSE(failed);
    REQUIRE(lease);
    CHECK(lease->open());
    CHECK(changes == 1);
    CHECK(cluster->topic("t")->partitions.size() == 3);
    CHECK(cluster->broker(2)->port == broker.ports()[1]);
    const auto session = lease.session();
    const auto later = Clock::now() + 500ms;
    c.run([&] { return Clock::now() > later; });
    CHECK(session->open());
    lease.release();
    const auto end = Clock::now() + 500ms;
    c.run([&] { return Clock::now() > end; });
    CHECK_FALSE(session->open());
}
