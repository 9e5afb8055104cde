// SPDX-License-Identifier: Apache-2.0
// One source a codec: what codec.cpp chooses from, after it has checked level and sizes.
#pragma once

#include "codec/decode.hpp"

namespace kafka::codec {

/// Inputs have at least one byte (decompress) and at most 2^31 - 1 bytes (both); levels are inside
/// their range. On failure the caller restores `out`.
Failure gzip_compress(Bytes in, ByteBuffer& out, int level);
Failure gzip_decompress(Bytes in, ByteBuffer& out, std::size_t max_output);
Failure snappy_compress(Bytes in, ByteBuffer& out);
Failure snappy_decompress(Bytes in, ByteBuffer& out, std::size_t max_output);
Failure lz4_compress(Bytes in, ByteBuffer& out, int level);
/// Without `check_header` the frame header's checksum is not looked at.
Failure lz4_decompress(Bytes in, ByteBuffer& out, std::size_t max_output, bool check_header);
Failure zstd_compress(Bytes in, ByteBuffer& out, int level);
Failure zstd_decompress(Bytes in, ByteBuffer& out, std::size_t max_output);

/// gzip by zlib alone, also where libdeflate is there: for tests, which hold one against the other.
Failure zlib_compress(Bytes in, ByteBuffer& out, int level);
Failure zlib_decompress(Bytes in, ByteBuffer& out, std::size_t max_output);

}  // namespace kafka::codec
