// SPDX-License-Identifier: Apache-2.0
// Batch over record batches made here: what it shows, what it leaves out, how it fails.
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/batch.hpp>
#include <kafka/blocking/batch.hpp>
#include <kafka/codec.hpp>
#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "client/batch_impl.hpp"

using namespace kafka;
using protocol::BatchFields;
using protocol::RecordBatchBuilder;
using Offsets = std::vector<std::int64_t>;

namespace {

using Data = Batch::Impl::PartitionData;

/// A log, batch by batch.
struct Log {
    /// `count` records at the end, with their offsets as values.
    Log& records(int count, BatchFields fields = {}, Compression codec = Compression::none) {
        RecordBatchBuilder builder;
        for (int i = 0; i < count; ++i) {
            const auto value = std::to_string(end + i);
            REQUIRE(builder.append(protocol::RecordRef{.value = value, .timestamp = 1000 + i}));
        }
        fields.base_offset = end;
        fields.leader_epoch = 5;
        if (codec == Compression::none) {
            bytes.append(builder.seal(fields));
        } else {
            REQUIRE(builder.seal_into(bytes, fields, codec, codec::compress));
        }
        end += count;
        return *this;
    }
    Log& transactional(int count, std::int64_t producer) {
        return records(count, {.producer_id = producer,
                               .producer_epoch = 0,
                               .base_sequence = 0,
                               .transactional = true});
    }
    /// A transaction's end.
    Log& marker(bool commit, std::int64_t producer) {
        RecordBatchBuilder builder;
        const auto key = protocol::transaction_end_key(commit);
        const auto value = protocol::transaction_end_value(0);
        REQUIRE(builder.append(protocol::RecordRef{.key = std::span<const std::uint8_t>(key),
                                                   .value = std::span<const std::uint8_t>(value)}));
        bytes.append(builder.seal({.base_offset = end++,
                                   .producer_id = producer,
                                   .producer_epoch = 0,
                                   .transactional = true,
                                   .control = true}));
        return *this;
    }
    /// What a fetch brings, in memory of exactly its size.
    [[nodiscard]] Data data(std::size_t less = 0) const {
        Data made;
        made.partition_index = 3;
        made.high_watermark = end;
        made.records = Slice::copy_of(bytes.bytes().first(bytes.size() - less));
        return made;
    }

    ByteBuffer bytes;
    std::int64_t end = 0;
};

struct Reading {
    explicit Reading(Data data, std::int64_t from = 0, FetchOptions options = {})
        : position(std::make_shared<client::ReadPosition>()) {
        position->set({from, Whence::absolute});
        const auto turn = position->begin_turn();
        batch = Batch(std::make_unique<Batch::Impl>("t", std::move(data), from, 0, options,
                                                    position, turn.number));
    }
    Offsets offsets() {
        Offsets found;
        while (const auto message = batch.read_message()) {
            CHECK(message->value.text() == std::to_string(message->offset));
            found.push_back(message->offset);
        }
        CHECK_FALSE(batch.next());
        return found;
    }

    std::shared_ptr<client::ReadPosition> position;
    Batch batch;
};

using Aborted = protocol::FetchResponse::AbortedTransaction;

}  // namespace

TEST_CASE("messages carry what their batch says of them") {
    Log log;
    Reading reading(log.records(2).data());
    const auto message = reading.batch.read_message();
    REQUIRE(message);
    CHECK(message->topic == "t");
    CHECK(message->partition == 3);
    CHECK(message->high_watermark == 2);
    CHECK(message->leader_epoch == 5);
    CHECK(message->timestamp->time_since_epoch().count() == 1000);
    CHECK(reading.batch.offset() == 1);
    CHECK(reading.batch.next()->offset == 1);
    CHECK_FALSE(reading.batch.next());
    CHECK_FALSE(reading.batch.failure());
    CHECK(reading.position->get() == Position{2, Whence::absolute});
}

TEST_CASE("messages before the wanted offset are left out, in whatever way they came") {
    for (const auto codec : {Compression::none, Compression::gzip}) {
        Log log;
        log.records(5, {}, codec).records(5, {}, codec);
        for (std::int64_t from = 0; from < 10; ++from) {
            Offsets wanted;
            for (auto i = from; i < 10; ++i)
                wanted.push_back(i);
            CHECK(Reading(log.data(), from).offsets() == wanted);
        }
    }
}

TEST_CASE("what brokers write for themselves is left out") {
    Log log;
    log.transactional(2, 7).marker(true, 7).records(1).marker(false, 8);
    for (const auto isolation : {Isolation::read_committed, Isolation::read_uncommitted}) {
        Reading reading(log.data(), 0, {.isolation = isolation});
        CHECK(reading.offsets() == Offsets{0, 1, 3});
        // Not asked for again.
        CHECK(reading.position->get() == Position{5, Whence::absolute});
        CHECK(reading.batch.offset() == 5);
    }
}

