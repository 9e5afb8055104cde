// SPDX-License-Identifier: Apache-2.0
// Dialer against the development broker, over real sockets.
#include <future>
#include <thread>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

#include <kafka/protocol/metadata.hpp>

#include "client/dial_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::MetadataRequest;

namespace {

std::uint16_t port_of(const Broker& broker, std::int32_t id) {
    return broker.ports().at(static_cast<std::size_t>(id - 1));
}
std::string address_of(const Broker& broker, std::int32_t id) {
    return "127.0.0.1:" + std::to_string(port_of(broker, id));
}
const std::string nobody = "127.0.0.1:1";

}  // namespace

TEST_CASE("a Dialer connects to a broker") {
    Broker broker;
    DialLoop l(broker);
    Conn conn(l.io);
    REQUIRE_FALSE(l.get(conn, [&](auto handler) {
        l.dialer.async_dial(address_of(broker, 2), std::move(handler));
    }));
    CHECK(conn.is_open());
    CHECK(conn.peer() == address_of(broker, 2) + " (127.0.0.1)");
}

TEST_CASE("of several addresses the first that answers is dialed") {
    Broker broker;
    DialLoop l(broker);
    Conn conn(l.io);
    REQUIRE_FALSE(l.get(conn, [&](auto handler) {
        l.dialer.async_dial(nobody + ", " + address_of(broker, 3), std::move(handler));
    }));
    CHECK(conn.peer() == address_of(broker, 3) + " (127.0.0.1)");
    CHECK(l.get(conn, [&](auto handler) {
        l.dialer.async_dial(nobody + "," + nobody, {.diagnostics = &l.diagnostics},
                            std::move(handler));
    }) == asio::error::connection_refused);
    CHECK(has(l.diagnostics.peer, nobody));
    CHECK_FALSE(conn.is_open());
    for (const auto* bad : {"", "a,", "a:b", "a:1,,b:2"}) {
        CAPTURE(bad);
        CHECK(l.get(conn, [&](auto handler) { l.dialer.async_dial(bad, std::move(handler)); }) ==
              errc::invalid_argument);
    }
}

TEST_CASE("the leader of each partition is found and dialed") {
    Broker broker({.topics = {{"t", 6}}});
    DialLoop l(broker);
    for (int i = 0; i < 6; ++i) {
        const auto conn = l.leader("t", i);
        const auto id = broker.leader("t", i);
        CHECK(conn.peer() == address_of(broker, id) + " (127.0.0.1)");
        CHECK(conn.topic() == "t");
        CHECK(conn.partition() == i);
        CHECK(conn.broker().id == id);
        CHECK(conn.broker().port == port_of(broker, id));
    }
}

TEST_CASE("a look-up leaves no connection behind, and one that finds the leader there keeps it") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    l.bootstrap = address_of(broker, broker.leader("t", 0));
    const auto conn = l.leader("t");
    CHECK(broker.connection_count() == 1);
    BrokerMetadata leader;
    REQUIRE_FALSE(l.get(leader, [&](auto handler) {
        l.dialer.async_lookup_leader(l.bootstrap, "t", 0, std::move(handler));
    }));
    CHECK(leader.id == broker.leader("t", 0));
    CHECK(leader.port == port_of(broker, leader.id));
    l.run([&] { return broker.connection_count() == 1; });
}

TEST_CASE("partitions are looked up with their brokers") {
    Broker broker({.topics = {{"t", 3, 2}}});
    REQUIRE_FALSE(broker.move_leader("t", 1, -1));
    DialLoop l(broker);
    std::vector<Partition> partitions;
    REQUIRE_FALSE(l.get(partitions, [&](auto handler) {
        l.dialer.async_lookup_partitions(l.bootstrap, "t", std::move(handler));
    }));
    REQUIRE(partitions.size() == 3);
    for (int i = 0; i < 3; ++i) {
        const auto& one = partitions[static_cast<std::size_t>(i)];
        CHECK(one.topic == "t");
        CHECK(one.topic_id == *broker.topic_id("t"));
        CHECK(one.number == i);
        CHECK(one.leader.id == broker.leader("t", i));
        CHECK(one.replicas.size() == 2);
        CHECK(one.replicas[0].port == port_of(broker, one.replicas[0].id));
        CHECK((one.error == broker_errc::leader_not_available) == (i == 1));
    }
    Partition one;
    REQUIRE_FALSE(l.get(one, [&](auto handler) {
        l.dialer.async_lookup_partition(l.bootstrap, "t", 2, std::move(handler));
    }));
    CHECK(one.number == 2);
    auto conn = l.unbound();
    REQUIRE_FALSE(
        l.get(conn, [&](auto handler) { l.dialer.async_dial_partition(one, std::move(handler)); }));
    CHECK(conn.peer() == address_of(broker, broker.leader("t", 2)) + " (127.0.0.1)");
    CHECK(l.get(conn, [&](auto handler) {
        l.dialer.async_dial_partition(partitions[1], {.diagnostics = &l.diagnostics},
                                      std::move(handler));
    }) == broker_errc::leader_not_available);
    CHECK(l.diagnostics.detail == "topic t partition 1 had no leader");
}

