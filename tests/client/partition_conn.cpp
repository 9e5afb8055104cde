// SPDX-License-Identifier: Apache-2.0
// PartitionConn against the development broker, over real sockets.
#include <string>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>

#include <kafka/codec.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>

#include "client/dial_loop.hpp"

using namespace kafka;
using namespace kafka::testing;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::MetadataRequest;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using Values = std::vector<std::string>;

namespace {

Timestamp at(std::int64_t ms) {
    return Timestamp(std::chrono::milliseconds(ms));
}

/// Begins an operation whose result the test looks at later.
struct Pending {
    std::error_code result = asio::error::in_progress;
    [[nodiscard]] bool over() const { return result != asio::error::in_progress; }
};

}  // namespace

TEST_CASE("what is written is read with everything that it had") {
    Broker broker({.topics = {{"t", 2}}});
    DialLoop l(broker);
    auto conn = l.leader("t", 1);
    std::vector<Message> messages(3);
    messages[0].key = "k";
    messages[0].value = "v";
    messages[0].headers = {{"a", "1"}, {"a", nullptr}, {"b", ""}};
    messages[0].timestamp = at(1'700'000'000'123);
    messages[1].topic = "t";
    messages[1].partition = 1;
    messages[1].value = "";
    messages[1].timestamp = at(1'700'000'000'456);
    WriteResult written;
    REQUIRE_FALSE(l.write(conn, messages, written));
    CHECK(written.partition == 1);
    CHECK(written.base_offset == 0);
    CHECK(written.log_start_offset == 0);
    CHECK_FALSE(written.append_time);
    CHECK(written.bytes == broker.batches("t", 1).size());

    Message one;
    REQUIRE_FALSE(l.message(conn, one));
    CHECK(one.topic == "t");
    CHECK(one.partition == 1);
    CHECK(one.offset == 0);
    CHECK(one.high_watermark == 3);
    CHECK(one.leader_epoch == broker.leader_epoch("t", 1));
    CHECK(one.key.text() == "k");
    CHECK(one.value.text() == "v");
    CHECK(one.headers == messages[0].headers);
    CHECK(one.timestamp == at(1'700'000'000'123));
    CHECK(one.timestamp_type == protocol::TimestampType::create);
    Message two, three;
    REQUIRE_FALSE(l.message(conn, two));
    REQUIRE_FALSE(l.message(conn, three));
    CHECK(two.offset == 1);
    CHECK(two.key.null());
    CHECK_FALSE(two.value.null());
    CHECK(two.value.empty());
    CHECK(three.value.null());
    CHECK(*three.timestamp - at(0) > 1'700'000'000'456ms);  // it was told none: now
    // One question brought all three, and they keep what they point to.
    CHECK(broker.count<FetchRequest>() == 1);
    conn = l.unbound();
    CHECK(one.value.text() == "v");
}

TEST_CASE("each codec's batches come back whole") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    Values all;
    for (int i = 0; i < 5; ++i) {
        const auto codec = static_cast<Compression>(i);
        if (!codec::available(codec)) continue;
        Values values;
        for (int j = 0; j < 200; ++j)
            values.push_back(std::string(to_string(codec)) + " text that repeats " +
                             std::to_string(j));
        const auto written = l.write(conn, values, {.compression = codec});
        CHECK(written.base_offset == static_cast<std::int64_t>(all.size()));
        CHECK((written.bytes < 3000) == (codec != Compression::none));
        all.insert(all.end(), values.begin(), values.end());
    }
    CHECK(l.values(conn) == all);
    WriteResult result;
    Message message;
    message.value = "x";
    CHECK(l.write(conn, {message}, result, {.compression = Compression::gzip, .level = 77}) ==
          errc::invalid_argument);
    CHECK(l.write(conn, {message}, result, {.compression = static_cast<Compression>(7)}) ==
          errc::unsupported_codec);
}

