// SPDX-License-Identifier: Apache-2.0
// Client against the development broker, over real sockets.
#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <thread>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <kafka/blocking.hpp>
#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/describe_log_dirs.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/list_groups.hpp>
#include <kafka/testing/broker.hpp>

#include "client/client_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::ListOffsetsResponse;

namespace {

std::size_t entries(const char* folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder))
        ++count;
    return count;
}

}  // namespace

TEST_CASE("a Client finds the cluster and what is in it") {
    Broker broker({.topics = {{"t", 6}}});
    ClientLoop c(broker.bootstrap());
    CHECK(c.client.metadata()->version == 0);
    CHECK(c.client.bootstrap() == broker.bootstrap());
    Client::Metadata known;
    REQUIRE_FALSE(c.metadata({"t", "nope"}, known));
    CHECK(known->brokers.size() == 3);
    CHECK(*known->cluster_id == broker.cluster_id());
    REQUIRE(known->topic("t"));
    CHECK(known->topic("t")->partitions.size() == 6);
    CHECK(known->topic("t")->id == *broker.topic_id("t"));
    for (int i = 0; i < 6; ++i)
        CHECK(known->partition("t", i)->leader == broker.leader("t", i));
    CHECK(known->topic("nope")->error == 3);
    CHECK(broker.topics().size() == 1);  // nothing was created by asking
    CHECK(c.client.metadata() == known);
}

TEST_CASE("a request for partitions of three brokers goes to all three and comes back as one") {
    Broker broker({.topics = {{"t", 12}}});
    ClientLoop c(broker.bootstrap());
    ListOffsetsResponse response;
    REQUIRE_FALSE(c.call(latest("t", 12), response));
    REQUIRE(response.topics.size() == 1);
    CHECK(answered(response) == 12);
    std::map<std::int32_t, std::uint64_t> requests;
    const auto stats = c.client.stats();
    for (const auto& row : stats.brokers)
        for (const auto& api : row.apis)
            if (api.api_key == 2) requests[row.broker_id] += api.requests;
    CHECK(requests == std::map<std::int32_t, std::uint64_t>{{1, 1}, {2, 1}, {3, 1}});
    CHECK(stats.calls == 1);
    CHECK(stats.succeeded == 1);
    // One connection a broker: the bootstrap's became one of them.
    CHECK(stats.connections == 3);
}

TEST_CASE("after leaders moved, requests find the new ones within their time-out") {
    Broker broker({.topics = {{"t", 6}}});
    ClientLoop c(broker.bootstrap());
    ListOffsetsResponse response;
    REQUIRE_FALSE(c.call(latest("t", 6), response));
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 6; ++i)
            REQUIRE_FALSE(broker.move_leader("t", i, broker.leader("t", i) % 3 + 1));
        REQUIRE_FALSE(c.call(latest("t", 6), response, {.timeout = 5s}));
        CHECK(answered(response) == 6);
    }
    CHECK(c.client.stats().retries > 0);
    for (int i = 0; i < 6; ++i)
        CHECK(c.client.metadata()->partition("t", i)->leader == broker.leader("t", i));
}

TEST_CASE("a topic that was deleted and created again is found under its new id") {
    Broker broker({.topics = {{"t", 2}}});
    ClientLoop c(broker.bootstrap());
    protocol::FetchRequest fetch;
    fetch.max_wait_ms = 0;
    fetch.topics.push_back({.topic = "t",
                            .partitions = {{.partition = 0, .partition_max_bytes = 1000},
                                           {.partition = 1, .partition_max_bytes = 1000}}});
    protocol::FetchResponse response;
    REQUIRE_FALSE(c.call(fetch, response));
    const auto old = response.responses.at(0).topic_id;
    REQUIRE_FALSE(broker.delete_topic("t"));
    REQUIRE(broker.create_topic("t", 2));
    REQUIRE_FALSE(c.call(fetch, response, {.timeout = 5s}));
    REQUIRE(response.responses.size() == 1);
    CHECK(response.responses[0].topic == "t");
    CHECK(response.responses[0].topic_id != old);
    CHECK(response.responses[0].topic_id == *broker.topic_id("t"));
    for (const auto& partition : response.responses[0].partitions)
        CHECK(partition.error_code == 0);
}

