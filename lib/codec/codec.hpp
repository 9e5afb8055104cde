// SPDX-License-Identifier: Apache-2.0
// gzip, snappy, lz4 and zstd as Kafka uses them: whole blocks in memory, with hard limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <kafka/compression.hpp>
#include <kafka/export.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::codec {

/// The levels of a codec, both ends included. Codecs without levels have lowest == highest.
struct LevelRange {
    int lowest;
    int highest;
    int preset;  ///< what is used when none is asked for
};
[[nodiscard]] KAFKA_API LevelRange level_range(Compression c) noexcept;

/// False for a codec that was not compiled in, and for numbers that are no codec.
[[nodiscard]] KAFKA_API bool available(Compression c) noexcept;

/// Appends the compressed form of `in` to `out`. `none` copies. On failure `out` is as before.
/// Errors: unsupported_codec, invalid_argument (level outside its range), compression_failed.
/// Thread-safe; contexts are kept per thread.
[[nodiscard]] KAFKA_API Failure compress(Compression c, std::span<const std::uint8_t> in,
                                         ByteBuffer& out, std::optional<int> level = {});

/// Appends the decompressed form of `in` to `out`, at most `max_output` bytes: more is the error
/// limit_exceeded, found before the memory is taken wherever the format tells the size. Memory in
/// use stays below max_output plus a constant. On failure `out` is as before. Errors:
/// unsupported_codec, limit_exceeded, decompression_failed (the detail says what and at which
/// byte). Thread-safe.
[[nodiscard]] KAFKA_API Failure decompress(Compression c, std::span<const std::uint8_t> in,
                                           ByteBuffer& out, std::size_t max_output);

}  // namespace kafka::codec
