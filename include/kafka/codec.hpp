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

/// Levels are numbered as Kafka's own clients number them (KIP-390), so that a value of
/// `compression.*.level` means the same here:
///   gzip  1..9, preset 6. compress() also takes -1, with which Java says "the preset".
///   lz4   1..17, preset 9. As in Java, 9 is the *fast* compressor and every other level the
///         high-compression one; 1 and 2 equal 3, and 13..17 equal 12, since liblz4's frames know
///         no others.
///   zstd  -131072..22, preset 1 (Java: 3). On typical records zstd 1 gives the ratio of zstd 3
///         at about twice its speed. 0 is zstd's own default, 3.
///   none, snappy: 0..0.
[[nodiscard]] KAFKA_API LevelRange level_range(Compression c) noexcept;

/// False for a codec that was not compiled in, and for numbers that are no codec.
[[nodiscard]] KAFKA_API bool available(Compression c) noexcept;

/// Appends the compressed form of `in` to `out`. `none` copies; snappy writes one raw block, lz4
/// one frame of independent 64 KiB blocks without a content checksum. On failure `out` holds what
/// it held. At most 2 GiB - 1 of input, as no batch can be larger. Errors: unsupported_codec,
/// invalid_argument (level outside its range, input too large), compression_failed, and the
/// system's not_enough_memory. Thread-safe; contexts are kept per thread.
[[nodiscard]] KAFKA_API Failure compress(Compression c, std::span<const std::uint8_t> in,
                                         ByteBuffer& out, std::optional<int> level = {});

/// Appends the decompressed form of `in` to `out`, at most `max_output` bytes: more is the error
/// limit_exceeded, found before the memory is taken wherever the format tells the size. If `out`
/// was empty, memory in use stays below max_output plus a constant; and it follows the size of
/// `in`, never a claim that the bytes of `in` cannot make good. On failure `out` holds what it
/// held. Room that `out` has already is used first: a buffer that is used again saves a retry.
///
/// What may follow the data, decided by what Java's readers do: further gzip members, lz4 frames,
/// zstd frames, xerial streams (each a whole one) and skippable frames; other bytes are ignored
/// after gzip and lz4, and an error after zstd and snappy. Empty input is an error for every codec
/// but `none`: a batch without records has no payload to hand over.
///
/// Errors: unsupported_codec, limit_exceeded, decompression_failed (the detail says what and at
/// which byte), and the system's not_enough_memory. Thread-safe.
[[nodiscard]] KAFKA_API Failure decompress(Compression c, std::span<const std::uint8_t> in,
                                           ByteBuffer& out, std::size_t max_output);

/// decompress(Compression::lz4, ...) for message sets of magic 0, whose writers computed the
/// frame's header checksum over too many bytes (KAFKA-3160): the header checksum is not looked at.
/// Message sets of magic 1 and record batches take decompress().
[[nodiscard]] KAFKA_API Failure decompress_lz4_magic0(std::span<const std::uint8_t> in,
                                                      ByteBuffer& out, std::size_t max_output);

}  // namespace kafka::codec
