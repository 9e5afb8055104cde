// SPDX-License-Identifier: Apache-2.0
#include "decoder.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

using kafka::protocol::BatchFields;
using kafka::protocol::BytesView;
using kafka::protocol::RecordBatchBuilder;
using kafka::protocol::RecordRef;
using kasio::Assignment;
using kasio::Chunk;
using kasio::Decoder;
using kasio::Exit;
using kasio::Isolation;

namespace {

// A log whose batches are added one by one.
class Log {
public:
    // Values are "PREFIX0", "PREFIX1", ...
    Log& batch(int count, const std::string& prefix, std::int64_t producer = -1,
               kafka::Compression codec = kafka::Compression::none) {
        RecordBatchBuilder builder;
        for (int i = 0; i < count; ++i) {
            const auto value = prefix + std::to_string(i);
            RecordRef record;
            record.value = BytesView(value);
            record.timestamp = 1;
            REQUIRE(builder.append(record));
        }
        BatchFields fields;
        fields.producer_id = producer;
        fields.transactional = producer >= 0;
        add(builder, fields, codec);
        return *this;
    }
    Log& marker(std::int64_t producer, bool commit) {
        RecordBatchBuilder builder;
        const std::uint8_t key[] = {0, 0, 0, static_cast<std::uint8_t>(commit ? 1 : 0)};
        const std::uint8_t value[] = {0, 0, 0, 0, 0, 0};
        RecordRef record;
        record.key = BytesView(key, 4);
        record.value = BytesView(value, 6);
        record.timestamp = 1;
        REQUIRE(builder.append(record));
        BatchFields fields;
        fields.producer_id = producer;
        fields.transactional = fields.control = true;
        add(builder, fields, kafka::Compression::none);
        return *this;
    }
    Log& spoil_last_byte() {
        bytes_.back() ^= 1;
        return *this;
    }
    [[nodiscard]] Chunk chunk(std::int64_t from = 0) const {
        Chunk chunk;
        chunk.from = from;
        chunk.records = kafka::Slice::copy_of(bytes_);
        return chunk;
    }

private:
    void add(RecordBatchBuilder& builder, BatchFields fields, kafka::Compression codec) {
        fields.base_offset = next_;
        next_ += builder.count();
        kafka::ByteBuffer out;
        const auto sealed = builder.seal_into(out, fields, codec, kafka::codec::compress);
        REQUIRE(sealed.has_value());
        bytes_.insert(bytes_.end(), out.data(), out.data() + out.size());
    }

    std::int64_t next_ = 0;
    std::vector<std::uint8_t> bytes_;
};

using Values = std::vector<std::string>;

Values values_of(const Chunk& chunk, Isolation isolation = Isolation::read_committed,
                 std::optional<std::int64_t> until = {}) {
    Decoder decoder("topic", {Assignment{0, chunk.from, until}}, isolation);
    decoder.open(chunk);
    Values values;
    while (const auto* record = decoder.next())
        values.emplace_back(record->value.text());
    CHECK(decoder.problem().sentence == "");
    return values;
}

Chunk with_aborted(Chunk chunk, const std::vector<std::pair<std::int64_t, std::int64_t>>& aborted) {
    for (const auto& [producer, first] : aborted) {
        kafka::protocol::FetchResponse::AbortedTransaction each;
        each.producer_id = producer;
        each.first_offset = first;
        chunk.aborted.push_back(each);
    }
    return chunk;
}

}  // namespace

TEST_CASE("a chunk gives its records from the wanted offset to the wanted end") {
    const auto log = Log().batch(3, "a").batch(3, "b", -1, kafka::Compression::lz4);
    CHECK(values_of(log.chunk()) == Values{"a0", "a1", "a2", "b0", "b1", "b2"});
    CHECK(values_of(log.chunk(4)) == Values{"b1", "b2"});
    CHECK(values_of(log.chunk(1), Isolation::read_committed, 4) == Values{"a1", "a2", "b0"});
    CHECK(values_of(log.chunk(6)).empty());
}

TEST_CASE("markers of transactions are never shown") {
    const auto log = Log().batch(1, "a", 7).marker(7, true).batch(1, "b");
    CHECK(values_of(log.chunk()) == Values{"a0", "b0"});
    CHECK(values_of(log.chunk(), Isolation::read_uncommitted) == Values{"a0", "b0"});
}

TEST_CASE("records of aborted transactions are left out, those of others around them are not") {
    // Producer 7 aborts, commits, aborts; producer 8 commits meanwhile.
    const auto log = Log()
                         .batch(2, "aborted", 7)    // 0, 1
                         .batch(1, "other", 8)      // 2
                         .marker(7, false)          // 3
                         .batch(1, "committed", 7)  // 4
                         .marker(7, true)           // 5
                         .batch(1, "again", 7)      // 6
                         .batch(1, "plain")         // 7
                         .marker(8, true)           // 8
                         .marker(7, false);         // 9
    const auto chunk = with_aborted(log.chunk(), {{7, 0}, {7, 6}});
    CHECK(values_of(chunk) == Values{"other0", "committed0", "plain0"});
    CHECK(values_of(chunk, Isolation::read_uncommitted) ==
          Values{"aborted0", "aborted1", "other0", "committed0", "again0", "plain0"});
}

TEST_CASE("an aborted transaction that began before the chunk is left out") {
    const auto log = Log().batch(2, "early", 7).batch(2, "late", 7).marker(7, false).batch(1, "x");
    CHECK(values_of(with_aborted(log.chunk(2), {{7, 0}})) == Values{"x0"});
}

TEST_CASE("a batch whose checksum is wrong ends the chunk with a problem that names its place") {
    const auto chunk = Log().batch(1, "good").batch(1, "bad").spoil_last_byte().chunk();
    Decoder decoder("topic", {Assignment{0, 0, {}}}, Isolation::read_committed);
    decoder.open(chunk);
    REQUIRE(decoder.next() != nullptr);
    CHECK(decoder.next() == nullptr);
    CHECK(decoder.problem().status == Exit::bad_data);
    CHECK(decoder.problem().sentence.find("topic topic partition 0: ") == 0);
    CHECK(decoder.next() == nullptr);
}