TEST_CASE("a partition without a leader is waited for") {
    Broker broker({.topics = {{"t", 1}}});
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    DialLoop l(broker, {.retry_backoff = 10ms, .retry_backoff_max = 20ms});
    std::thread mend([&] {
        CHECK(broker.wait_count<MetadataRequest>(3, 10s));
        CHECK_FALSE(broker.move_leader("t", 0, 2));
    });
    const auto conn = l.leader("t");
    mend.join();
    CHECK(conn.broker().id == 2);
}

TEST_CASE("a partition that gets no leader is given up when the time is over") {
    Broker broker({.topics = {{"t", 1}}});
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    DialLoop l(broker, {.timeout = 200ms, .retry_backoff = 20ms});
    auto conn = l.unbound();
    const auto begin = std::chrono::steady_clock::now();
    CHECK(l.get(conn, [&](auto handler) {
        l.dialer.async_dial_leader(l.bootstrap, "t", 0, {.diagnostics = &l.diagnostics},
                                   std::move(handler));
    }) == broker_errc::leader_not_available);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(has(l.diagnostics.detail, "topic t partition 0 has no leader ("));
    CHECK(has(l.diagnostics.peer, "127.0.0.1:"));
    CHECK(broker.count<MetadataRequest>() > 2);
    CHECK_FALSE(conn.is_open());
}

TEST_CASE("an unknown topic is asked for a few times and not longer; it may be new") {
    Broker broker;
    DialLoop l(broker, {.retry_backoff = 5ms});
    BrokerMetadata leader;
    const auto look_up = [&](std::int32_t partition) {
        return l.get(leader, [&](auto handler) {
            l.dialer.async_lookup_leader(l.bootstrap, "new", partition,
                                         {.diagnostics = &l.diagnostics}, std::move(handler));
        });
    };
    CHECK(look_up(0) == broker_errc::unknown_topic_or_partition);
    CHECK(l.diagnostics.detail == "topic new");
    CHECK(broker.count<MetadataRequest>() == 4);
    CHECK(broker.topics().empty());  // nothing was created by asking
    std::thread create([&] {
        CHECK(broker.wait_count<MetadataRequest>(6, 10s));
        CHECK(broker.create_topic("new"));
    });
    CHECK_FALSE(look_up(0));
    create.join();
    CHECK(look_up(7) == broker_errc::unknown_topic_or_partition);
    CHECK(l.diagnostics.detail == "topic new partition 7 is not there: the topic has 1 partitions");
}

TEST_CASE("topics are created by a look-up only where that is wanted") {
    Broker broker;
    DialLoop l(broker, {.retry_backoff = 5ms, .auto_create_topics = true});
    CHECK(l.leader("wanted").broker().id >= 1);
    CHECK(broker.topics() == std::vector<std::string>{"wanted"});
}

TEST_CASE("a leader that cannot be reached is looked up again") {
    Broker broker({.topics = {{"t", 1}}});
    const auto id = broker.leader("t", 0);
    const auto port = port_of(broker, id);
    REQUIRE_FALSE(broker.advertise(id, "127.0.0.1", 1));
    DialLoop l(broker, {.retry_backoff = 5ms});
    std::thread mend([&] {
        CHECK(broker.wait_count<MetadataRequest>(2, 10s));
        CHECK_FALSE(broker.advertise(id, "127.0.0.1", port));
    });
    CHECK(l.leader("t").is_open());
    mend.join();
    REQUIRE_FALSE(broker.advertise(id, "127.0.0.1", 1));
    auto conn = l.unbound();
    CHECK(l.get(conn, [&](auto handler) {
        l.dialer.async_dial_leader(l.bootstrap, "t", 0,
                                   {.timeout = 1s, .diagnostics = &l.diagnostics},
                                   std::move(handler));
    }) == asio::error::connection_refused);
    CHECK(has(l.diagnostics.detail, "topic t partition 0, broker"));
    CHECK(has(l.diagnostics.detail, "(127.0.0.1:1), its leader"));
}