TEST_CASE("brokers of every version of the protocol are written to and read from") {
    Broker broker({.topics = {{"t", 1}}});
    Values all;
    const auto round = [&](const char* what, int version) {
        CAPTURE(what);
        CAPTURE(version);
        DialLoop l(broker);
        auto conn = l.leader("t");
        all.push_back(std::string(what) + ' ' + std::to_string(version));
        l.write(conn, {all.back()});
        CHECK(l.values(conn) == all);
        std::int64_t found = 0;
        CHECK_FALSE(l.seek(conn, 0, Whence::end, found));
        CHECK(found == static_cast<std::int64_t>(all.size()));
        // Bound without a look-up: ids are asked for where they are needed.
        DialLoop other(broker);
        auto raw = Conn(other.io);
        REQUIRE_FALSE(other.get(raw, [&](auto handler) {
            other.dialer.async_dial(
                "127.0.0.1:" +
                    std::to_string(
                        broker.ports()[static_cast<std::size_t>(broker.leader("t", 0) - 1)]),
                std::move(handler));
        }));
        PartitionConn bound(std::move(raw), "t", 0);
        all.push_back(std::string("unbound ") + what);
        other.write(bound, {all.back()});
        CHECK(other.values(bound) == all);
    };
    const auto each = [&]<class Request>(const char* what) {
        const auto range = Request::info.stable();
        for (auto version = range.min; version <= range.max; ++version) {
            REQUIRE_FALSE(broker.limit_versions<Request>(version, version));
            round(what, version);
        }
        REQUIRE_FALSE(broker.limit_versions<Request>(range.min, range.max));
    };
    each.operator()<ProduceRequest>("Produce");
    each.operator()<FetchRequest>("Fetch");
    each.operator()<ListOffsetsRequest>("ListOffsets");
    each.operator()<MetadataRequest>("Metadata");
}

TEST_CASE("acknowledgements are wanted of all, of the leader or of nobody") {
    Broker broker({.topics = {{"t", 1}}, .record_history = true});
    DialLoop l(broker);
    auto conn = l.leader("t");
    CHECK(conn.required_acks() == RequiredAcks::all);
    for (const auto acks : {RequiredAcks::all, RequiredAcks::leader, RequiredAcks::none}) {
        conn.set_required_acks(acks);
        const auto written = l.write(conn, Values{"x"});
        CHECK((written.base_offset >= 0) == (acks != RequiredAcks::none));
        CHECK(broker.expect(
            [&](const RecordedCall& call) {
                const auto request = call.request<ProduceRequest>();
                return request && request->acks == static_cast<int>(acks);
            },
            5s));
    }
    CHECK(l.write(conn, Values{"y"}, {.acks = RequiredAcks::all}).base_offset == 3);
}

TEST_CASE("a write without messages succeeds, and one for elsewhere does not") {
    Broker broker({.topics = {{"t", 2}}});
    DialLoop l(broker);
    auto conn = l.leader("t", 1);
    WriteResult written;
    CHECK_FALSE(l.write(conn, std::vector<Message>(), written));
    CHECK(written.base_offset == -1);
    CHECK(broker.count<ProduceRequest>() == 0);
    std::vector<Message> messages(2);
    messages[1].topic = "other";
    CHECK(l.write(conn, messages, written) == errc::invalid_argument);
    CHECK(l.diagnostics.detail ==
          "message 1 is for topic other, the connection for topic t partition 1");
    messages[1].topic = "t";
    messages[1].partition = 0;
    CHECK(l.write(conn, messages, written) == errc::invalid_argument);
    messages[1].partition = 1;
    messages[1].timestamp = at(-1);
    CHECK(l.write(conn, messages, written) == errc::invalid_argument);
    CHECK(broker.record_count("t") == 0);
}

