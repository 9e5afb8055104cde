// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/record_reader.hpp>

#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
namespace at = protocol::batch_layout;
using protocol::ProduceResponse;
using Bytes = std::vector<std::uint8_t>;

ProduceResponse::PartitionProduceResponse produce(CoreFixture& f, const Bytes& records,
                                                  int version = 12,
                                                  const std::string& topic = "t") {
    const auto response = f.ask(produce_request(records, 0, topic), version);
    REQUIRE(response.responses.size() == 1);
    REQUIRE(response.responses[0].partition_responses.size() == 1);
    return response.responses[0].partition_responses[0];
}

broker_errc error_of(CoreFixture& f, const Bytes& records, int version = 12) {
    return static_cast<broker_errc>(produce(f, records, version).error_code);
}

Bytes edited(Bytes batch, const std::function<void(Bytes&)>& edit) {
    edit(batch);
    return sealed(std::move(batch));
}

}  // namespace

TEST_CASE("every version of Produce stores a batch and tells its offset") {
    CoreFixture f;
    std::int64_t next = 0;
    const auto versions = protocol::ProduceRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        auto request = produce_request(make_batch(3));
        request.topic_data[0].topic_id = f.topic().id;
        const auto response = f.ask(request, version);
        REQUIRE(response.responses.size() == 1);
        const auto& row = response.responses[0].partition_responses.at(0);
        CHECK(row.error_code == 0);
        CHECK(row.base_offset == next);
        CHECK(row.log_append_time_ms == -1);
        if (version >= 13) CHECK(response.responses[0].topic_id == f.topic().id);
        next += 3;
    }
    CHECK(f.topic().partitions[0].log.end_offset() == next);
}

TEST_CASE("a stored batch gets its offset and leader epoch and keeps its checksum") {
    CoreFixture f;
    REQUIRE(f.core.cluster().move_leader(f.topic().partitions[0], 1));
    produce(f, make_batch(2));
    produce(f, make_batch(2));
    protocol::RecordBatches batches(f.topic().partitions[0].log.read(2, 1 << 20, true));
    const auto* batch = batches.next();
    REQUIRE(batch);
    CHECK(batch->base_offset == 2);
    CHECK(batch->leader_epoch == 1);
    CHECK(!protocol::check_crc(*batch));
}

TEST_CASE("records of every codec are taken and can be read again") {
    CoreFixture f;
    for (const auto codec : {Compression::none, Compression::gzip, Compression::snappy,
                             Compression::lz4, Compression::zstd}) {
        if (!codec::available(codec)) continue;
        const auto row = produce(f, make_batch(100, {}, codec));
        CHECK(row.error_code == 0);
        protocol::RecordReader reader(
            f.topic().partitions[0].log.read(row.base_offset, 1 << 20, true),
            {.decompress = codec::decompress});
        const auto* record = reader.next();
        REQUIRE(record);
        CHECK(record->offset == row.base_offset);
        CHECK(record->value == protocol::BytesView("value"));
    }
}

TEST_CASE("zstd needs version 7") {
    CoreFixture f;
    const auto batch = make_batch(2, {}, Compression::zstd);
    CHECK(error_of(f, batch, 6) == broker_errc::unsupported_compression_type);
    CHECK(error_of(f, batch, 7) == broker_errc::none);
}

