// SPDX-License-Identifier: Apache-2.0
// The brokers over real sockets, spoken to by a client without any of the library's own I/O.
#include <chrono>
#include <system_error>
#include <thread>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>
#include <kafka/testing/broker.hpp>

#include "testing/socket_peer.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

using Peer = SocketPeer;

template <class Predicate>
bool eventually(Predicate predicate) {
    for (int i = 0; i < 1000; ++i) {
        if (predicate()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

}  // namespace

TEST_CASE("a broker starts on free ports and tells clients where all of them are") {
    Broker broker({.topics = {{"t", 3}}});
    const auto ports = broker.ports();
    REQUIRE(ports.size() == 3);
    CHECK(broker.bootstrap().find(":" + std::to_string(ports[2])) != std::string::npos);
    for (const auto port : ports) {
        const auto response = Peer(port).ask(protocol::MetadataRequest{}, 12);
        REQUIRE(response.brokers.size() == 3);
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(response.brokers[i].port == ports[i]);
        CHECK(response.cluster_id == broker.cluster_id());
    }
}

TEST_CASE("what is produced over a socket can be fetched over another") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Peer producer(broker.ports()[0]), consumer(broker.ports()[0]);
    consumer.send(fetch_request(0), 12);  // waits for what comes
    const auto batch = make_batch(1000);
    CHECK(producer.ask(produce_request(batch), 12)
              .responses.at(0)
              .partition_responses.at(0)
              .error_code == 0);
    const auto fetched = consumer.receive<protocol::FetchResponse>(12);
    CHECK(fetched.responses.at(0).partitions.at(0).records.size() == batch.size());
    CHECK(broker.high_watermark("t", 0) == 1000);
    CHECK(broker.record_count("t") == 1000);
}

TEST_CASE("requests that are sent in one go are answered in order") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Peer peer(broker.ports()[0]);
    auto wait = fetch_request(0);
    wait.max_wait_ms = 30;
    peer.send(wait, 12);
    for (int i = 0; i < 50; ++i)
        peer.send(protocol::MetadataRequest{}, 12);
    CHECK(peer.receive<protocol::FetchResponse>(12).responses.size() == 1);
    for (int i = 0; i < 50; ++i)
        peer.receive<protocol::MetadataResponse>(12);
}

TEST_CASE("a hostile client loses its connection and nobody else does") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Peer good(broker.ports()[0]);
    const std::vector<std::vector<std::uint8_t>> attacks = {
        {0xff, 0xff, 0xff, 0xff},       {0x7f, 0xff, 0xff, 0xff},
        {'G', 'E', 'T', ' ', '/', ' '}, {0, 0, 0, 0},
        {0, 0, 0, 3, 1, 2, 3},          {0x16, 0x03, 0x01, 0x02, 0x00, 0x01},
    };
    for (const auto& attack : attacks) {
        // A length that is possible waits for its bytes: these lengths are not.
        Peer bad(broker.ports()[0]);
        bad.send_raw(attack);
        if (attack[0] == 0x16) continue;  // 369 MB are above the limit as well
        CHECK(bad.at_end());
    }
    CHECK(good.ask(protocol::MetadataRequest{}, 12).brokers.size() == 1);
}

TEST_CASE("the controls of a broker do what they say") {
    Broker broker({.brokers = 2});
    REQUIRE(broker.create_topic("a", 2));
    CHECK(broker.create_topic("a").failure().code == broker_errc::topic_already_exists);
    CHECK(broker.partition_count("a") == 2);
    CHECK(broker.topic_id("a").has_value());
    const auto other = broker.leader("a", 0) == 1 ? 2 : 1;
    CHECK(!broker.move_leader("a", 0, other));
    CHECK(broker.leader("a", 0) == other);
    CHECK(broker.move_leader("a", 0, 9).code == broker_errc::broker_not_available);
    CHECK(!broker.delete_topic("a"));
    CHECK(broker.delete_topic("a").code == broker_errc::unknown_topic_or_partition);
    CHECK(broker.high_watermark("a", 0) == -1);
}

TEST_CASE("a broker times transactions out and tells of them and of what groups committed") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Peer peer(broker.ports()[0]);
    CHECK(!broker.transaction_state("tx"));
    protocol::InitProducerIdRequest init;
    init.transactional_id = "tx";
    init.transaction_timeout_ms = 60'000;
    const auto identity = peer.ask(init, 5);
    REQUIRE(identity.error_code == 0);
    CHECK(broker.transaction_state("tx") == "Empty");

    protocol::TxnOffsetCommitRequest commit;
    commit.transactional_id = "tx";
    commit.group_id = "g";
    commit.producer_id = identity.producer_id;
    commit.producer_epoch = identity.producer_epoch;
    auto& topic = commit.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().committed_offset = 5;
    const auto answer = peer.ask(commit, 5);
    CHECK(answer.topics.at(0).partitions.at(0).error_code == 0);
    CHECK(broker.transaction_state("tx") == "Ongoing");
    CHECK(broker.committed_offset("g", "t", 0) == -1);
    CHECK(broker.last_stable_offset("t", 0) == 0);
    CHECK(broker.last_stable_offset("t", 1) == -1);

    broker.advance(60s);
    CHECK(eventually([&] { return broker.transaction_state("tx") == "CompleteAbort"; }));
    CHECK(broker.committed_offset("g", "t", 0) == -1);
}

TEST_CASE("there are no transactions of version 3") {
    BrokerOptions options;
    options.transaction_version = 3;
    CHECK_THROWS_AS(Broker{options}, std::system_error);
}

TEST_CASE("stopping closes connections and can be done twice") {
    Broker broker({.brokers = 1, .topics = {{"t", 1}}});
    Peer peer(broker.ports()[0]);
    peer.ask(protocol::MetadataRequest{}, 12);
    broker.stop();
    CHECK(peer.at_end());
    broker.stop();
    CHECK(broker.topics() == std::vector<std::string>{"t"});
}

TEST_CASE("a broker runs on the executor of the application") {
    asio::io_context context;
    std::optional<Broker> broker;
    broker.emplace(context.get_executor(), BrokerOptions{.brokers = 1, .topics = {{"t", 1}}});
    std::thread thread([&] { context.run(); });
    {
        Peer peer(broker->ports()[0]);
        CHECK(peer.ask(protocol::MetadataRequest{}, 12).brokers.size() == 1);
    }
    broker.reset();
    thread.join();  // nothing is left to run
}

TEST_CASE("a port that is taken is an exception of the constructor") {
    Broker first({.brokers = 1});
    CHECK_THROWS_AS(Broker({.brokers = 1, .ports = first.ports()}), std::system_error);
    CHECK_THROWS_AS(Broker({.brokers = 0}), std::system_error);
}