TEST_CASE("what a broker has against messages is told by their numbers") {
    Broker broker({.topics = {{"t", 1, 0, {{"cleanup.policy", "compact"}}}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    std::vector<Message> messages(3);
    for (auto& message : messages)
        message.value = "v";
    messages[1].key = "k";
    WriteResult written;
    std::vector<RecordError> errors{{9, "old"}};
    CHECK(l.write(conn, messages, written, {.record_errors = &errors}) ==
          broker_errc::invalid_record);
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].index == 0);
    CHECK(errors[1].index == 2);
    CHECK(has(l.diagnostics.detail, "topic t partition 0"));
    CHECK(has(l.diagnostics.detail, "message 0"));
    CHECK(has(l.diagnostics.detail, "message 2"));
    CHECK(has(l.diagnostics.api, "Produce v"));
    CHECK(has(l.diagnostics.peer, "127.0.0.1:"));
    CHECK(broker.record_count("t") == 0);  // all of them or none
}

TEST_CASE("a batch above the broker's limit is refused") {
    Broker broker({.topics = {{"t", 1}}, .message_max_bytes = 1000});
    DialLoop l(broker);
    auto conn = l.leader("t");
    std::vector<Message> messages(1);
    messages[0].value = std::string(2000, 'x');
    WriteResult written;
    CHECK(l.write(conn, messages, written) == broker_errc::message_too_large);
    CHECK_FALSE(l.write(conn, messages, written, {.compression = Compression::gzip}));
}

TEST_CASE("zstd is not sent to a broker that does not know it") {
    Broker broker({.topics = {{"t", 1}}});
    REQUIRE_FALSE(broker.limit_versions<ProduceRequest>(3, 6));
    DialLoop l(broker);
    auto conn = l.leader("t");
    WriteResult written;
    if (codec::available(Compression::zstd))
        CHECK(l.write(conn, std::vector<Message>(1), written, {.compression = Compression::zstd}) ==
              errc::unsupported_version);
}

TEST_CASE("an append time is told where the topic has one") {
    Broker broker({.topics = {{"t", 1}}});
    broker.add(Rule::on<ProduceRequest>().set("responses.partitionResponses.logAppendTimeMs", 77));
    DialLoop l(broker);
    auto conn = l.leader("t");
    CHECK(l.write(conn, Values{"x"}).append_time == at(77));
}

TEST_CASE("when the leader moves, operations say where to") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"x"});
    const auto next = conn.broker().id % 3 + 1;
    REQUIRE_FALSE(broker.move_leader("t", 0, next));
    const auto port = std::to_string(broker.ports()[static_cast<std::size_t>(next - 1)]);
    const auto hint = "broker " + std::to_string(next) + " (127.0.0.1:" + port + ") leads it now";
    WriteResult written;
    CHECK(l.write(conn, std::vector<Message>(1), written) == broker_errc::not_leader_or_follower);
    CHECK(has(l.diagnostics.detail, hint));
    Batch batch;
    std::int64_t offset = 0;
    CHECK_FALSE(l.seek(conn, 0, Whence::absolute, offset, {.check = false}));
    CHECK(l.batch(conn, batch) == broker_errc::not_leader_or_follower);
    CHECK(has(l.diagnostics.detail, hint));
    CHECK(l.seek(conn, 0, Whence::end, offset) == broker_errc::not_leader_or_follower);
    CHECK(l.diagnostics.detail == "topic t partition 0");
    CHECK(conn.is_open());
    conn = l.leader("t");
    CHECK(conn.broker().id == next);
    CHECK(l.values(conn) == Values{"x"});
}

TEST_CASE("a read waits for a message, and a batch comes back empty after its wait") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto reader = l.leader("t"), writer = l.leader("t");
    Batch batch;
    REQUIRE_FALSE(l.batch(reader, batch, {.max_wait = 10ms}));
    CHECK(batch.empty());
    CHECK_FALSE(batch.read_message());
    CHECK_FALSE(batch.failure());
    CHECK(batch.high_watermark() == 0);
    Pending read;
    Message message;
    reader.async_read_message({.max_wait = 20ms}, [&](std::error_code ec, Message m) {
        read.result = ec;
        message = std::move(m);
    });
    const auto before = broker.count<FetchRequest>();
    l.run([&] { return broker.count<FetchRequest>() > before + 2; });
    CHECK_FALSE(read.over());
    l.write(writer, Values{"late"});
    l.run([&] { return read.over(); });
    CHECK_FALSE(read.result);
    CHECK(message.value.text() == "late");
    CHECK(l.message(reader, message, {.max_wait = 10ms, .timeout = 150ms}) ==
          errc::request_timed_out);
}