TEST_CASE("batches are refused with the code that Kafka 4.4 gives") {
    CoreFixture f;
    const auto good = make_batch(2);
    const auto expect = [&](const char* what, const Bytes& records, broker_errc error) {
        CAPTURE(what);
        const auto row = produce(f, records);
        CHECK(row.error_code == code(error));
        CHECK(row.base_offset == -1);
    };
    const auto change = [&](const char* what, broker_errc error,
                            const std::function<void(Bytes&)>& edit) {
        expect(what, edited(good, edit), error);
    };
    expect("nothing", {}, broker_errc::invalid_record);
    expect("a cut batch", {good.begin(), good.end() - 1}, broker_errc::invalid_record);
    auto two = good;
    two.insert(two.end(), good.begin(), good.end());
    expect("two batches", two, broker_errc::invalid_record);
    auto broken = good;
    broken.back() ^= 1;
    expect("a wrong checksum", broken, broker_errc::corrupt_message);

    change("format 1", broker_errc::invalid_record, [](Bytes& b) { b[at::magic] = 1; });
    change("format 9", broker_errc::corrupt_message, [](Bytes& b) { b[at::magic] = 9; });
    change("a length of 13", broker_errc::corrupt_message,
           [](Bytes& b) { put<std::int32_t>(b, at::length, 13); });
    change("a negative length", broker_errc::corrupt_message,
           [](Bytes& b) { put<std::int32_t>(b, at::length, -1); });
    change("a base offset", broker_errc::invalid_record,
           [](Bytes& b) { put<std::int64_t>(b, at::base_offset, 5); });
    change("an unknown codec", broker_errc::unknown_server_error,
           [](Bytes& b) { b[at::attributes + 1] = 5; });
    change("no records", broker_errc::invalid_record,
           [](Bytes& b) { put<std::int32_t>(b, at::count, 0); });
    change("a negative count", broker_errc::invalid_record,
           [](Bytes& b) { put<std::int32_t>(b, at::count, -1); });
    change("a count that does not fit the offsets", broker_errc::invalid_record,
           [](Bytes& b) { put<std::int32_t>(b, at::last_offset_delta, 5); });
    change("fewer records than it says", broker_errc::invalid_record, [](Bytes& b) {
        put<std::int32_t>(b, at::count, 3);
        put<std::int32_t>(b, at::last_offset_delta, 2);
    });
    change("more records than it says", broker_errc::invalid_record, [](Bytes& b) {
        put<std::int32_t>(b, at::count, 1);
        put<std::int32_t>(b, at::last_offset_delta, 0);
    });
    change("a record that is longer than it says", broker_errc::invalid_record,
           [](Bytes& b) { b[at::records] = static_cast<std::uint8_t>(b[at::records] - 2); });
    change("a control batch", broker_errc::invalid_record,
           [](Bytes& b) { b[at::attributes + 1] = 0x20; });
    change("a producer id without a sequence number", broker_errc::invalid_record,
           [](Bytes& b) { put<std::int64_t>(b, at::producer_id, 5); });
    CHECK(f.topic().partitions[0].log.end_offset() == 0);
}

TEST_CASE("compressed bytes that do not decompress are refused") {
    CoreFixture f;
    const auto broken = edited(make_batch(50, {}, Compression::gzip), [](Bytes& b) {
        for (auto i = at::records; i < b.size(); ++i)
            b[i] ^= 0x5a;
    });
    CHECK(error_of(f, broken) == broker_errc::unknown_server_error);
}

TEST_CASE("a wrong largest timestamp is put right") {
    CoreFixture f;
    const auto row = produce(
        f, edited(make_batch(2), [](Bytes& b) { put<std::int64_t>(b, at::max_timestamp, 7); }));
    CHECK(row.error_code == 0);
    protocol::RecordBatches batches(f.topic().partitions[0].log.read(0, 1 << 20, true));
    const auto* batch = batches.next();
    REQUIRE(batch);
    CHECK(batch->max_timestamp == 1'700'000'000'001);
    CHECK(!protocol::check_crc(*batch));
}

TEST_CASE("records from too far in the future are refused one by one") {
    CoreFixture f;
    f.now.wall_ms = 1'700'000'000'000 - 3'600'000;  // the second record is 1 ms too late
    const auto row = produce(f, make_batch(2));
    CHECK(row.error_code == code(broker_errc::invalid_timestamp));
    REQUIRE(row.record_errors.size() == 1);
    CHECK(row.record_errors[0].batch_index == 1);
}

TEST_CASE("the size limit of a topic holds, and it may set timestamps or want keys") {
    CoreFixture f;
    const auto create = [&](const char* name, const char* key, const char* value) {
        std::unique_ptr<Topic> unused;
        REQUIRE(!f.core.cluster().create({.name = name, .configs = {{key, value}}}, false, unused,
                                         nullptr));
        f.core.cluster().find(name)->partitions[0].leader = 1;
        f.core.cluster().find(name)->partitions[0].replicas = {1};
    };
    create("small", "max.message.bytes", "100");
    CHECK(produce(f, make_batch(5), 12, "small").error_code ==
          code(broker_errc::message_too_large));
    create("stamped", "message.timestamp.type", "LogAppendTime");
    CHECK(produce(f, make_batch(5), 12, "stamped").log_append_time_ms == f.now.wall_ms);
    create("keyed", "cleanup.policy", "compact");
    protocol::RecordBatchBuilder builder;
    REQUIRE(builder.append(protocol::RecordRef{}));
    const auto keyless = builder.seal({});
    CHECK(produce(f, {keyless.begin(), keyless.end()}, 12, "keyed").error_code ==
          code(broker_errc::invalid_record));
    create("zipped", "compression.type", "gzip");
    CHECK(produce(f, make_batch(5), 12, "zipped").error_code == 0);
    protocol::RecordBatches batches(f.topic("zipped").partitions[0].log.read(0, 1 << 20, true));
    REQUIRE(batches.next());
    CHECK(batches.current().compression() == Compression::gzip);
    create("careful", "min.insync.replicas", "2");
    CHECK(produce(f, make_batch(5), 12, "careful").error_code ==
          code(broker_errc::not_enough_replicas));
}

