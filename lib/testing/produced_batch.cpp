// SPDX-License-Identifier: Apache-2.0
#include "testing/produced_batch.hpp"

#include <algorithm>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"

namespace kafka::testing {
namespace {

constexpr int first_version_with_zstd = 7;  // KIP-110
// What a test broker decompresses at most, whatever a topic allows.
constexpr std::size_t most_decompressed = std::size_t{256} << 20;

protocol::ReadOptions read_options(const TopicConfig& config) {
    protocol::ReadOptions options;
    options.check_crcs = false;  // done before
    options.decompress = codec::decompress;
    options.max_decompressed =
        std::min(most_decompressed, static_cast<std::size_t>(config.max_decompressed_bytes));
    return options;
}

std::string number(std::int64_t value) {
    return std::to_string(value);
}

void check_header(ProducedBatch& produced) {
    const auto& batch = produced.batch;
    const auto refuse = [&](std::string what) {
        produced.refuse(broker_errc::invalid_record, std::move(what));
    };
    const auto offsets = std::int64_t{batch.last_offset_delta} + 1;
    if (offsets <= 0) {
        return refuse("Batch has an invalid offset range: [0, " + number(batch.last_offset_delta) +
                      "]");
    }
    if (batch.count <= 0) {
        return refuse("Invalid reported count for record batch: " + number(batch.count));
    }
    if (offsets != batch.count) {
        return refuse("Inconsistent batch offset range [0, " + number(batch.last_offset_delta) +
                      "] and count of records " + number(batch.count));
    }
    if (batch.control()) return refuse("Clients are not allowed to write control records");
    if (batch.producer_id >= 0 && batch.base_sequence < 0) {
        return refuse("Invalid sequence number " + number(batch.base_sequence) +
                      " in record batch with producerId " + number(batch.producer_id));
    }
}

broker_errc kafka_error(const Failure& failure, const protocol::RecordBatchView& batch) {
    if (failure.code == errc::decompression_failed) {
        // Java's zstd takes no bytes for no records, the other codecs throw.
        const bool nothing = batch.compression() == Compression::zstd && batch.payload().empty();
        return nothing ? broker_errc::invalid_record : broker_errc::unknown_server_error;
    }
    if (failure.code == errc::limit_exceeded) return broker_errc::message_too_large;
    if (failure.code == errc::corrupt_records) return broker_errc::corrupt_message;
    if (failure.code == errc::unsupported_codec) return broker_errc::unknown_server_error;
    return broker_errc::invalid_record;
}

// A batch that is whole and means what it says, however impossible.
bool checksum_fits(const Slice& records) {
    namespace at = protocol::batch_layout;
    const auto read = [&](std::size_t position) {
        return load_big<std::uint32_t>(records.data() + position);
    };
    if (records.size() < at::records || records.data()[at::magic] != 2) return false;
    const auto size = std::uint64_t{read(at::length)} + at::leader_epoch;
    return size >= at::records && size <= records.size() &&
           read(at::crc) == crc32c(records.part(0, size).bytes().subspan(at::attributes));
}

class RecordCheck {
public:
    RecordCheck(const TopicConfig& config, std::int64_t wall_ms, ProducedBatch& produced)
        : config_(config), wall_ms_(wall_ms), produced_(produced) {}

    void look_at(const protocol::RecordView& record, std::int32_t index) {
        if (config_.compacted && record.key.null()) {
            return refuse(index, "Compacted topic cannot accept message without key");
        }
        const bool checked = !config_.log_append_time && record.timestamp != -1;
        if (!checked && produced_.batch.timestamp_type() == protocol::TimestampType::log_append) {
            bad_timestamp_ = true;
            return refuse(index, "Producer should not set timestamp type to LogAppendTime.");
        }
        if (checked && !in_time(record.timestamp)) {
            bad_timestamp_ = true;
            return refuse(index, "Timestamp " + number(record.timestamp) + " is out of range.");
        }
        produced_.max_timestamp = std::max(produced_.max_timestamp, record.timestamp);
    }
    void finish() {
        if (produced_.record_errors.empty()) return;
        if (bad_timestamp_) {
            produced_.refuse(broker_errc::invalid_timestamp,
                             "One or more records have been rejected due to invalid timestamp");
        } else {
            produced_.refuse(broker_errc::invalid_record, "One or more records have been rejected");
        }
    }

private:
    [[nodiscard]] bool in_time(std::int64_t timestamp) const {
        // Both limits may be so large that a sum would overflow.
        const auto distance = static_cast<double>(timestamp) - static_cast<double>(wall_ms_);
        return distance <= static_cast<double>(config_.timestamp_after_max_ms) &&
               -distance <= static_cast<double>(config_.timestamp_before_max_ms);
    }
    void refuse(std::int32_t index, std::string why) {
        produced_.record_errors.emplace_back(index, std::move(why));
    }