TEST_CASE("several reads of messages at once give each message once, in order") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t"), writer = l.leader("t");
    Values found;
    std::size_t over = 0;
    for (int i = 0; i < 6; ++i)
        conn.async_read_message([&](std::error_code ec, Message message) {
            CHECK_FALSE(ec);
            found.emplace_back(message.value.text());
            ++over;
        });
    l.write(writer, Values{"0", "1", "2"});
    l.run([&] { return over == 3; });
    l.write(writer, Values{"3", "4", "5"});
    l.run([&] { return over == 6; });
    CHECK(found == Values{"0", "1", "2", "3", "4", "5"});
}

TEST_CASE("a read that waits behind another ends by its own time or cancellation") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    Pending first, second, third, fourth;
    asio::cancellation_signal signal;
    const auto ending = [](Pending& pending) {
        return [&pending](std::error_code ec, const Message&) { pending.result = ec; };
    };
    conn.async_read_message({.max_wait = 20ms, .timeout = 400ms}, ending(first));
    conn.async_read_message({.timeout = 100ms}, ending(second));
    conn.async_read_message(asio::bind_cancellation_slot(signal.slot(), ending(third)));
    conn.async_read_message({.max_wait = 20ms, .timeout = 600ms}, ending(fourth));
    l.run([&] { return second.over(); });
    CHECK(second.result == errc::request_timed_out);
    CHECK_FALSE(first.over());
    signal.emit(asio::cancellation_type::total);
    l.run([&] { return third.over(); });
    CHECK(third.result == asio::error::operation_aborted);
    l.run([&] { return first.over() && fourth.over(); });
    CHECK(first.result == errc::request_timed_out);
    CHECK(fourth.result == errc::request_timed_out);
    CHECK(conn.is_open());
}

TEST_CASE("a cancelled read leaves the connection and the position as they were") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t"), writer = l.leader("t");
    Pending read;
    asio::cancellation_signal signal;
    // The broker holds it until there is something to read.
    conn.async_read_batch({.max_wait = 20s},
                          asio::bind_cancellation_slot(
                              signal.slot(), [&](std::error_code ec, Batch) { read.result = ec; }));
    l.run([&] { return broker.count<FetchRequest>() == 1; });
    signal.emit(asio::cancellation_type::total);
    l.run([&] { return read.over(); });
    CHECK(read.result == asio::error::operation_aborted);
    l.write(writer, Values{"a", "b"});
    CHECK(l.values(conn) == Values{"a", "b"});
}

TEST_CASE("values are read into a buffer, which must have room for them") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"four", "a longer one", ""});
    std::uint8_t buffer[8];
    std::size_t size = 0;
    const auto read = [&](std::span<std::uint8_t> into) {
        return l.get(size, [&](auto handler) {
            conn.async_read(into, {.timeout = 5s, .diagnostics = &l.diagnostics},
                            std::move(handler));
        });
    };
    REQUIRE_FALSE(read(buffer));
    CHECK(as_text({buffer, size}) == "four");
    CHECK(read(buffer) == std::errc::no_buffer_space);
    CHECK(size == 12);
    CHECK(l.diagnostics.detail == "the value has 12 bytes, the buffer 8");
    std::uint8_t larger[12];
    REQUIRE_FALSE(read(larger));
    CHECK(as_text({larger, size}) == "a longer one");
    REQUIRE_FALSE(read({}));
    CHECK(size == 0);
    CHECK(conn.position() == Position{3, Whence::absolute});
}

