// SPDX-License-Identifier: Apache-2.0
// Rules and controls over real sockets.
#include <thread>

#include <kafka/error.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/testing/broker.hpp>

#include "testing/socket_peer.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;

}  // namespace

TEST_CASE("a test can wait for a request at a barrier, and let it go") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Barrier barrier;
    const auto id = broker.add(Rule::on<ProduceRequest>().once().hold(barrier));
    SocketPeer peer(broker.ports()[0]);
    peer.send(produce_request(make_batch(1)), 9);
    REQUIRE(barrier.wait_entered(1, 10s));
    CHECK(broker.high_watermark("t", 0) == 0);
    barrier.release();
    peer.receive<protocol::ProduceResponse>(9);
    CHECK(broker.high_watermark("t", 0) == 1);
    CHECK(broker.wait_hits(id, 1, 10s));
    CHECK(broker.wait_count<ProduceRequest>(1, 10s));
    CHECK(!broker.wait_count<ProduceRequest>(2, 1ms));
}

TEST_CASE("an answer is cut, drips, or is reset over a socket") {
    Broker broker({.brokers = 1});
    const auto port = broker.ports()[0];
    SUBCASE("cut") {
        broker.add(Rule::on<MetadataRequest>().cut(10));
        SocketPeer peer(port);
        peer.send(MetadataRequest{}, 12);
        CHECK(peer.read_to_end() == 10);
        CHECK(peer.error() == asio::error::eof);
    }
    SUBCASE("reset") {
        broker.add(Rule::on<MetadataRequest>().cut(10, Ending::reset));
        SocketPeer peer(port);
        peer.send(MetadataRequest{}, 12);
        peer.read_to_end();
        CHECK(peer.error() == asio::error::connection_reset);
    }
    SUBCASE("half closed") {
        broker.add(Rule::on<MetadataRequest>().half_close(10));
        SocketPeer peer(port);
        peer.send(MetadataRequest{}, 12);
        CHECK(peer.read_to_end() == 10);
        peer.send(MetadataRequest{}, 12);
        CHECK(broker.wait_count<MetadataRequest>(2, 10s));
    }
    SUBCASE("drips") {
        broker.add(Rule::on<MetadataRequest>().drip(20, 1ms));
        CHECK(SocketPeer(port).ask(MetadataRequest{}, 12).brokers.size() == 1);
    }
    SUBCASE("a byte at a time") {
        broker.add(Rule::on<MetadataRequest>().split(1));
        CHECK(SocketPeer(port).ask(MetadataRequest{}, 12).brokers.size() == 1);
    }
    SUBCASE("in the middle of a request") {
        broker.add(Rule::on_connect().cut_requests(6));
        SocketPeer peer(port);
        peer.send_raw({0, 0, 0, 20, 0, 3, 0, 12, 0, 0});
        peer.read_to_end();
        CHECK(peer.error() == asio::error::connection_reset);
    }
    SUBCASE("something else than Kafka") {
        broker.add(Rule::on_connect().raw("SSH-2.0-OpenSSH\r\n").close_after(50ms));
        SocketPeer peer(port);
        CHECK(peer.read_to_end() == 17);
    }
}

TEST_CASE("time is moved for what waits") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    broker.add(Rule::on<MetadataRequest>().delay(1h));
    SocketPeer peer(broker.ports()[0]), other(broker.ports()[0]);
    auto fetch = fetch_request(0);
    fetch.max_wait_ms = 30 * 60 * 1000;
    peer.send(MetadataRequest{}, 12);
    other.send(fetch, 12);
    REQUIRE(broker.wait_count<MetadataRequest>(1, 10s));
    REQUIRE(broker.wait_count<protocol::FetchRequest>(1, 10s));
    broker.advance(31min);
    CHECK(other.receive<protocol::FetchResponse>(12).responses.size() == 1);
    broker.advance(30min);
    CHECK(peer.receive<MetadataResponse>(12).brokers.size() == 1);
}

