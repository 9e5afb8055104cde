// SPDX-License-Identifier: Apache-2.0
// The blocking Dialer, PartitionConn and Batch against the development broker.
#include <ostream>
#include <thread>

#include <doctest/doctest.h>

#include <kafka/blocking.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/testing/broker.hpp>

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

namespace {

template <class Function>
Error caught(Function function) {
    try {
        function();
    } catch (const Error& e) {
        return e;
    }
    FAIL("nothing was thrown");
    return Error({});
}

}  // namespace

TEST_CASE("a blocking PartitionConn writes, seeks and reads without an event loop") {
    Broker broker({.topics = {{"t", 2}}});
    const blocking::Dialer dialer;
    auto conn = dialer.dial_leader(broker.bootstrap(), "t", 1);
    CHECK(conn.is_open());
    CHECK(conn.tls() == nullptr);
    CHECK(conn.topic() == "t");
    CHECK(conn.partition() == 1);
    CHECK(conn.broker().id == broker.leader("t", 1));
    Message message;
    message.key = "k";
    message.value = "0";
    CHECK(conn.write_messages({message}).base_offset == 0);
    CHECK(conn.write("1", {.compression = Compression::gzip}).base_offset == 1);
    CHECK(conn.offsets() == OffsetRange{0, 2});
    CHECK(conn.first_offset() == 0);
    CHECK(conn.last_offset() == 2);
    CHECK(conn.offset_at(Timestamp{}) == 0);
    CHECK(conn.read_message().key.text() == "k");
    std::uint8_t buffer[4];
    CHECK(conn.read(buffer) == 1);
    CHECK(buffer[0] == '1');
    CHECK(conn.seek(0, Whence::start) == 0);
    CHECK(conn.position() == Position{0, Whence::absolute});
    auto batch = conn.read_batch();
    CHECK(batch.high_watermark() == 2);
    CHECK(batch.read_message()->value.text() == "0");
    CHECK(batch.next()->offset == 1);
    CHECK_FALSE(batch.read_message());
    // It is a Conn besides.
    CHECK(conn.call(protocol::MetadataRequest()).brokers.size() == 3);
    CHECK(conn.brokers().size() == 3);
    CHECK(conn.controller().id >= 1);
    NewTopic topic;
    topic.name = "new";
    topic.partitions = 2;
    conn.create_topics({topic});
    CHECK(conn.partitions({"new"}).size() == 2);
    CHECK(conn.partitions().size() == 4);
    conn.delete_topics({"new"});
    CHECK(broker.topics().size() == 1);
    conn.set_required_acks(RequiredAcks::leader);
    CHECK(conn.required_acks() == RequiredAcks::leader);
    conn.close();
    CHECK(caught([&] { conn.write("x"); }).code() == errc::connection_closed);
}

TEST_CASE("a blocking Dialer looks up and dials in all its ways") {
    Broker broker({.topics = {{"t", 2}}});
    const blocking::Dialer dialer;
    CHECK(dialer.lookup_leader(broker.bootstrap(), "t", 0).id == broker.leader("t", 0));
    CHECK(dialer.lookup_partitions(broker.bootstrap(), "t").size() == 2);
    const auto partition = dialer.lookup_partition(broker.bootstrap(), "t", 1);
    CHECK(dialer.dial_partition(partition).write("x").base_offset == 0);
    auto conn = dialer.dial(broker.bootstrap());
    CHECK(conn.is_open());
    CHECK(conn.brokers().size() == 3);
    // Bound afterwards, to whichever broker it was.
    conn = dialer.dial("127.0.0.1:" + std::to_string(partition.leader.port));
    blocking::PartitionConn bound(std::move(conn), "t", 1, partition.leader);
    CHECK(bound.read_message().value.text() == "x");
}

TEST_CASE("failures of blocking dials and calls are thrown with the whole text") {
    Broker broker({.topics = {{"t", 1}}});
    const blocking::Dialer dialer({.retry_backoff = 1ms});
    Diagnostics diagnostics;
    const auto error = caught([&] {
        (void)dialer.dial_leader(broker.bootstrap(), "nope", 0, {.diagnostics = &diagnostics});
    });
    CHECK(error.code() == broker_errc::unknown_topic_or_partition);
    CHECK(std::string(error.what()).find("topic nope") != std::string::npos);
    CHECK(diagnostics.detail == "topic nope");
    auto conn = dialer.dial_leader(broker.bootstrap(), "t", 0);
    CHECK(caught([&] { conn.seek(5, Whence::absolute); }).code() ==
          broker_errc::offset_out_of_range);
    CHECK(caught([&] { (void)conn.read_message({.timeout = 30ms}); }).code() ==
          errc::request_timed_out);
    conn.set_deadline(std::chrono::steady_clock::now() - 1s);
    CHECK(caught([&] { conn.write("x"); }).code() == errc::request_timed_out);
    conn.set_deadline(std::chrono::steady_clock::time_point::max());
    std::thread closer([&] {
        std::this_thread::sleep_for(20ms);
        conn.close();
    });
    CHECK(caught([&] { (void)conn.read_message(); }).code() == errc::connection_closed);
    closer.join();
}