TEST_CASE("a seek goes from the start, to an offset, back from the end and on from the position") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"0", "1", "2", "3", "4"});
    CHECK(conn.position() == Position{0, Whence::start});
    std::int64_t found = 0;
    const auto next = [&] {
        Message message;
        REQUIRE_FALSE(l.message(conn, message));
        return std::string(message.value.text());
    };
    REQUIRE_FALSE(l.seek(conn, 1, Whence::start, found));
    CHECK(found == 1);
    CHECK(next() == "1");
    REQUIRE_FALSE(l.seek(conn, 2, Whence::end, found));
    CHECK(found == 3);
    CHECK(conn.position() == Position{3, Whence::absolute});
    CHECK(next() == "3");
    REQUIRE_FALSE(l.seek(conn, -4, Whence::current, found));
    CHECK(found == 0);
    CHECK(next() == "0");
    REQUIRE_FALSE(l.seek(conn, 2, Whence::absolute, found));
    CHECK(next() == "2");
    REQUIRE_FALSE(l.seek(conn, 5, Whence::absolute, found));  // where the next one will be

    CHECK(l.seek(conn, 6, Whence::absolute, found) == broker_errc::offset_out_of_range);
    CHECK(l.diagnostics.detail ==
          "topic t partition 0: offset 6 is outside the log, whose first offset is 0 and whose "
          "last is 5");
    CHECK(has(l.diagnostics.api, "ListOffsets v"));
    CHECK(l.seek(conn, 6, Whence::end, found) == broker_errc::offset_out_of_range);
    CHECK(l.seek(conn, -1, Whence::start, found) == broker_errc::offset_out_of_range);
    CHECK(l.seek(conn, INT64_MAX, Whence::current, found) == errc::invalid_argument);
    CHECK(conn.position() == Position{5, Whence::absolute});

    const auto asked = broker.count<ListOffsetsRequest>();
    REQUIRE_FALSE(l.seek(conn, 99, Whence::absolute, found, {.check = false}));
    REQUIRE_FALSE(l.seek(conn, 1, Whence::current, found, {.check = false}));
    CHECK(found == 100);
    CHECK(l.seek(conn, -1, Whence::absolute, found, {.check = false}) == errc::invalid_argument);
    CHECK(broker.count<ListOffsetsRequest>() == asked);
    Batch batch;
    CHECK(l.batch(conn, batch) == broker_errc::offset_out_of_range);
    CHECK(has(l.diagnostics.detail, "topic t partition 0, offset 100"));
}

TEST_CASE("offsets of the log are found by place and by time") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    OffsetRange ends;
    const auto range = [&] {
        return l.get(ends, [&](auto handler) { conn.async_offsets(std::move(handler)); });
    };
    REQUIRE_FALSE(range());
    CHECK(ends == OffsetRange{0, 0});
    std::vector<Message> messages(3);
    for (int i = 0; i < 3; ++i)
        messages[static_cast<std::size_t>(i)].timestamp = at(1000 * (i + 1));
    WriteResult written;
    REQUIRE_FALSE(l.write(conn, messages, written));
    REQUIRE_FALSE(range());
    CHECK(ends == OffsetRange{0, 3});
    std::int64_t found = 0;
    REQUIRE_FALSE(l.get(found, [&](auto handler) { conn.async_first_offset(std::move(handler)); }));
    CHECK(found == 0);
    REQUIRE_FALSE(l.get(found, [&](auto handler) { conn.async_last_offset(std::move(handler)); }));
    CHECK(found == 3);
    const auto offset_at = [&](std::int64_t ms) {
        return l.get(found, [&](auto handler) {
            conn.async_offset_at(at(ms), {.diagnostics = &l.diagnostics}, std::move(handler));
        });
    };
    REQUIRE_FALSE(offset_at(1500));
    CHECK(found == 1);
    REQUIRE_FALSE(offset_at(3000));
    CHECK(found == 2);
    REQUIRE_FALSE(offset_at(3001));
    CHECK(found == -1);
    CHECK(offset_at(-2) == errc::invalid_argument);
    broker.add(Rule::on<ListOffsetsRequest>().once().error(broker_errc::offset_not_available));
    CHECK(offset_at(1) == broker_errc::offset_not_available);
    CHECK(has(l.diagnostics.detail, "topic t partition 0"));
}

