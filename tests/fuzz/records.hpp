// SPDX-License-Identifier: Apache-2.0
// Record data for the targets of batches and message sets.
#pragma once

#include <kafka/protocol/record_reader.hpp>

#include "fuzz/script.hpp"

namespace kafka::fuzz {

/// No batch in a fuzz run decompresses to more.
constexpr std::size_t max_decompressed = 1024 * 1024;

/// A record that owns what it has.
struct OwnedRecord {
    std::int64_t offset;
    std::int64_t timestamp;
    Bytes key, value, headers;
    bool null_key, null_value;
    std::size_t header_count;

    /// All but the offset.
    [[nodiscard]] bool same_content(const OwnedRecord& other) const {
        return timestamp == other.timestamp && key == other.key && value == other.value &&
               headers == other.headers && null_key == other.null_key &&
               null_value == other.null_value && header_count == other.header_count;
    }
};

/// Reads all records in every way there is (with a scratch buffer and without, checksums checked
/// and not, batch by batch) and checks that the ways agree. Gives what the last one read.
std::vector<OwnedRecord> read_records(Input bytes);

/// The compressed form, by the codec of that number; as it is if there is none such.
Bytes compressed(unsigned codec, Input bytes);

}  // namespace kafka::fuzz