TEST_CASE("wrong credentials end a dial at once") {
    Broker broker({.topics = {{"t", 1}}, .sasl = BrokerSasl{.users = {{"u", "right"}}}});
    DialerConfig config;
    config.conn.sasl = sasl::make_mechanism(sasl::Plain{.user = "u", .password = Secret("wrong")});
    DialLoop l(broker, config);
    auto conn = l.unbound();
    const auto ec = l.get(conn, [&](auto handler) {
        l.dialer.async_dial_leader(l.bootstrap, "t", 0, {.diagnostics = &l.diagnostics},
                                   std::move(handler));
    });
    CHECK(is_authentication_error(ec));
    CHECK(broker.count<MetadataRequest>() == 0);
    l.dialer.config().conn.sasl =
        sasl::make_mechanism(sasl::Plain{.user = "u", .password = Secret("right")});
    CHECK(l.leader("t").is_open());
}

TEST_CASE("the hooks and addresses of the configuration are used for every connection") {
    Broker broker({.topics = {{"t", 1}}});
    const auto address = address_of(broker, broker.leader("t", 0));
    REQUIRE_FALSE(broker.advertise(broker.leader("t", 0), "somewhere", 7));
    int sockets = 0;
    DialerConfig config;
    config.conn.resolver = [&](const std::string& host, std::uint16_t port, ResolveHandler done) {
        CHECK(host == "somewhere");
        CHECK(port == 7);
        done({}, {address});
    };
    config.conn.socket_hook = [&](int, const std::string&) {
        ++sockets;
        return std::error_code();
    };
    config.conn.local_address = "127.0.0.1";
    config.conn.client_id = "dialer";
    config.timeout = 2s;
    DialLoop l(broker, config);
    l.bootstrap = address;
    const auto conn = l.leader("t");
    CHECK(has(conn.peer(), "somewhere:7 ("));
    CHECK(sockets == 2);
}

TEST_CASE("a dial can be cancelled while it waits for a leader") {
    Broker broker({.topics = {{"t", 1}}});
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    DialLoop l(broker, {.retry_backoff = 10s, .retry_backoff_max = 10s});
    for (const auto type : {asio::cancellation_type::total, asio::cancellation_type::terminal}) {
        asio::cancellation_signal signal;
        std::error_code result = asio::error::in_progress;
        l.dialer.async_dial_leader(
            l.bootstrap, "t", 0,
            asio::bind_cancellation_slot(signal.slot(),
                                         [&](std::error_code ec, PartitionConn) { result = ec; }));
        asio::steady_timer timer(l.io, 50ms);
        timer.async_wait([&](std::error_code) { signal.emit(type); });
        l.run([&] { return result != asio::error::in_progress; });
        CHECK(result == asio::error::operation_aborted);
    }
    l.run([&] { return broker.connection_count() == 0; });
}

TEST_CASE("a dial ends at its deadline wherever it is") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    l.dialer.config().deadline = std::chrono::steady_clock::now() - 1s;
    auto conn = l.unbound();
    CHECK(l.get(conn, [&](auto handler) {
        l.dialer.async_dial_leader(l.bootstrap, "t", 0, std::move(handler));
    }) == errc::request_timed_out);
    broker.add(Rule::on<MetadataRequest>().hang());
    l.dialer.config().deadline = std::chrono::steady_clock::now() + 100ms;
    CHECK(l.get(conn, [&](auto handler) {
        l.dialer.async_dial_leader(l.bootstrap, "t", 0, {.diagnostics = &l.diagnostics},
                                   std::move(handler));
    }) == errc::request_timed_out);
    CHECK(has(l.diagnostics.api, "Metadata"));
}

TEST_CASE("a Dialer may go while it dials, and an event loop with it") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.unbound();
    CHECK_FALSE(l.get(conn, [&](auto handler) {
        Dialer(l.io).async_dial_leader(l.bootstrap, "t", 0, std::move(handler));
    }));
    REQUIRE_FALSE(broker.move_leader("t", 0, -1));
    bool called = false;
    {
        asio::io_context io;
        auto mark = std::make_shared<int>();
        Dialer(io).async_dial_leader(l.bootstrap, "t", 0,
                                     [&, mark](std::error_code, PartitionConn) { called = true; });
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (broker.count<MetadataRequest>() < 2 && std::chrono::steady_clock::now() < end)
            io.run_one_for(10ms);
        io.run_for(20ms);
    }
    CHECK_FALSE(called);
}

TEST_CASE("a Dialer works from several threads, with futures") {
    Broker broker({.topics = {{"t", 4}}});
    asio::thread_pool pool(3);
    const Dialer dialer(pool);
    std::vector<std::future<PartitionConn>> conns;
    for (int i = 0; i < 8; ++i)
        conns.push_back(dialer.async_dial_leader(broker.bootstrap(), "t", i % 4, asio::use_future));
    for (auto& each : conns) {
        auto conn = each.get();
        CHECK(conn.is_open());
        const auto where = conn.async_write("x", asio::use_future).get();
        CHECK(where.base_offset >= 0);
    }
    pool.join();
    CHECK(broker.record_count("t") == 8);
}