TEST_CASE("the position follows the latest batch, and older ones move it no more") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"0", "1", "2", "3"});
    Batch older;
    REQUIRE_FALSE(l.batch(conn, older));
    CHECK(conn.position() == Position{0, Whence::absolute});
    CHECK(older.read_message()->offset == 0);
    CHECK(conn.position() == Position{1, Whence::absolute});
    Batch newer;
    REQUIRE_FALSE(l.batch(conn, newer));
    CHECK(newer.offset() == 1);
    CHECK(older.read_message()->offset == 1);  // still to be read
    CHECK(conn.position() == Position{1, Whence::absolute});
    CHECK(newer.read_message()->offset == 1);
    CHECK(conn.position() == Position{2, Whence::absolute});
    std::int64_t found = 0;
    REQUIRE_FALSE(l.seek(conn, 3, Whence::absolute, found));
    CHECK(newer.read_message()->offset == 2);
    CHECK(conn.position() == Position{3, Whence::absolute});
    Message message;
    REQUIRE_FALSE(l.message(conn, message));
    CHECK(message.offset == 3);
}

TEST_CASE("a batch larger than max_bytes comes whole") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    const std::string large(10'000, 'x');
    l.write(conn, {large});
    l.write(conn, {large});
    CHECK(l.values(conn, {.max_bytes = 100}) == Values{large, large});
    CHECK(l.values(conn).empty());
}

TEST_CASE("bytes that arrive damaged are not read as messages") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"0"});
    l.write(conn, Values{"1"});
    const auto damage = broker.add(Rule::on<FetchRequest>().edit<FetchResponse>([](auto& response) {
        auto& records = response.responses.at(0).partitions.at(0).records;
        ByteBuffer copy;
        copy.append(records.bytes());
        copy[copy.size() - 2] ^= 1;
        records = std::move(copy).release();
    }));
    Batch batch;
    REQUIRE_FALSE(l.batch(conn, batch));
    CHECK(batch.read_message()->value.text() == "0");
    CHECK_FALSE(batch.read_message());
    CHECK(batch.failure().code == errc::corrupt_records);
    CHECK(conn.position() == Position{1, Whence::absolute});
    Message message;
    CHECK(l.message(conn, message) == errc::corrupt_records);
    CHECK(has(l.diagnostics.detail, "topic t partition 0"));
    CHECK(has(l.diagnostics.api, "Fetch v"));
    REQUIRE(broker.remove(damage));
    REQUIRE_FALSE(l.message(conn, message));
    CHECK(message.value.text() == "1");
    // A batch that is cut at the end is asked for again.
    std::int64_t found = 0;
    REQUIRE_FALSE(l.seek(conn, 0, Whence::start, found));
    broker.add(Rule::on<FetchRequest>().once().edit<FetchResponse>([](auto& response) {
        auto& records = response.responses.at(0).partitions.at(0).records;
        records = records.part(0, records.size() - 3);
    }));
    CHECK(l.values(conn) == Values{"0", "1"});
}

TEST_CASE("an answer without the partition is malformed") {
    Broker broker({.topics = {{"t", 1}}});
    broker.add(Rule::on<FetchRequest>().drop_from_response());
    broker.add(Rule::on<ProduceRequest>().drop_from_response());
    broker.add(Rule::on<ListOffsetsRequest>().drop_from_response());
    DialLoop l(broker);
    auto conn = l.leader("t");
    WriteResult written;
    CHECK(l.write(conn, std::vector<Message>(1), written) == errc::malformed_message);
    std::int64_t found = 0;
    CHECK(l.seek(conn, 0, Whence::end, found) == errc::malformed_message);
    Batch batch;
    REQUIRE_FALSE(l.seek(conn, 0, Whence::absolute, found, {.check = false}));
    CHECK(l.batch(conn, batch) == errc::malformed_message);
    CHECK(l.diagnostics.detail == "topic t partition 0 is not in the answer");
}

TEST_CASE("a topic that was deleted and created again is another one") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"old"});
    REQUIRE_FALSE(broker.recreate_topic("t"));
    WriteResult written;
    CHECK(l.write(conn, std::vector<Message>(1), written) == broker_errc::unknown_topic_id);
    Batch batch;
    CHECK(l.batch(conn, batch) == broker_errc::unknown_topic_id);
    conn = l.leader("t");
    CHECK(l.values(conn).empty());
}