TEST_CASE("aborted messages are left out between those of others, unless they are wanted") {
    Log log;
    log.transactional(2, 1)    // 0, 1: aborted
        .transactional(1, 2)   // 2: committed
        .records(1)            // 3
        .marker(false, 1)      // 4
        .transactional(1, 1)   // 5: committed, by the producer that aborted before
        .marker(true, 2)       // 6
        .transactional(1, 2)   // 7: aborted
        .marker(true, 1)       // 8
        .marker(false, 2)      // 9
        .transactional(1, 2);  // 10: of a transaction that is open still, which was not asked for
    auto data = log.data();
    // Not in order, as some brokers send them.
    data.aborted_transactions = {Aborted{.producer_id = 2, .first_offset = 7},
                                 Aborted{.producer_id = 1, .first_offset = 0}};
    CHECK(Reading(data).offsets() == Offsets{2, 3, 5, 10});
    CHECK(Reading(data, 1).offsets() == Offsets{2, 3, 5, 10});
    CHECK(Reading(data, 0, {.isolation = Isolation::read_uncommitted}).offsets() ==
          Offsets{0, 1, 2, 3, 5, 7, 10});
    data.aborted_transactions = std::nullopt;
    CHECK(Reading(data).offsets() == Offsets{0, 1, 2, 3, 5, 7, 10});
}

TEST_CASE("a batch that is cut at the end ends the reading without a failure") {
    Log log;
    log.records(3).records(3);
    const auto whole = log.data().records.size();
    for (std::size_t less = 1; less < whole / 2; ++less) {
        CAPTURE(less);
        Reading reading(log.data(less));
        CHECK(reading.offsets() == Offsets{0, 1, 2});
        CHECK_FALSE(reading.batch.failure());
        CHECK(reading.position->get() == Position{3, Whence::absolute});
    }
    for (auto less = whole / 2 + 1; less < whole; ++less) {
        Reading reading(log.data(less), 0, {.max_bytes = 10});
        CHECK(reading.offsets().empty());
        CHECK(reading.batch.failure().code == errc::limit_exceeded);
        CHECK(reading.position->get() == Position{0, Whence::absolute});
    }
    CHECK_FALSE(Reading(log.data(whole)).batch.failure());
    CHECK(Reading(log.data(whole)).batch.empty());
}

TEST_CASE("every flipped bit of a batch is found, and what lies before it is read") {
    Log log;
    log.records(2);
    const auto first = log.bytes.size();
    log.records(1);
    for (auto at = first + 12; at < log.bytes.size(); ++at) {
        // The leader epoch is the broker's, and outside the checksum.
        if (at < first + protocol::batch_layout::magic) continue;
        CAPTURE(at);
        auto data = log.data();
        ByteBuffer copy;
        copy.append(data.records.bytes());
        copy[at] ^= 0x10;
        data.records = Slice::copy_of(copy.bytes());
        Reading reading(data);
        CHECK(reading.offsets() == Offsets{0, 1});
        CHECK(reading.batch.failure());
        CHECK(reading.position->get() == Position{2, Whence::absolute});
        CHECK(reading.batch.offset() == 2);
    }
}

TEST_CASE("a wrong checksum can be passed over where that is wanted") {
    Log log;
    log.records(2);
    log.bytes[protocol::batch_layout::crc] ^= 1;
    CHECK(Reading(log.data()).offsets().empty());
    CHECK(Reading(log.data(), 0, {.check_crcs = false}).offsets() == Offsets{0, 1});
}

TEST_CASE("a batch that decompresses to too much is refused") {
    Log log;
    log.records(1000, {}, Compression::gzip);
    Reading reading(log.data(), 0, {.max_decompressed = 100});
    CHECK(reading.offsets().empty());
    CHECK(reading.batch.failure().code == errc::limit_exceeded);
}

TEST_CASE("a value larger than the buffer stays the next one") {
    Log log;
    Reading reading(log.records(12).data(), 9);
    std::uint8_t small[1];
    CHECK(reading.batch.read(small) == 1);
    CHECK(small[0] == '9');
    CHECK(reading.batch.read(small) == 2);
    CHECK(reading.batch.read(small) == 2);
    CHECK(reading.position->get() == Position{10, Whence::absolute});
    std::uint8_t large[8];
    CHECK(reading.batch.read(large) == 2);
    CHECK(reading.batch.read_message()->value.text() == "11");
    CHECK_FALSE(reading.batch.read(large));
}

TEST_CASE("a batch that is closed gives nothing more, and what was read stays") {
    Log log;
    Reading reading(log.records(3, {}, Compression::gzip).data());
    const auto message = reading.batch.read_message();
    reading.batch.close();
    CHECK_FALSE(reading.batch.read_message());
    CHECK_FALSE(reading.batch.failure());
    CHECK(message->value.text() == "0");
    CHECK(reading.position->get() == Position{1, Whence::absolute});
    Batch none;
    CHECK_FALSE(none.read_message());
    CHECK(none.empty());
    CHECK(none.offset() == -1);
    none.close();
    const auto moved = std::move(reading.batch);
    CHECK(moved.topic() == "t");
}

TEST_CASE("a blocking Batch throws what is wrong with records") {
    Log log;
    log.records(1).records(1);
    log.bytes[log.bytes.size() - 1] ^= 1;
    blocking::Batch batch(std::move(Reading(log.data()).batch));
    CHECK(batch.read_message()->offset == 0);
    try {
        (void)batch.read_message();
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.code() == errc::corrupt_records);
        CHECK(std::string(error.what()).find("t partition 3: ") != std::string::npos);
    }
    CHECK_THROWS_AS(batch.next(), Error);
    batch.close();
}
