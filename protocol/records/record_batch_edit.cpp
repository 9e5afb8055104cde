// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <kafka/error.hpp>
#include <kafka/protocol/record_batch_edit.hpp>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"

namespace kafka::protocol {
namespace {

namespace at = batch_layout;

void sum_up(std::span<std::uint8_t> batch) noexcept {
    store_big(batch.data() + at::crc, crc32c(batch.subspan(at::attributes)));
}

// What a broker refuses in the header of a produced batch, or nothing.
std::string find_fault(const RecordBatchView& batch) {
    if (batch.magic != 2) return "format " + std::to_string(batch.magic) + " cannot be produced";
    if (batch.control()) return "clients cannot produce control batches";
    if (batch.count == 0) return "no records";
    if (batch.count - 1 != batch.last_offset_delta) {
        return "record count " + std::to_string(batch.count) + " does not fit last offset delta " +
               std::to_string(batch.last_offset_delta);
    }
    if (batch.producer_id >= 0) {
        if (batch.producer_epoch < 0) return "a producer id without an epoch";
        if (batch.base_sequence < 0) return "a producer id without a sequence number";
    } else if (batch.producer_id != -1 || batch.producer_epoch != -1 || batch.base_sequence != -1) {
        return "an epoch or sequence number without a producer id";
    }
    return {};
}

}  // namespace

void set_base_offset(std::span<std::uint8_t> batch, std::int64_t offset) noexcept {
    store_big(batch.data() + at::base_offset, offset);
}

void set_leader_epoch(std::span<std::uint8_t> batch, std::int32_t epoch) noexcept {
    store_big(batch.data() + at::leader_epoch, epoch);
}

void set_log_append_time(std::span<std::uint8_t> batch, std::int64_t time) noexcept {
    // The bit lies in the lower byte of the two.
    batch[at::attributes + 1] |= std::uint8_t{batch_attributes::log_append_time};
    store_big(batch.data() + at::max_timestamp, time);
    sum_up(batch);
}

void set_producer(std::span<std::uint8_t> batch, std::int64_t id, std::int16_t epoch,
                  std::int32_t base_sequence) noexcept {
    store_big(batch.data() + at::producer_id, id);
    store_big(batch.data() + at::producer_epoch, epoch);
    store_big(batch.data() + at::base_sequence, base_sequence);
    sum_up(batch);
}

void enclose(std::span<std::uint8_t> batch, std::size_t place,
             std::span<const std::uint8_t> inside) noexcept {
    store_big(batch.data() + at::length,
              static_cast<std::int32_t>(batch.size() + inside.size() - at::leader_epoch));
    auto crc = crc32c(batch.first(place).subspan(at::attributes));
    crc = crc32c(inside, crc);
    store_big(batch.data() + at::crc, crc32c(batch.subspan(place), crc));
}

Result<RecordBatchView> check_produced(std::span<const std::uint8_t> records,
                                       const ReadOptions& options) {
    RecordBatches batches(Slice(records.data(), records.size()));
    const auto* batch = batches.next();
    if (batches.failure()) return batches.failure();
    const auto refuse = [&](const std::string& what) {
        return Failure(errc::malformed_records, "produced batch: " + what);
    };
    if (!batch) return refuse(records.empty() ? "no bytes" : "cut off");
    if (batch->bytes.size() != records.size()) return refuse("more than one batch");
    if (auto fault = find_fault(*batch); !fault.empty()) return refuse(fault);

    auto strict = options;
    strict.check_crcs = true;
    BatchRecords reader;
    std::int32_t seen = 0;
    std::int64_t max_timestamp = batch->base_timestamp;
    if (reader.open(*batch, batches.slice(), strict)) {
        while (const auto* record = reader.next()) {
            if (record->offset - batch->base_offset != seen) {
                return refuse("record " + std::to_string(seen + 1) + " has offset delta " +
                              std::to_string(record->offset - batch->base_offset));
            }
            max_timestamp = std::max(max_timestamp, record->timestamp);
            ++seen;
        }
    }
    if (reader.failure()) return reader.failure();
    if (max_timestamp != batch->max_timestamp) {
        return refuse("largest timestamp " + std::to_string(batch->max_timestamp) + ", but " +
                      std::to_string(max_timestamp) + " is found");
    }
    return *batch;
}

}  // namespace kafka::protocol