TEST_CASE("a broker dies, comes back on its port or on another, and is paused") {
    Broker broker({.brokers = 2, .topics = {{"t", 2, 2}}});
    const auto ports = broker.ports();
    SocketPeer peer(ports[1]);
    peer.ask(MetadataRequest{}, 12);
    CHECK(!broker.stop_broker(2));
    peer.read_to_end();
    CHECK(peer.error() == asio::error::connection_reset);
    CHECK_THROWS(SocketPeer(ports[1]));
    CHECK(broker.stop_broker(2).code == broker_errc::broker_not_available);
    CHECK(broker.leader("t", 0) == 1);
    CHECK(broker.leader("t", 1) == 1);
    CHECK(SocketPeer(ports[0]).ask(MetadataRequest{}, 12).brokers.size() == 1);

    SUBCASE("the same port") {
        REQUIRE(!broker.start_broker(2));
        CHECK(SocketPeer(ports[1]).ask(MetadataRequest{}, 12).brokers.size() == 2);
        CHECK(broker.start_broker(2).code == errc::invalid_argument);
    }
    SUBCASE("another port") {
        REQUIRE(!broker.start_broker(2, true));
        CHECK(SocketPeer(broker.ports()[1]).ask(MetadataRequest{}, 12).brokers.at(1).port ==
              broker.ports()[1]);
    }
    SUBCASE("paused") {
        REQUIRE(!broker.pause_broker(1));
        SocketPeer waiting(ports[0]);
        waiting.send(MetadataRequest{}, 12);
        std::this_thread::sleep_for(30ms);
        CHECK(broker.count<MetadataRequest>() == 2);
        REQUIRE(!broker.resume_broker(1));
        CHECK(waiting.receive<MetadataResponse>(12).brokers.size() == 1);
        CHECK(broker.resume_broker(1).code == errc::invalid_argument);
    }
}

TEST_CASE("what clients are told can be changed") {
    Broker broker({.brokers = 3, .topics = {{"t", 1}}});
    CHECK(!broker.advertise(2, "far.example", 1));
    CHECK(!broker.hide_broker(3));
    CHECK(!broker.set_controller(2));
    broker.set_cluster_id("moved");
    CHECK(!broker.move_coordinator(CoordinatorOf::group, "g", 2));
    CHECK(broker.coordinator(CoordinatorOf::group, "g") == 2);
    CHECK(broker.move_coordinator(CoordinatorOf::group, "g", 7).code ==
          broker_errc::broker_not_available);
    CHECK(!broker.limit_versions<MetadataRequest>(0, 9));
    CHECK(broker.limit_versions<MetadataRequest>(100, 101).code == errc::unsupported_version);
    const auto before = broker.topic_id("t");
    CHECK(!broker.recreate_topic("t"));
    CHECK(broker.topic_id("t") != before);
    CHECK(!broker.add_partitions("t", 4));
    CHECK(broker.partition_count("t") == 4);
    CHECK(!broker.move_leader("t", 0, -1));
    CHECK(broker.leader("t", 0) == -1);
    CHECK(broker.leader_epoch("t", 0) == 1);
    SocketPeer peer(broker.ports()[0]);
    const auto response = peer.ask(MetadataRequest{}, 9);
    REQUIRE(response.brokers.size() == 2);
    CHECK(response.brokers[1].host == "far.example");
    CHECK(response.controller_id == 2);
    CHECK(response.cluster_id == "moved");
    broker.drop_connections();
    peer.read_to_end();
    CHECK(peer.error() == asio::error::connection_reset);
}

TEST_CASE("the history over sockets knows how many requests were in flight") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}, .record_history = true});
    SocketPeer peer(broker.ports()[0]);
    broker.add(Rule::on<MetadataRequest>().once().delay_answer(50ms));
    for (int i = 0; i < 5; ++i)
        peer.send(MetadataRequest{}, 12);
    for (int i = 0; i < 5; ++i)
        peer.receive<MetadataResponse>(12);
    const auto calls = broker.history();
    REQUIRE(calls.size() == 5);
    CHECK(calls[0].answered >= calls[0].received);
    CHECK(calls[1].received - calls[0].received >= 50ms);
    CHECK(broker.max_in_flight() >= 1);
    CHECK(broker.expect([](const RecordedCall& call) { return call.number == 5; }, 1s));
    CHECK(!broker.expect([](const RecordedCall& call) { return call.is<ProduceRequest>(); }, 1ms));
    broker.clear_history();
    CHECK(broker.history().empty());
    CHECK(broker.connection_count() == 1);
}

TEST_CASE("the log of a partition can be read") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    SocketPeer peer(broker.ports()[0]);
    peer.ask(produce_request(make_batch(3)), 9);
    protocol::RecordReader reader(broker.batches("t", 0));
    int count = 0;
    while (reader.next())
        ++count;
    CHECK(count == 3);
    CHECK(broker.batches("t", 5).null());
}

TEST_CASE("a rule that cannot work is an exception") {
    Broker broker({.brokers = 1});
    CHECK_THROWS_AS(broker.add(Rule::on<MetadataRequest>().set("nothing", 1)), std::system_error);
}