TEST_CASE("what the options cannot mean is refused") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    Batch batch;
    for (const auto& options :
         {FetchOptions{.min_bytes = -1}, FetchOptions{.max_bytes = 0},
          FetchOptions{.min_bytes = 11, .max_bytes = 10}, FetchOptions{.max_wait = -1ms}})
        CHECK(l.batch(conn, batch, options) == errc::invalid_argument);
    CHECK(broker.count<FetchRequest>() == 0);
}

TEST_CASE("a throttle is told with the batch") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    l.write(conn, Values{"x"});
    broker.add(Rule::on<FetchRequest>().once().throttle(40ms));
    Batch batch;
    REQUIRE_FALSE(l.batch(conn, batch));
    CHECK(batch.throttle() == 40ms);
    CHECK(conn.throttle_time() == 40ms);
    CHECK(l.values(conn) == Values{"x"});
}

TEST_CASE("deadlines end what is started before them, each its kind") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    using Clock = std::chrono::steady_clock;
    Message message;
    WriteResult written;
    conn.set_read_deadline(Clock::now() + 100ms);
    CHECK(l.message(conn, message) == errc::request_timed_out);
    CHECK(l.message(conn, message) == errc::request_timed_out);
    CHECK_FALSE(l.write(conn, std::vector<Message>(1), written));
    conn.set_read_deadline(Clock::time_point::max());
    conn.set_write_deadline(Clock::now() - 1s);
    CHECK(l.write(conn, std::vector<Message>(1), written) == errc::request_timed_out);
    CHECK_FALSE(l.message(conn, message));
    conn.set_deadline(Clock::now() - 1s);
    std::int64_t found = 0;
    CHECK(l.seek(conn, 0, Whence::end, found) == errc::request_timed_out);
    conn.set_deadline(Clock::time_point::max());
    CHECK_FALSE(l.seek(conn, 0, Whence::end, found));
    // A broker that never answers: the connection's own time-out, or that of the call.
    broker.add(Rule::on<ProduceRequest>().swallow());
    CHECK(l.write(conn, std::vector<Message>(1), written, {.timeout = 50ms}) ==
          errc::request_timed_out);
    CHECK(has(l.diagnostics.api, "Produce v"));
}

TEST_CASE("a write that was sent is cancelled only by those who accept an open outcome") {
    Broker broker({.topics = {{"t", 1}}});
    Barrier barrier;
    broker.add(Rule::on<ProduceRequest>().hold_answer(barrier));
    DialLoop l(broker);
    auto conn = l.leader("t");
    Pending write;
    asio::cancellation_signal signal;
    conn.async_write("x", asio::bind_cancellation_slot(
                              signal.slot(),
                              [&](std::error_code ec, const WriteResult&) { write.result = ec; }));
    l.run([&] { return broker.record_count("t") == 1; });
    signal.emit(asio::cancellation_type::total);
    l.io.run_for(30ms);
    CHECK_FALSE(write.over());
    signal.emit(asio::cancellation_type::terminal);
    l.run([&] { return write.over(); });
    CHECK(write.result == asio::error::operation_aborted);
    barrier.release();
    CHECK(conn.is_open());
    CHECK(l.values(conn) == Values{"x"});
}

TEST_CASE("closing and losing the connection ends what is under way") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    Pending read, queued;
    conn.async_read_message([&](std::error_code ec, const Message&) { read.result = ec; });
    conn.async_read_message([&](std::error_code ec, const Message&) { queued.result = ec; });
    l.run([&] { return broker.count<FetchRequest>() == 1; });
    conn.close();
    l.run([&] { return read.over() && queued.over(); });
    CHECK(read.result == errc::connection_closed);
    CHECK(queued.result == errc::connection_closed);
    conn = l.leader("t");
    broker.add(Rule::on<ProduceRequest>().disconnect());
    WriteResult written;
    CHECK(l.write(conn, std::vector<Message>(1), written) == errc::connection_lost);
    CHECK(has(l.diagnostics.api, "Produce v"));
    CHECK(l.write(conn, std::vector<Message>(1), written) == errc::connection_lost);
    PartitionConn never(Conn(l.io), "t", 0);
    CHECK(l.write(never, std::vector<Message>(1), written) == errc::not_connected);
    Batch batch;
    CHECK(l.batch(never, batch) == errc::not_connected);
}

