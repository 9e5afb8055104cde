// SPDX-License-Identifier: Apache-2.0
// The codecs of record batches, by their numbers in the batch's attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <kafka/export.hpp>

namespace kafka {

/// How the records of a batch are compressed (record batch attributes, bits 0-2).
enum class Compression : std::int8_t {
    none = 0,
    gzip = 1,
    snappy = 2,
    lz4 = 3,
    zstd = 4,  ///< needs Produce v7 and Fetch v10 (KIP-110)
};

/// "none", "gzip", "snappy", "lz4", "zstd"; "unknown" for other numbers.
[[nodiscard]] KAFKA_API std::string_view to_string(Compression c) noexcept;
/// The codec of that name (Kafka's `compression.type`), or nothing.
[[nodiscard]] KAFKA_API std::optional<Compression> compression_from_name(
    std::string_view name) noexcept;

}  // namespace kafka
