// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/control_records.hpp>

#include "protocol/records/golden.hpp"
#include "protocol/records/wire.hpp"

using namespace kafka;
using namespace kafka::protocol;

TEST_CASE("the markers that Kafka writes are read") {
    for (bool commit : {true, false}) {
        RecordReader reader(wire::exact_hex(commit ? golden::v2_commit : golden::v2_abort));
        const auto* record = reader.next();
        REQUIRE(record);
        CHECK(reader.batch()->control());
        CHECK(reader.batch()->transactional());
        CHECK(reader.batch()->producer_id == 4000);
        const auto marker = read_transaction_end(record->key, record->value);
        REQUIRE(marker);
        CHECK(marker->commit == commit);
        CHECK(marker->coordinator_epoch == 11);
        const auto key = transaction_end_key(commit);
        const auto value = transaction_end_value(11);
        CHECK(record->key == BytesView(key));
        CHECK(record->value == BytesView(value));
        CHECK_FALSE(reader.next());
        CHECK_FALSE(reader.failure());
    }
}

TEST_CASE("BI-75: a control record of an unknown type is told from those that end transactions") {
    const std::uint8_t key[] = {0, 0, 0, 7};
    const auto type = control_record_type(BytesView(key));
    REQUIRE(type);
    CHECK(*type == ControlRecordType::unknown);
    CHECK(to_string(*type) == "unknown");
    const auto value = transaction_end_value(0);
    const auto failure = read_transaction_end(BytesView(key), BytesView(value)).failure();
    CHECK(failure.code == errc::malformed_records);
    CHECK(failure.detail == "control record: type unknown does not end a transaction");
}

TEST_CASE("BI-75: a control record with a short key is malformed") {
    for (std::size_t size = 0; size < 4; ++size) {
        const auto key = wire::exact(wire::Bytes(size));
        const auto failure = control_record_type(BytesView(key.bytes())).failure();
        CHECK(failure.code == errc::malformed_records);
        CHECK(failure.detail == "control record: a key of " + std::to_string(size) + " bytes");
    }
    CHECK(control_record_type(nullptr).failure().detail == "control record: a null key");
}

TEST_CASE("a marker's key of a newer version may be longer, one of a negative version is none") {
    const std::uint8_t longer[] = {0, 1, 0, 1, 9, 9};
    REQUIRE(control_record_type(BytesView(longer)));
    CHECK(*control_record_type(BytesView(longer)) == ControlRecordType::commit);
    const std::uint8_t negative[] = {0xff, 0xff, 0, 1};
    CHECK(control_record_type(BytesView(negative)).failure().detail ==
          "control record: key version -1");
}

TEST_CASE("a marker with a null, short or negative value is malformed") {
    const auto key = transaction_end_key(true);
    const std::uint8_t shorter[] = {0, 0, 0, 0, 0};
    const std::uint8_t negative[] = {0x80, 0, 0, 0, 0, 0};
    CHECK_FALSE(read_transaction_end(BytesView(key), nullptr));
    CHECK_FALSE(read_transaction_end(BytesView(key), BytesView(shorter)));
    CHECK_FALSE(read_transaction_end(BytesView(key), BytesView(negative)));
}

TEST_CASE("control record types have names") {
    CHECK(to_string(ControlRecordType::abort) == "abort");
    CHECK(to_string(ControlRecordType::commit) == "commit");
    CHECK(to_string(ControlRecordType::leader_change) == "leader_change");
    CHECK(to_string(ControlRecordType::kraft_voters) == "kraft_voters");
}
