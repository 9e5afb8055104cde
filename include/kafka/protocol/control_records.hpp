// SPDX-License-Identifier: Apache-2.0
// Control records: the markers that brokers write among the records. Of these consumers meet the
// ends of transactions (KIP-98); the others stand in the log of the KRaft quorum.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <kafka/export.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/result.hpp>

namespace kafka::protocol {

enum class ControlRecordType : std::int16_t {
    abort = 0,
    commit = 1,
    leader_change = 2,
    snapshot_header = 3,
    snapshot_footer = 4,
    kraft_version = 5,
    kraft_voters = 6,
    unknown = -1,  ///< a newer broker's: to be skipped
};

/// "abort", "leader_change" ...; "unknown" for other numbers.
[[nodiscard]] KAFKA_API std::string_view to_string(ControlRecordType type) noexcept;

/// The type that a control record's key states. Errors: malformed_records, for a key that is null
/// or too short, or of a negative version; keys of newer versions may be longer.
[[nodiscard]] KAFKA_API Result<ControlRecordType> control_record_type(const BytesView& key);

/// The end of a transaction in one partition.
struct TransactionEnd {
    bool commit = false;
    std::int32_t coordinator_epoch = 0;
};

/// Reads the marker. Errors: malformed_records, also for control records of another type.
[[nodiscard]] KAFKA_API Result<TransactionEnd> read_transaction_end(const BytesView& key,
                                                                    const BytesView& value);
/// Key and value of a marker: {version 0, type} and {version 0, coordinator epoch}.
[[nodiscard]] KAFKA_API std::array<std::uint8_t, 4> transaction_end_key(bool commit) noexcept;
[[nodiscard]] KAFKA_API std::array<std::uint8_t, 6> transaction_end_value(
    std::int32_t coordinator_epoch) noexcept;

}  // namespace kafka::protocol
