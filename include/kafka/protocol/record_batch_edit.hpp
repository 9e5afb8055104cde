// SPDX-License-Identifier: Apache-2.0
// Changing batches in place, and the checks of a produced one: what brokers do with a batch, and
// what a producer does with one that it sends again.
#pragma once

#include <cstdint>
#include <span>

#include <kafka/export.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/result.hpp>

namespace kafka::protocol {

// All of these take one whole batch of format 2 that was parsed before.

/// The offset of the first record. Lies outside the checksum.
KAFKA_API void set_base_offset(std::span<std::uint8_t> batch, std::int64_t offset) noexcept;
/// The partition's leader epoch. Lies outside the checksum.
KAFKA_API void set_leader_epoch(std::span<std::uint8_t> batch, std::int32_t epoch) noexcept;
/// Gives all records one timestamp (milliseconds since 1970), the broker's, and computes the
/// checksum anew.
KAFKA_API void set_log_append_time(std::span<std::uint8_t> batch, std::int64_t time) noexcept;
/// Another producer id, epoch and first sequence number, and the checksum anew.
KAFKA_API void set_producer(std::span<std::uint8_t> batch, std::int64_t id, std::int16_t epoch,
                            std::int32_t base_sequence) noexcept;

/// Makes the length and the checksum those of a batch of which `inside` lies elsewhere, behind the
/// first `place` bytes (at least those of the header).
KAFKA_API void enclose(std::span<std::uint8_t> batch, std::size_t place,
                       std::span<const std::uint8_t> inside) noexcept;

/// Checks what a producer sent for one partition as strictly as a broker does, and more: exactly
/// one batch of format 2 and nothing behind it, records decode to their end, offset deltas without
/// a gap from 0 on, a right count and largest timestamp, producer fields that go together, and no
/// control batch. `options.check_crcs` is taken as true. Returns the batch, whose bytes are those
/// of `records`. Errors: malformed_records, and those of BatchRecords::open().
[[nodiscard]] KAFKA_API Result<RecordBatchView> check_produced(
    std::span<const std::uint8_t> records, const ReadOptions& options);

}  // namespace kafka::protocol