TEST_CASE("a topic that is not there has its code in its own place") {
    Broker broker({.topics = {{"t", 1}}});
    ClientLoop c(broker.bootstrap());
    auto request = latest("t", 1);
    request.topics.push_back(latest("nope", 1).topics[0]);
    ListOffsetsResponse response;
    REQUIRE_FALSE(c.call(request, response));
    CHECK(answered(response) == 1);
    REQUIRE(response.topics.size() == 2);
    for (const auto& topic : response.topics)
        CHECK(topic.partitions.at(0).error_code == (topic.name == "t" ? 0 : 3));
}

TEST_CASE("administration goes to the controller") {
    Broker broker;
    ClientLoop c(broker.bootstrap());
    CreateTopicsRequest create;
    create.timeout_ms = 5000;
    create.topics.push_back({.name = "new", .num_partitions = 2, .replication_factor = 1});
    CreateTopicsResponse response;
    REQUIRE_FALSE(c.call(create, response));
    CHECK(response.topics.at(0).error_code == 0);
    CHECK(broker.partition_count("new") == 2);
}

TEST_CASE("an API that the brokers lack fails with a sentence, and harms nothing") {
    Broker broker;
    ClientLoop c(broker.bootstrap());
    protocol::ListGroupsResponse groups;
    CHECK(c.call(protocol::ListGroupsRequest{}, groups) == errc::unsupported_api);
    CHECK(c.diagnostics.detail == "the broker does not offer ListGroups");
    CHECK(c.diagnostics.api == "ListGroups");
    CHECK(c.diagnostics.peer.find("127.0.0.1") != std::string::npos);
    DescribeClusterResponse response;
    CHECK_FALSE(c.call(DescribeClusterRequest{}, response));
}

TEST_CASE("a broker can be named, and one that is not there is not waited for") {
    Broker broker;
    ClientLoop c(broker.bootstrap());
    DescribeClusterResponse response;
    for (const auto id : broker.broker_ids())
        CHECK_FALSE(c.call(DescribeClusterRequest{}, response, {.broker_id = id}));
    CHECK(c.call(DescribeClusterRequest{}, response, {.broker_id = 77}) ==
          broker_errc::broker_not_available);
    protocol::DescribeLogDirsResponse dirs;
    CHECK(c.call(protocol::DescribeLogDirsRequest{}, dirs) == errc::invalid_argument);
}

TEST_CASE("hooks hear of connections, requests, answers and metadata, and may throw") {
    Broker broker({.topics = {{"t", 3}}});
    auto config = config_for(broker.bootstrap());
    std::map<std::string, int> heard;
    std::uint64_t bytes = 0;
    config.hooks.connect = [&](const ConnectEvent& event) {
        ++heard["connect"];
        CHECK(event.failure == nullptr);
        CHECK(event.conn.host == "127.0.0.1");
        throw std::runtime_error("connect");
    };
    config.hooks.disconnect = [&](const DisconnectEvent& event) {
        ++heard["disconnect"];
        CHECK(event.cause->code == errc::connection_closed);
        throw 1;
    };
    config.hooks.request = [&](const RequestEvent& event) {
        ++heard["request"];
        bytes += event.bytes;
    };
    config.hooks.response = [&](const ResponseEvent& event) {
        ++heard["response"];
        CHECK(event.took.count() > 0);
        throw std::runtime_error("response");
    };
    config.hooks.metadata = [&](const MetadataEvent& event) {
        ++heard["metadata"];
        CHECK(event.after->version > event.before->version);
    };
    ClientLoop c(std::move(config));
    ListOffsetsResponse response;
    REQUIRE_FALSE(c.call(latest("t", 3), response));
    CHECK(answered(response) == 3);
    c.close();
    CHECK(heard["connect"] == 3);
    CHECK(heard["disconnect"] == 3);
    // ApiVersions, Metadata, ListOffsets.
    CHECK(heard["request"] >= 3 + 1 + 3);
    CHECK(heard["response"] == heard["request"]);
    CHECK(heard["metadata"] >= 1);
    const auto stats = c.client.stats();
    CHECK(stats.failed_hooks ==
          static_cast<std::uint64_t>(heard["connect"] + heard["disconnect"] + heard["response"]));
    std::uint64_t counted = 0;
    for (const auto& row : stats.brokers)
        for (const auto& api : row.apis)
            counted += api.bytes_out;
    CHECK(counted == bytes);
}