TEST_CASE("an event loop that goes takes the operations with it") {
    Broker broker({.topics = {{"t", 1}}});
    DialLoop outer(broker);
    bool called = false;
    {
        DialLoop l(broker);
        auto conn = std::make_shared<PartitionConn>(l.leader("t"));
        // The handlers own the connection, as a coroutine's frame would.
        for (int i = 0; i < 3; ++i)
            conn->async_read_message(
                [conn, &called](std::error_code, const Message&) { called = true; });
        l.run([&] { return broker.count<FetchRequest>() == 1; });
    }
    CHECK_FALSE(called);
}

TEST_CASE("a Conn tells of the cluster, and creates and deletes topics") {
    Broker broker({.topics = {{"t", 2}}});
    DialLoop l(broker);
    auto conn = l.leader("t");
    std::vector<BrokerMetadata> brokers;
    REQUIRE_FALSE(l.get(brokers, [&](auto handler) { conn.async_brokers(std::move(handler)); }));
    REQUIRE(brokers.size() == 3);
    CHECK(brokers[1].id == 2);
    CHECK(brokers[1].port == broker.ports()[1]);
    REQUIRE_FALSE(broker.set_controller(3));
    BrokerMetadata controller;
    REQUIRE_FALSE(
        l.get(controller, [&](auto handler) { conn.async_controller(std::move(handler)); }));
    CHECK(controller.id == 3);
    const auto create = [&](std::vector<NewTopic> topics) {
        return l.done([&](auto handler) {
            conn.async_create_topics(std::move(topics), {.diagnostics = &l.diagnostics},
                                     std::move(handler));
        });
    };
    std::vector<NewTopic> topics(2);
    topics[0].name = "a";
    topics[0].partitions = 3;
    topics[0].configs = {{"cleanup.policy", "compact"}};
    topics[1].name = "b";
    topics[1].assignments = {{1, 2}, {3, 1}};
    REQUIRE_FALSE(create(topics));
    CHECK(broker.partition_count("a") == 3);
    CHECK(broker.partition_count("b") == 2);
    topics.emplace_back().name = "c";
    CHECK(create(topics) == broker_errc::topic_already_exists);
    CHECK(has(l.diagnostics.detail, "topic a: "));
    CHECK(has(l.diagnostics.detail, "; topic b: "));
    CHECK(has(l.diagnostics.api, "CreateTopics v"));
    CHECK(broker.partition_count("c") == 1);

    std::vector<Partition> partitions;
    const auto list = [&](std::vector<std::string> names) {
        return l.get(partitions, [&](auto handler) {
            conn.async_partitions(std::move(names), {.diagnostics = &l.diagnostics},
                                  std::move(handler));
        });
    };
    REQUIRE_FALSE(list({"b", "t"}));
    CHECK(partitions.size() == 4);
    REQUIRE_FALSE(list({}));
    CHECK(partitions.size() == 8);
    CHECK(list({"nope"}) == broker_errc::unknown_topic_or_partition);
    CHECK(l.diagnostics.detail == "topic nope");

    const auto remove = [&](std::vector<std::string> names) {
        return l.done([&](auto handler) {
            conn.async_delete_topics(std::move(names), {.diagnostics = &l.diagnostics},
                                     std::move(handler));
        });
    };
    REQUIRE_FALSE(remove({"a", "b"}));
    CHECK(remove({"c", "b"}) == broker_errc::unknown_topic_or_partition);
    CHECK(broker.topics() == std::vector<std::string>{"t"});
    broker.add(Rule::on<protocol::MetadataRequest>().set("controllerId", -1));
    CHECK(l.get(controller, [&](auto handler) { conn.async_controller(std::move(handler)); }) ==
          broker_errc::broker_not_available);
}
