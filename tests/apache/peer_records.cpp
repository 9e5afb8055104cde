// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <kafka/codec.hpp>
#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "peer.hpp"
#include "base/big_endian.hpp"

namespace peer {
namespace {

using namespace kafka;
using namespace kafka::protocol;

constexpr ReadOptions options{.decompress = codec::decompress,
                              .decompress_lz4_magic0 = codec::decompress_lz4_magic0};

std::string hex(const BytesView& bytes) {
    if (bytes.null()) return "null";
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "'";
    for (const auto byte : bytes.bytes()) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

// The same text as Batches.java's: a line a batch, a line a record.
std::string batch_line(const RecordBatchView& batch) {
    static constexpr const char* types[] = {"none", "create", "append"};
    auto text = "batch magic=" + std::to_string(batch.magic) +
                " last=" + std::to_string(batch.last_offset()) +
                " codec=" + std::string(to_string(batch.compression())) +
                " type=" + types[static_cast<int>(batch.timestamp_type()) + 1];
    if (batch.magic < 2) return text + '\n';
    text += " base=" + std::to_string(batch.base_offset) + " count=" + std::to_string(batch.count) +
            " max=" + std::to_string(batch.max_timestamp) +
            " leader=" + std::to_string(batch.leader_epoch) +
            " producer=" + std::to_string(batch.producer_id) + '/' +
            std::to_string(batch.producer_epoch) + '/' + std::to_string(batch.base_sequence);
    if (batch.transactional()) text += " transactional";
    if (batch.control()) text += " control";
    if (batch.attributes & batch_attributes::delete_horizon)
        text += " horizon=" + std::to_string(batch.base_timestamp);
    return text + '\n';
}

std::string record_line(const RecordView& record, const RecordBatchView& batch) {
    auto text = "  " + std::to_string(record.offset) + ' ' + std::to_string(record.timestamp) +
                ' ' + hex(record.key) + ' ' + hex(record.value);
    for (const auto& header : record.headers)
        text += ' ' + hex(BytesView(header.key)) + '=' + hex(header.value);
    if (!batch.control()) return text + '\n';
    const auto type = control_record_type(record.key);
    text += type ? " " + std::string(to_string(*type)) : " " + type.failure().message();
    if (auto end = read_transaction_end(record.key, record.value))
        text += " epoch=" + std::to_string(end->coordinator_epoch);
    return text + '\n';
}

Answer describe_records(const Slice& records) {
    std::string text;
    RecordReader reader(records, options);
    while (reader.next_batch()) {
        const auto batch = *reader.batch();
        text += batch_line(batch);
        while (const auto* record = reader.next_in_batch())
            text += record_line(*record, batch);
        if (reader.failure()) return reader.failure();
    }
    if (reader.failure()) return reader.failure();
    if (reader.partial_tail()) return Failure{errc::malformed_records, "a part of a batch"};
    ByteBuffer out;
    out.append(as_bytes(text));
    return out;
}

// Another batch with the same records, built by us: the payload is {int8 codec, int32 level or the
// smallest number for none, one batch}.
Answer rewrite(const Question& question) {
    constexpr std::size_t head = 5;
    const auto& in = question.payload;
    if (in.size() < head) return unknown(question);
    const auto codec = static_cast<Compression>(in.data()[0]);
    const auto level = load_big<std::int32_t>(in.data() + 1);
    RecordReader reader(in.part(head), options);
    if (!reader.next_batch()) return reader.failure() ? reader.failure() : unknown(question);
    const auto batch = *reader.batch();
    RecordBatchBuilder builder(ByteBuffer{});
    std::int64_t next = batch.base_offset;
    auto skip_to = [&](std::int64_t offset) {
        builder.skip_offsets(static_cast<std::int32_t>(offset - next));
        next = offset + 1;
    };
    while (const auto* record = reader.next_in_batch()) {
        skip_to(record->offset);
        if (!builder.append(*record))
            return Failure{errc::invalid_argument, "the builder refuses a record"};
    }
    if (reader.failure()) return reader.failure();
    if (batch.next_offset() > next) skip_to(batch.last_offset() + 1);
    BatchFields fields{.base_offset = batch.base_offset,
                       .leader_epoch = batch.leader_epoch,
                       .producer_id = batch.producer_id,
                       .producer_epoch = batch.producer_epoch,
                       .base_sequence = batch.base_sequence,
                       .transactional = batch.transactional(),
                       .control = batch.control()};
    if (batch.timestamp_type() == TimestampType::log_append)
        fields.append_time = batch.max_timestamp;
    ByteBuffer out;
    if (codec == Compression::none) {
        out.append(builder.seal(fields));
        return out;
    }
    auto sealed = builder.seal_into(out, fields, codec, codec::compress,
                                    level == std::numeric_limits<std::int32_t>::min()
                                        ? std::nullopt
                                        : std::optional<int>(level));
    if (!sealed) return sealed.take_failure();
    return out;
}

}  // namespace

Answer answer_records(const Question& question) {
    return question.operation == 'B' ? describe_records(question.payload) : rewrite(question);
}

}  // namespace peer