TEST_CASE("counters can be read on another thread while the client works") {
    Broker broker({.topics = {{"t", 3}}});
    ClientLoop c(broker.bootstrap());
    std::atomic<bool> stop{false};
    std::uint64_t last = 0;
    std::thread reader([&] {
        while (!stop) {
            const auto now = c.client.stats().succeeded;
            CHECK(now >= last);
            last = now;
            (void)c.client.metadata()->brokers.size();
        }
    });
    ListOffsetsResponse response;
    for (int i = 0; i < 100; ++i)
        REQUIRE_FALSE(c.call(latest("t", 3), response));
    stop = true;
    reader.join();
    CHECK(c.client.stats().succeeded == 100);
}

TEST_CASE("I14: after close, descriptors and threads are what they were before") {
    Broker broker({.topics = {{"t", 12}}});
    ClientLoop warm(broker.bootstrap());  // whatever the first client of a process starts
    ListOffsetsResponse response;
    REQUIRE_FALSE(warm.call(latest("t", 12), response));
    warm.close();
    asio::io_context io;
    // The broker's side closes when it hears of it.
    const auto settle = [](std::size_t wanted) {
        for (int i = 0; i < 250 && entries("/proc/self/fd") > wanted; ++i)
            std::this_thread::sleep_for(20ms);
        return entries("/proc/self/fd");
    };
    std::size_t files = 0, threads = 0;
    for (int round = 0; round < 6; ++round) {
        std::promise<std::error_code> over;
        Client client(io, config_for(broker.bootstrap()));
        client.async_call(latest("t", 12), [&](std::error_code ec, ListOffsetsResponse) {
            client.async_close([&, ec](std::error_code) { over.set_value(ec); });
        });
        io.restart();
        io.run();  // ends by itself: nothing is left over
        CHECK_FALSE(over.get_future().get());
        if (round > 0) continue;
        // The loop itself has what it keeps.
        std::this_thread::sleep_for(300ms);
        files = entries("/proc/self/fd");
        threads = entries("/proc/self/task");
    }
    CHECK(settle(files) <= files);
    CHECK(entries("/proc/self/task") == threads);
}

TEST_CASE("H05: calls may be under way when the client or its loop is destroyed") {
    Broker broker({.topics = {{"t", 3}}});
    SUBCASE("the client first") {
        std::error_code result;
        asio::io_context io;
        {
            Client client(io, config_for(broker.bootstrap()));
            client.async_call(latest("t", 3),
                              [&](std::error_code ec, ListOffsetsResponse) { result = ec; });
        }
        io.run();
        CHECK(result == errc::connection_closed);
    }
    SUBCASE("the loop, at every step") {
        for (int steps = 0; steps < 60; ++steps) {
            auto io = std::make_unique<asio::io_context>();
            auto client = std::make_shared<Client>(*io, config_for(broker.bootstrap()));
            // A handler that owns the client that holds it.
            client->async_call(latest("t", 3), [client](std::error_code, ListOffsetsResponse) {});
            client.reset();
            for (int i = 0; i < steps; ++i)
                io->run_one_for(20ms);
            io.reset();
        }
    }
    SUBCASE("the client, at every step") {
        for (int steps = 0; steps < 60; ++steps) {
            asio::io_context io;
            int ended = 0;
            auto client = std::make_unique<Client>(io, config_for(broker.bootstrap()));
            client->async_call(latest("t", 3),
                               [&](std::error_code, ListOffsetsResponse) { ++ended; });
            for (int i = 0; i < steps; ++i)
                io.run_one_for(20ms);
            client.reset();
            io.restart();
            io.run();
            CHECK(ended == 1);
        }
    }
}