    const TopicConfig& config_;
    std::int64_t wall_ms_;
    ProducedBatch& produced_;
    bool bad_timestamp_ = false;
};

}  // namespace

void check_form(const Slice& records, int produce_version, ProducedBatch& produced) {
    const auto prefix = "Produce requests with version " + number(produce_version);
    protocol::RecordBatches batches(records);
    const auto* batch = batches.next();
    if (batches.failure()) {
        if (checksum_fits(records)) {
            produced.header_fault = batches.failure().detail;
        } else {
            produced.refuse(broker_errc::corrupt_message, batches.failure().detail);
        }
        return;
    }
    if (!batch) {
        return produced.refuse(broker_errc::invalid_record,
                               prefix + " must have at least one record batch per partition");
    }
    if (batch->magic != 2) {
        return produced.refuse(
            broker_errc::invalid_record,
            prefix + " are only allowed to contain record batches with magic version 2");
    }
    if (produce_version < first_version_with_zstd && batch->compression() == Compression::zstd) {
        return produced.refuse(broker_errc::unsupported_compression_type,
                               prefix + " are not allowed to use ZStandard compression");
    }
    produced.batch = *batch;
    if (batches.next()) {
        return produced.refuse(broker_errc::invalid_record,
                               prefix +
                                   " are only allowed to contain exactly one record batch "
                                   "per partition");
    }
    if (batches.failure()) {
        produced.refuse(broker_errc::corrupt_message, batches.failure().detail);
    }
}

void check_content(const Slice& records, const TopicConfig& config, std::int64_t wall_ms,
                   ProducedBatch& produced) {
    const auto& batch = produced.batch;
    if (!produced.header_fault.empty()) {
        return produced.refuse(broker_errc::invalid_record, produced.header_fault);
    }
    if (batch.base_offset != 0) {
        return produced.refuse(broker_errc::invalid_record,
                               "The baseOffset of the record batch should be 0, but it is " +
                                   number(batch.base_offset));
    }
    const auto size = static_cast<std::int64_t>(batch.bytes.size());
    if (size > config.max_message_bytes) {
        return produced.refuse(broker_errc::message_too_large,
                               "The record batch size is " + number(size) +
                                   " bytes which exceeds the maximum configured value of " +
                                   number(config.max_message_bytes) + ".");
    }
    if (auto failure = protocol::check_crc(batch)) {
        return produced.refuse(broker_errc::corrupt_message, failure.detail);
    }
    if (!codec::available(batch.compression())) {
        // As Kafka: an exception that nobody foresaw.
        return produced.refuse(broker_errc::unknown_server_error, "Unknown compression type id");
    }
    check_header(produced);
    if (produced.error != broker_errc::none) return;

    RecordCheck check(config, wall_ms, produced);
    protocol::BatchRecords reader;
    std::int32_t index = 0;
    if (reader.open(batch, records, read_options(config))) {
        while (const auto* record = reader.next())
            check.look_at(*record, index++);
    }
    if (reader.failure()) {
        return produced.refuse(kafka_error(reader.failure(), batch), reader.failure().detail);
    }
    check.finish();
    if (produced.error == broker_errc::none && size > config.segment_bytes) {
        produced.refuse(broker_errc::record_list_too_large,
                        "Message batch size exceeds the maximum configured segment size");
    }
}

Slice rewritten(const Slice& records, const TopicConfig& config, ProducedBatch& produced) {
    const auto& batch = produced.batch;
    protocol::RecordBatchBuilder builder;
    protocol::BatchRecords reader;
    if (reader.open(batch, records, read_options(config))) {
        while (const auto* record = reader.next()) {
            if (!builder.append(*record)) {
                produced.refuse(broker_errc::message_too_large, "cannot be written anew");
                return {};
            }
        }
    }
    const protocol::BatchFields fields{.producer_id = batch.producer_id,
                                       .producer_epoch = batch.producer_epoch,
                                       .base_sequence = batch.base_sequence,
                                       .transactional = batch.transactional()};
    const auto codec = config.compression.value_or(batch.compression());
    if (codec == Compression::none) {
        builder.seal(fields);
        return std::move(builder).take().release();
    }
    ByteBuffer out;
    auto sealed = builder.seal_into(out, fields, codec, codec::compress);
    if (!sealed) {
        produced.refuse(broker_errc::unknown_server_error, sealed.failure().message());
        return {};
    }
    if (out.size() > static_cast<std::size_t>(config.max_message_bytes)) {
        produced.refuse(broker_errc::message_too_large, "The rewritten record batch is too large.");
        return {};
    }
    return std::move(out).release();
}

}  // namespace kafka::testing
