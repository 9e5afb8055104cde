// SPDX-License-Identifier: Apache-2.0
#include <kafka/codec.hpp>

#include <limits>
#include <new>
#include <string>

#include "codec/codecs.hpp"

namespace kafka::codec {
namespace {

constexpr std::size_t largest_input = std::numeric_limits<std::int32_t>::max();

Failure not_compiled_in(Compression c) {
    const auto missing = [](std::string name) -> Failure {
        return {errc::unsupported_codec,
                name + " was not compiled in (Meson option -D" + name + "=enabled)"};
    };
    switch (c) {
        case Compression::snappy:
            return missing("snappy");
        case Compression::lz4:
            return missing("lz4");
        case Compression::zstd:
            return missing("zstd");
        default:
            break;
    }
    return {errc::unsupported_codec,
            "there is no codec of number " + std::to_string(static_cast<int>(c))};
}

// Runs a codec so that `out` is untouched unless it succeeds. Memory that cannot be had is an
// error like others: sizes come from the peer.
template <class Work>
Failure guarded(ByteBuffer& out, Work work) {
    const auto base = out.size();
    Failure failure;
    try {
        failure = work();
    } catch (const std::bad_alloc&) {
        failure = no_memory();
    }
    if (failure) out.truncate(base);
    return failure;
}

Failure decompress_with(Compression c, Bytes in, ByteBuffer& out, std::size_t max_output,
                        bool check_lz4_header) {
    if (!available(c)) return not_compiled_in(c);
    if (c != Compression::none) {
        if (in.empty())
            return {errc::decompression_failed, "an empty payload where compressed data must be"};
        if (in.size() > largest_input)
            return {errc::limit_exceeded, "compressed data of more than 2147483647 bytes"};
    }
    return guarded(out, [&]() -> Failure {
        switch (c) {
            case Compression::gzip:
                return gzip_decompress(in, out, max_output);
            case Compression::snappy:
                return snappy_decompress(in, out, max_output);
            case Compression::lz4:
                return lz4_decompress(in, out, max_output, check_lz4_header);
            case Compression::zstd:
                return zstd_decompress(in, out, max_output);
            case Compression::none:
                break;
        }
        if (in.size() > max_output) return above_limit("none", max_output, in.size());
        out.append(in);
        return {};
    });
}

}  // namespace

LevelRange level_range(Compression c) noexcept {
    switch (c) {
        case Compression::gzip:
            return {1, 9, 6};
        case Compression::lz4:
            return {1, 17, 9};
        // Not Java's 3: the same ratio on record-like data at half the speed.
        case Compression::zstd:
            return {-131072, 22, 1};
        case Compression::none:
        case Compression::snappy:
            break;
    }
    return {0, 0, 0};
}

bool available(Compression c) noexcept {
    switch (c) {
        case Compression::none:
        case Compression::gzip:
            return true;
        case Compression::snappy:
            return KAFKA_HAVE_SNAPPY;
        case Compression::lz4:
            return KAFKA_HAVE_LZ4;
        case Compression::zstd:
            return KAFKA_HAVE_ZSTD;
    }
    return false;
}

Failure compress(Compression c, Bytes in, ByteBuffer& out, std::optional<int> level) {
    if (!available(c)) return not_compiled_in(c);
    const auto range = level_range(c);
    // Deflater.DEFAULT_COMPRESSION, the default of Java's compression.gzip.level.
    if (c == Compression::gzip && level == -1) level.reset();
    const int chosen = level.value_or(range.preset);
    if (chosen < range.lowest || chosen > range.highest)
        return {errc::invalid_argument, "compression level " + std::to_string(chosen) +
                                            " is outside " + std::to_string(range.lowest) + ".." +
                                            std::to_string(range.highest)};
    if (in.size() > largest_input)
        return {errc::invalid_argument, "more than 2147483647 bytes to compress"};
    return guarded(out, [&]() -> Failure {
        switch (c) {
            case Compression::gzip:
                return gzip_compress(in, out, chosen);
            case Compression::snappy:
                return snappy_compress(in, out);
            case Compression::lz4:
                return lz4_compress(in, out, chosen);
            case Compression::zstd:
                return zstd_compress(in, out, chosen);
            case Compression::none:
                break;
        }
        out.append(in);
        return {};
    });
}

Failure decompress(Compression c, Bytes in, ByteBuffer& out, std::size_t max_output) {
    return decompress_with(c, in, out, max_output, true);
}

Failure decompress_lz4_magic0(Bytes in, ByteBuffer& out, std::size_t max_output) {
    return decompress_with(Compression::lz4, in, out, max_output, false);
}

}  // namespace kafka::codec
