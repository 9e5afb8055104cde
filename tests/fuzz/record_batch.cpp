// SPDX-License-Identifier: Apache-2.0
// Record batches of format 2: the input as it is, or as the records inside a batch that is put
// together around it, compressed and with a right checksum.
#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_batch_edit.hpp>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "fuzz/records.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

using namespace protocol;

constexpr std::uint8_t wrapped = 0x80;

Bytes batch_around(Script& script, std::uint8_t how) {
    const auto codec = how & 7u;
    const auto flags = static_cast<std::uint16_t>(how & 0x78);
    const auto count = script.number<std::uint16_t>();
    const auto last_delta = static_cast<std::int32_t>(count - 1 + script.number<std::int8_t>());
    const auto fields = script.byte();
    const auto records = compressed(codec, script.rest());
    Bytes batch;
    put(batch, std::int64_t{fields & 1 ? 1000 : fields & 2 ? -1 : 0});
    put(batch, static_cast<std::uint32_t>(records.size() + 49));
    put(batch, std::int32_t{5});
    put(batch, std::uint8_t{2});
    put(batch, std::uint32_t{0});
    put(batch, static_cast<std::uint16_t>(flags | codec));
    put(batch, last_delta);
    put(batch, fields & 4 ? std::int64_t{INT64_MAX} : std::int64_t{1000});
    put(batch, std::int64_t{1000});
    put(batch, fields & 8 ? std::int64_t{-1} : std::int64_t{9});
    put(batch, fields & 16 ? std::int16_t{-1} : std::int16_t{0});
    put(batch, fields & 32 ? std::int32_t{-1} : std::int32_t{3});
    put(batch, fields & 64 ? -std::int32_t{count} : std::int32_t{count});
    put(batch, records);
    store_big(batch.data() + batch_layout::crc,
              crc32c(Input(batch).subspan(batch_layout::attributes)));
    return batch;
}

// Records that were read go into a new batch and come out of it as they were.
void rebuild(const std::vector<OwnedRecord>& records) {
    RecordBatchBuilder builder{ByteBuffer()};
    std::vector<const OwnedRecord*> kept;
    for (const auto& record : records) {
        RecordView view;
        view.timestamp = record.timestamp;
        if (!record.null_key) view.key = BytesView(record.key);
        if (!record.null_value) view.value = BytesView(record.value);
        view.headers = RecordHeaders(record.headers, record.header_count);
        if (builder.append(view)) kept.push_back(&record);
    }
    if (kept.empty()) return;
    const auto batch = builder.seal({.base_offset = 7});
    const auto again = read_records(batch);
    check(again.size() == kept.size(), "as many records come out as went in");
    for (std::size_t i = 0; i < again.size(); ++i)
        check(again[i].same_content(*kept[i]) && again[i].offset == 7 + static_cast<int>(i),
              "records come out as they went in");
}

// What a broker does with what was produced.
void produce(Input bytes) {
    const auto exact = test::ExactBytes::of(bytes);
    const auto batch = check_produced(
        exact.bytes(), {.decompress = codec::decompress, .max_decompressed = max_decompressed});
    if (!batch) return check(!batch.failure().detail.empty(), "a failure has words");
    check(batch->bytes.size() == bytes.size(), "what was produced is one batch");
    Bytes edited(bytes.begin(), bytes.end());
    set_base_offset(edited, 1'000'000);
    set_leader_epoch(edited, 12);
    set_producer(edited, 77, 3, 9);
    const auto records = read_records(edited);
    check(records.size() == static_cast<std::size_t>(batch->count) &&
              records.front().offset == 1'000'000,
          "a batch that was checked can be edited and read");
    set_log_append_time(edited, 55);
    for (const auto& record : read_records(edited))
        check(record.timestamp == 55, "all records have the log append time");
}

void run(Input input) {
    Script script(input);
    const auto how = script.byte();
    const auto rest = how & wrapped ? batch_around(script, how) : [&] {
        const auto raw = script.rest();
        return Bytes(raw.begin(), raw.end());
    }();
    rebuild(read_records(rest));
    produce(rest);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    RecordBatchBuilder builder{ByteBuffer()};
    const RecordHeaderView headers[] = {{"trace", BytesView("1")}, {"", nullptr}};
    for (const RecordRef& record :
         {RecordRef{.key = "key", .value = "value", .timestamp = 1000},
          RecordRef{.value = "second", .headers = headers, .timestamp = 995},
          RecordRef{.key = "", .timestamp = 1200}})
        check(builder.append(record), "a seed's record fits");
    const BatchFields fields[] = {
        {},
        {.base_offset = 40, .leader_epoch = 2},
        {.producer_id = 9, .producer_epoch = 0, .base_sequence = 3},
        {.producer_id = 9, .producer_epoch = 1, .base_sequence = 0, .transactional = true},
        {.append_time = 5}};
    const auto plain = builder.seal({});
    const Bytes records(plain.begin() + batch_layout::records, plain.end());
    for (const auto& field : fields) {
        Bytes whole{0};
        for (unsigned codec = 0; codec <= 4; ++codec) {
            ByteBuffer out;
            const auto batch =
                builder.seal_into(out, field, static_cast<Compression>(codec), codec::compress);
            check(static_cast<bool>(batch), "a seed can be compressed");
            Bytes seed{0};
            put(seed, *batch);
            put(whole, *batch);
            seeds.push_back(std::move(seed));
        }
        whole.resize(whole.size() - 3);  // a partial tail behind whole batches
        seeds.push_back(std::move(whole));
    }
    for (std::uint8_t codec = 0; codec <= 5; ++codec) {
        for (const auto flags : Bytes{0, 8, 16}) {
            Bytes seed{static_cast<std::uint8_t>(wrapped | flags | codec), 0, 3, 0, 0};
            put(seed, records);
            seeds.push_back(seed);
            seed[4] = 8 + 16 + 32;
            seeds.push_back(std::move(seed));
        }
    }
    return seeds;
}

const Registration registration({"record_batch", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
