// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952) by libdeflate where it is there, and by zlib.
#include <memory>

#include <zlib.h>
#if KAFKA_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "codec/codecs.hpp"

namespace kafka::codec {
namespace {

constexpr std::string_view name = "gzip";
constexpr int gzip_window = 15 + 16;  // zlib's way to say "gzip, 32 KiB window"
// A deflate match gives at most 258 bytes and takes at least 2 bits.
constexpr std::uint64_t largest_ratio = 1032;

struct Deflater {
    z_stream stream{};
    int level = 0;
    bool ready = false;
    ~Deflater() {
        if (ready) deflateEnd(&stream);
    }
    bool reset(int wanted) {
        if (ready && level == wanted) return deflateReset(&stream) == Z_OK;
        if (ready) deflateEnd(&stream);
        stream = {};
        level = wanted;
        ready =
            deflateInit2(&stream, wanted, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK;
        return ready;
    }
};

struct Inflater {
    z_stream stream{};
    bool ready = false;
    ~Inflater() {
        if (ready) inflateEnd(&stream);
    }
    bool reset() {
        if (ready) return inflateReset(&stream) == Z_OK;
        stream = {};
        ready = inflateInit2(&stream, gzip_window) == Z_OK;
        return ready;
    }
};

bool begins_member(Bytes in) {
    return in.size() >= 3 && in[0] == 0x1f && in[1] == 0x8b && in[2] == 8;
}

// RFC 1952: the header has a checksum of its own (FHCRC). Nobody writes it for Kafka.
bool has_header_checksum(Bytes in) {
    return in.size() >= 4 && (in[3] & 2);
}

// All members of `in`, with zlib.
Decoded inflate_all(Bytes in, std::span<std::uint8_t> room) {
    thread_local Inflater inflater;
    auto& stream = inflater.stream;
    Decoded decoded;
    std::size_t at = 0;
    do {
        if (!inflater.reset()) {
            decoded.failure = no_memory();
            return decoded;
        }
        for (;;) {
            // zlib counts in unsigned int; the input is below 2 GiB, the output need not be.
            const auto left = room.size() - decoded.produced;
            const auto step = static_cast<uInt>(std::min<std::size_t>(left, 1u << 30));
            stream.next_in = const_cast<Bytef*>(in.data() + at);
            stream.avail_in = static_cast<uInt>(in.size() - at);
            stream.next_out = room.data() + decoded.produced;
            stream.avail_out = step;
            const int status = inflate(&stream, Z_SYNC_FLUSH);
            at = in.size() - stream.avail_in;
            decoded.produced += step - stream.avail_out;
            if (status == Z_STREAM_END) break;
            if (status == Z_MEM_ERROR) {
                decoded.failure = no_memory();
                return decoded;
            }
            if (status != Z_OK && status != Z_BUF_ERROR) {
                decoded.failure =
                    broken(name, stream.msg ? stream.msg : "wrong data", at, in.size());
                return decoded;
            }
            // The trailer keeps zlib from ever running out of input before a whole stream's end.
            if (at == in.size()) {
                decoded.failure = broken(name, "the stream is cut off", at, in.size());
                return decoded;
            }
            if (decoded.produced == room.size()) {
                decoded.room_too_small = true;
                return decoded;
            }
        }
        // RFC 1952: members may follow each other. Other bytes behind a member are ignored, as
        // Java's GZIPInputStream does (BI-90).
    } while (begins_member(in.subspan(at)));
    return decoded;
}

// The last four bytes of a member are its size modulo 2^32: right for a lone member, a guess to be
// distrusted otherwise.
RoomPlan plan(Bytes in, std::size_t max_output) {
    const std::uint64_t possible = in.size() * largest_ratio;
    std::uint64_t expected = in.size() * std::uint64_t{4};
    if (in.size() >= 18) {
        const auto told = load_le32(in.data() + in.size() - 4);
        if (told <= possible && (told >= in.size() / 2 || in.size() < 64)) expected = told;
    }
    return {name, static_cast<std::size_t>(std::min<std::uint64_t>(expected, max_output)), possible,
            max_output};
}

#if KAFKA_HAVE_LIBDEFLATE

struct FreeLibdeflate {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
    void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

Decoded libdeflate_all(Bytes in, std::span<std::uint8_t> room) {
    thread_local std::unique_ptr<libdeflate_decompressor, FreeLibdeflate> decompressor;
    if (!decompressor) decompressor.reset(libdeflate_alloc_decompressor());
    Decoded decoded;
    if (!decompressor) {
        decoded.failure = no_memory();
        return decoded;
    }
    std::size_t at = 0;
    do {
        // libdeflate would skip it; zlib checks it, as Java does.
        if (has_header_checksum(in.subspan(at))) return inflate_all(in, room);
        std::size_t used = 0;
        std::size_t made = 0;
        const auto result = libdeflate_gzip_decompress_ex(
            decompressor.get(), in.data() + at, in.size() - at, room.data() + decoded.produced,
            room.size() - decoded.produced, &used, &made);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
            decoded.room_too_small = true;
            return decoded;
        }
        // libdeflate does not say what is wrong, nor where: zlib does, and it has the last word.
        if (result != LIBDEFLATE_SUCCESS) return inflate_all(in, room);
        at += used;
        decoded.produced += made;
    } while (begins_member(in.subspan(at)));
    return decoded;
}

#endif

}  // namespace

Failure zlib_compress(Bytes in, ByteBuffer& out, int level) {
    thread_local Deflater deflater;
    if (!deflater.reset(level)) return no_memory();
    auto& stream = deflater.stream;
    const auto base = out.size();
    const std::size_t bound = deflateBound(&stream, static_cast<uLong>(in.size()));
    stream.next_in = const_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = out.grow(bound);
    stream.avail_out = static_cast<uInt>(bound);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        return {errc::compression_failed,
                std::string("gzip: ") + (stream.msg ? stream.msg : "zlib did not finish")};
    out.truncate(base + bound - stream.avail_out);
    return {};
}

Failure zlib_decompress(Bytes in, ByteBuffer& out, std::size_t max_output) {
    return decode_into(out, plan(in, max_output),
                       [in](std::span<std::uint8_t> room) { return inflate_all(in, room); });
}

#if KAFKA_HAVE_LIBDEFLATE

Failure gzip_compress(Bytes in, ByteBuffer& out, int level) {
    thread_local std::unique_ptr<libdeflate_compressor, FreeLibdeflate> compressor;
    thread_local int compressor_level = 0;
    if (!compressor || compressor_level != level) {
        compressor.reset(libdeflate_alloc_compressor(level));
        compressor_level = level;
        if (!compressor) return no_memory();
    }
    const auto base = out.size();
    const auto bound = libdeflate_gzip_compress_bound(compressor.get(), in.size());
    auto* to = out.grow(bound);
    const auto made = libdeflate_gzip_compress(compressor.get(), in.data(), in.size(), to, bound);
    if (made == 0) return {errc::compression_failed, "gzip: libdeflate did not finish"};
    out.truncate(base + made);
    return {};
}

Failure gzip_decompress(Bytes in, ByteBuffer& out, std::size_t max_output) {
    return decode_into(out, plan(in, max_output),
                       [in](std::span<std::uint8_t> room) { return libdeflate_all(in, room); });
}

#else

Failure gzip_compress(Bytes in, ByteBuffer& out, int level) {
    return zlib_compress(in, out, level);
}

Failure gzip_decompress(Bytes in, ByteBuffer& out, std::size_t max_output) {
    return zlib_decompress(in, out, max_output);
}

#endif

}  // namespace kafka::codec