TEST_CASE("a call can be cancelled at every step, and completes once") {
    Broker broker({.topics = {{"t", 3}}});
    int aborted = 0;
    for (int steps = 0; steps < 40; ++steps) {
        asio::io_context io;
        Client client(io, config_for(broker.bootstrap()));
        asio::cancellation_signal signal;
        int ended = 0;
        std::error_code result;
        client.async_call(latest("t", 3),
                          asio::bind_cancellation_slot(
                              signal.slot(), [&](std::error_code ec, ListOffsetsResponse) {
                                  ++ended;
                                  result = ec;
                                  client.close();
                              }));
        for (int i = 0; i < steps && ended == 0; ++i)
            io.run_one_for(20ms);
        signal.emit(asio::cancellation_type::terminal);
        io.run();
        CHECK(ended == 1);
        if (result) CHECK(result == asio::error::operation_aborted);
        aborted += result ? 1 : 0;
    }
    CHECK(aborted > 0);
}

TEST_CASE("a client on a pool of threads takes calls from many of them") {
    Broker broker({.topics = {{"t", 12}}});
    asio::thread_pool pool(4);
    std::atomic<int> good{0};
    {
        Client client(pool.get_executor(), config_for(broker.bootstrap()));
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i) {
                    auto response = client.async_call(latest("t", 12), asio::use_future).get();
                    if (answered(response) == 12) ++good;
                }
            });
        for (auto& thread : threads)
            thread.join();
        client.async_close(asio::use_future).get();
    }
    pool.join();
    CHECK(good == 200);
}

TEST_CASE("several clients, each on a loop and a thread of its own, work side by side") {
    Broker broker({.topics = {{"t", 6}}});
    std::atomic<int> good{0};
    std::vector<std::thread> shards;
    for (int shard = 0; shard < 3; ++shard)
        shards.emplace_back([&] {
            asio::io_context io(1);
            Client client(io, config_for(broker.bootstrap()));
            int left = 30;
            std::function<void()> next = [&] {
                if (left-- == 0) return client.close();
                client.async_call(latest("t", 6), [&](std::error_code ec, ListOffsetsResponse r) {
                    if (!ec && answered(r) == 6) ++good;
                    next();
                });
            };
            next();
            io.run();
        });
    for (auto& shard : shards)
        shard.join();
    CHECK(good == 90);
}

TEST_CASE("bootstrap names can be turned into the names of their hosts") {
    Broker broker({.topics = {{"t", 3}}});
    auto config = config_for("localhost:" + std::to_string(broker.ports()[0]));
    std::vector<std::string> seeds;
    config.hooks.connect = [&](const ConnectEvent& event) {
        if (event.conn.broker_id < 0) seeds.emplace_back(event.conn.host);
    };
    for (const auto lookup :
         {DnsLookup::use_all_dns_ips, DnsLookup::resolve_canonical_bootstrap_servers_only}) {
        config.dns_lookup = lookup;
        ClientLoop c(config);
        ListOffsetsResponse response;
        CHECK_FALSE(c.call(latest("t", 3), response));
    }
    CHECK(seeds.size() >= 2);
    CHECK(seeds[0] == "localhost");
}

TEST_CASE("a bootstrap that is no list of addresses fails every call, and says why") {
    for (const auto* bootstrap : {"", " , ", "http://x:1", "a:b"}) {
        ClientLoop c{std::string(bootstrap)};
        DescribeClusterResponse response;
        CHECK(c.call(DescribeClusterRequest{}, response) == errc::invalid_argument);
        CHECK_FALSE(c.diagnostics.detail.empty());
    }
}

TEST_CASE("a blocking Client calls without an event loop") {
    Broker broker({.topics = {{"t", 6}}});
    blocking::Client client(config_for(broker.bootstrap()));
    CHECK(answered(client.call(latest("t", 6))) == 6);
    CHECK(client.fetch_metadata({"t"})->topic("t")->partitions.size() == 6);
    CHECK(client.metadata()->brokers.size() == 3);
    CHECK(client.stats().calls == 2);
    try {
        (void)client.call(DescribeClusterRequest{}, {.broker_id = 99});
        FAIL("nothing was thrown");
    } catch (const Error& e) {
        CHECK(e.code() == broker_errc::broker_not_available);
        CHECK(std::string(e.what()).find("broker 99") != std::string::npos);
    }
    client.close();
    try {
        (void)client.call(DescribeClusterRequest{});
        FAIL("nothing was thrown");
    } catch (const Error& e) {
        CHECK(e.code() == errc::connection_closed);
    }
}