TEST_CASE("a repeated batch is answered with its first offset, and only the last five are known") {
    CoreFixture f;
    const auto batch = [](std::int32_t sequence, std::int16_t epoch = 0) {
        return make_batch(2,
                          {.producer_id = 7, .producer_epoch = epoch, .base_sequence = sequence});
    };
    for (int i = 0; i < 6; ++i)
        CHECK(produce(f, batch(2 * i)).base_offset == 2 * i);
    const auto again = produce(f, batch(2));
    CHECK(again.error_code == 0);
    CHECK(again.base_offset == 2);
    CHECK(f.topic().partitions[0].log.end_offset() == 12);
    CHECK(error_of(f, batch(0)) == broker_errc::out_of_order_sequence_number);
    CHECK(error_of(f, batch(14)) == broker_errc::out_of_order_sequence_number);
    CHECK(error_of(f, batch(12)) == broker_errc::none);
}

TEST_CASE("a new epoch begins at sequence number 0 and shuts out the old one") {
    CoreFixture f;
    const auto batch = [](std::int16_t epoch, std::int32_t sequence) {
        return make_batch(1,
                          {.producer_id = 7, .producer_epoch = epoch, .base_sequence = sequence});
    };
    CHECK(error_of(f, batch(1, 40)) == broker_errc::none);  // nothing is known of it yet
    CHECK(error_of(f, batch(2, 41)) == broker_errc::out_of_order_sequence_number);
    CHECK(error_of(f, batch(2, 0)) == broker_errc::none);
    CHECK(error_of(f, batch(1, 41)) == broker_errc::invalid_producer_epoch);
}

TEST_CASE("sequence numbers go on at 0 after the largest") {
    CoreFixture f;
    const auto batch = [](std::int32_t sequence, int count) {
        return make_batch(count,
                          {.producer_id = 7, .producer_epoch = 0, .base_sequence = sequence});
    };
    CHECK(error_of(f, batch(2'147'483'646, 4)) == broker_errc::none);
    CHECK(error_of(f, batch(3, 1)) == broker_errc::out_of_order_sequence_number);
    CHECK(error_of(f, batch(2, 1)) == broker_errc::none);
}

TEST_CASE("what is no partition of this broker is refused") {
    CoreFixture f;
    const auto code_of = [&](const protocol::ProduceRequest& request, int version) {
        return static_cast<broker_errc>(
            f.ask(request, version).responses.at(0).partition_responses.at(0).error_code);
    };
    const auto batch = make_batch(1);
    CHECK(code_of(produce_request(batch, 0, "none"), 12) ==
          broker_errc::unknown_topic_or_partition);
    CHECK(code_of(produce_request(batch, 9), 12) == broker_errc::unknown_topic_or_partition);
    CHECK(code_of(produce_request(batch), 13) == broker_errc::unknown_topic_id);
    CHECK(code_of(produce_request(batch, 1), 9) == broker_errc::not_leader_or_follower);
    auto request = produce_request(batch);
    request.acks = 2;
    CHECK(code_of(request, 12) == broker_errc::invalid_required_acks);
}

TEST_CASE("from version 10 on a wrong broker names the leader") {
    CoreFixture f;
    const auto response = f.ask(produce_request(make_batch(1), 1), 10);
    CHECK(response.responses.at(0).partition_responses.at(0).current_leader.leader_id == 2);
    REQUIRE(response.node_endpoints.size() == 1);
    CHECK(response.node_endpoints[0].node_id == 2);
}

TEST_CASE("without acknowledgement there is no answer, and a failure closes the connection") {
    CoreFixture f;
    auto request = produce_request(make_batch(1));
    request.acks = 0;
    f.send(request, 12);
    CHECK(!f.answered());
    CHECK(!f.closed());
    CHECK(f.topic().partitions[0].log.end_offset() == 1);
    request.topic_data[0].name = "none";
    f.send(request, 12);
    CHECK(f.closed());
}
