// SPDX-License-Identifier: Apache-2.0
// lz4 in its frame format, version 1 (doc/lz4_Frame_format.md of lz4). The library decodes; the
// frames' outlines are read here first, for the room they need and for the words of errors.
#include "codec/codecs.hpp"

#if KAFKA_HAVE_LZ4

#include <array>
#include <memory>
#include <optional>

#include <lz4frame.h>

namespace kafka::codec {
namespace {

constexpr std::string_view name = "lz4";
constexpr std::uint32_t frame_magic = 0x184d2204;
constexpr std::uint32_t skippable_magic = 0x184d2a50;  // and the 15 after it
// A length byte of 255 adds 255 bytes of match.
constexpr std::uint64_t largest_ratio = 255;
// What Kafka's writers use. Frames with larger blocks cost the context up to 8 MiB, given back.
constexpr std::uint64_t largest_kept_block = std::uint64_t{256} << 10;

struct FreeContext {
    void operator()(LZ4F_cctx* c) const { LZ4F_freeCompressionContext(c); }
    void operator()(LZ4F_dctx* d) const { LZ4F_freeDecompressionContext(d); }
};

// XXH32 with seed 0 of fewer than 16 bytes: the checksum of a frame's header.
std::uint32_t short_xxh32(Bytes in) {
    constexpr std::uint32_t prime1 = 2654435761u, prime2 = 2246822519u, prime3 = 3266489917u,
                            prime4 = 668265263u, prime5 = 374761393u;
    const auto rotate = [](std::uint32_t x, int by) { return x << by | x >> (32 - by); };
    auto hash = prime5 + static_cast<std::uint32_t>(in.size());
    for (; in.size() >= 4; in = in.subspan(4))
        hash = rotate(hash + load_le32(in.data()) * prime3, 17) * prime4;
    for (const auto byte : in)
        hash = rotate(hash + byte * prime5, 11) * prime1;
    hash = (hash ^ hash >> 15) * prime2;
    hash = (hash ^ hash >> 13) * prime3;
    return hash ^ hash >> 16;
}

// A frame as its headers tell it, without decoding.
struct Outline {
    std::size_t size = 0;                   ///< in bytes of the input
    std::size_t header = 0;                 ///< magic to header checksum
    std::optional<std::uint64_t> declared;  ///< the frame's content size
    std::uint64_t possible = 0;             ///< what its blocks can hold at most
    std::uint64_t largest_block = 0;
    bool skippable = false;
};

bool begins_frame(Bytes in) {
    if (in.size() < 4) return false;
    const auto magic = load_le32(in.data());
    return magic == frame_magic || (magic & 0xfffffff0u) == skippable_magic;
}

Result<Outline> outline(Bytes in, std::size_t begin) {
    std::size_t at = begin;
    const auto left = [&] { return in.size() - at; };
    const auto wrong = [&](std::string_view what) { return broken(name, what, at, in.size()); };
    const auto cut_off = [&] {
        return broken(name, "the stream is cut off", in.size(), in.size());
    };

    if (!begins_frame(in.subspan(at))) return wrong("bytes that begin no frame");
    Outline frame;
    if (load_le32(in.data() + at) != frame_magic) {
        if (left() < 8) return cut_off();
        const auto length = load_le32(in.data() + at + 4);
        if (length > left() - 8) return cut_off();
        frame.size = 8 + std::size_t{length};
        frame.skippable = true;
        return frame;
    }
    at += 4;

    // Flags, block size, content size, dictionary id, header checksum.
    if (left() < 3) return cut_off();
    const auto flags = in[at];
    if (flags >> 6 != 1) return wrong("an unknown frame version");
    const bool block_checksums = flags & 0x10;
    const bool content_checksum = flags & 0x04;
    if (flags & 0x01) return wrong("a frame that needs a dictionary");
    ++at;
    const unsigned size_code = in[at] >> 4 & 7u;
    if (size_code < 4) return wrong("an invalid block size code");
    frame.largest_block = std::uint64_t{1} << (8 + 2 * size_code);
    ++at;
    if (flags & 0x08) {
        if (left() < 8) return cut_off();
        frame.declared = load_le64(in.data() + at);
        at += 8;
    }
    if (left() < 1) return cut_off();
    ++at;
    frame.header = at - begin;

    for (;;) {
        if (left() < 4) return cut_off();
        const auto word = load_le32(in.data() + at);
        if (word == 0) break;
        const bool stored = word >> 31;
        const std::size_t length = word & 0x7fffffffu;
        if (length > frame.largest_block)
            return wrong("a block of " + std::to_string(length) + " bytes where " +
                         std::to_string(frame.largest_block) + " are the most,");
        at += 4;
        const auto taken = length + (block_checksums ? 4u : 0u);
        if (left() < taken) return cut_off();
        at += taken;
        frame.possible += stored ? length : std::min(frame.largest_block, length * largest_ratio);
    }
    at += 4;
    if (content_checksum) {
        if (left() < 4) return cut_off();
        at += 4;
    }
    frame.size = at - begin;
    return frame;
}

// One step of the library: as much of `in` as it takes, into the end of `room`. Its result is 0 at
// the end of a frame.
std::size_t step(LZ4F_dctx* context, Bytes& in, std::span<std::uint8_t> room, Decoded& decoded) {
    auto taken = in.size();
    auto made = room.size() - decoded.produced;
    const auto result =
        LZ4F_decompress(context, room.data() + decoded.produced, &made, in.data(), &taken, nullptr);
    in = in.subspan(taken);
    decoded.produced += made;
    return result;
}

struct Decoder {
    std::unique_ptr<LZ4F_dctx, FreeContext> context;

    Decoded decode_all(Bytes in, std::span<std::uint8_t> room, bool check_header) {
        Decoded decoded;
        if (!context) {
            LZ4F_dctx* made = nullptr;
            if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION))) {
                decoded.failure = no_memory();
                return decoded;
            }
            context.reset(made);
        }
        bool keep = true;
        std::size_t at = 0;
        // What begins no frame is ignored behind a frame: Java stops reading at the end mark
        // (BI-90).
        while (begins_frame(in.subspan(at)) && !decoded.failure && !decoded.room_too_small) {
            const auto frame = outline(in, at);
            if (!frame) {
                decoded.failure = frame.failure();
                break;
            }
            keep = keep && frame->largest_block <= largest_kept_block;
            if (!frame->skippable) decode_frame(in, at, *frame, room, check_header, decoded);
            // The library's reset leaves what a frame had still to come of its declared size, and
            // the next frame is refused for it.
            if (frame->declared && (decoded.failure || decoded.room_too_small)) keep = false;
            at += frame->size;
        }
        if (!keep) context.reset();
        return decoded;
    }

private:
    void decode_frame(Bytes in, std::size_t at, const Outline& frame, std::span<std::uint8_t> room,
                      bool check_header, Decoded& decoded) {
        LZ4F_resetDecompressionContext(context.get());
        auto rest = in.subspan(at, frame.size);
        // Without a check the header is handed over with the checksum that it should have had.
        std::array<std::uint8_t, LZ4F_HEADER_SIZE_MAX> mended{};
        Bytes header;
        if (!check_header) {
            std::copy_n(rest.begin(), frame.header, mended.begin());
            const auto described = Bytes(mended).subspan(4, frame.header - 5);
            mended[frame.header - 1] =
                static_cast<std::uint8_t>(short_xxh32(described) >> 8 & 0xffu);
            header = Bytes(mended).first(frame.header);
            rest = rest.subspan(frame.header);
        }
        for (;;) {
            auto& source = header.empty() ? rest : header;
            const auto before = source.size();
            const auto produced_before = decoded.produced;
            const auto result = step(context.get(), source, room, decoded);
            const auto place = at + frame.size - rest.size();
            if (LZ4F_isError(result)) {
                decoded.failure = broken(name, LZ4F_getErrorName(result), place, in.size());
                return;
            }
            if (result == 0) {
                if (!rest.empty())
                    decoded.failure = broken(name, "a frame ends early", place, in.size());
                return;
            }
            if (source.size() == before && decoded.produced == produced_before) {
                if (decoded.produced == room.size())
                    decoded.room_too_small = true;
                else
                    decoded.failure = broken(name, "a frame does not end", place, in.size());
                return;
            }
        }
    }
};

// Kafka's levels (KIP-390) in liblz4's: 0 is its fast compressor, 3..12 the high-compression one.
int library_level(int level) {
    if (level == 9) return 0;
    return std::clamp(level, 3, 12);
}

}  // namespace

Failure lz4_compress(Bytes in, ByteBuffer& out, int level) {
    thread_local std::unique_ptr<LZ4F_cctx, FreeContext> context;
    if (!context) {
        LZ4F_cctx* made = nullptr;
        if (LZ4F_isError(LZ4F_createCompressionContext(&made, LZ4F_VERSION))) return no_memory();
        context.reset(made);
    }
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    preferences.frameInfo.contentChecksumFlag = LZ4F_noContentChecksum;
    preferences.compressionLevel = library_level(level);
    preferences.autoFlush = 1;  // from `in` straight to `out`, without a copy in the context

    const auto base = out.size();
    const auto bound = LZ4F_compressFrameBound(in.size(), &preferences);
    auto* const to = out.grow(bound);
    // Not LZ4F_compressFrame, which makes a context anew each time.
    std::size_t made = 0;
    const auto count = [&made](std::size_t result) {
        if (!LZ4F_isError(result)) made += result;
        return result;
    };
    auto result = count(LZ4F_compressBegin(context.get(), to, bound, &preferences));
    if (!LZ4F_isError(result))
        result = count(LZ4F_compressUpdate(context.get(), to + made, bound - made, in.data(),
                                           in.size(), nullptr));
    if (!LZ4F_isError(result))
        result = count(LZ4F_compressEnd(context.get(), to + made, bound - made, nullptr));
    if (LZ4F_isError(result))
        return {errc::compression_failed, std::string("lz4: ") + LZ4F_getErrorName(result)};
    out.truncate(base + made);
    return {};
}

Failure lz4_decompress(Bytes in, ByteBuffer& out, std::size_t max_output, bool check_header) {
    std::uint64_t declared = 0;
    std::uint64_t possible = 0;
    std::uint64_t expected = 0;
    Failure lie;
    std::size_t at = 0;
    do {
        const auto frame = outline(in, at);
        if (!frame) return frame.failure();
        possible += frame->possible;
        if (frame->declared) {
            if (*frame->declared > max_output - declared)
                return above_limit(name, max_output, *frame->declared);
            declared += *frame->declared;
            expected += *frame->declared;
            if (!lie && *frame->declared > frame->possible)
                lie = broken(name,
                             "a frame that declares " + std::to_string(*frame->declared) +
                                 " bytes, of blocks that hold at most " +
                                 std::to_string(frame->possible) + ", begins",
                             at, in.size());
        } else {
            expected += std::min<std::uint64_t>(frame->possible, frame->size * 4);
        }
        at += frame->size;
    } while (begins_frame(in.subspan(at)));
    if (lie) return lie;

    thread_local Decoder decoder;
    const RoomPlan plan{name, static_cast<std::size_t>(expected), possible, max_output};
    return decode_into(out, plan, [&](std::span<std::uint8_t> room) {
        return decoder.decode_all(in, room, check_header);
    });
}

}  // namespace kafka::codec

#else

namespace kafka::codec {

// Never called: codec.cpp asks available() first.
Failure lz4_compress(Bytes, ByteBuffer&, int) {
    return {errc::unsupported_codec};
}
Failure lz4_decompress(Bytes, ByteBuffer&, std::size_t, bool) {
    return {errc::unsupported_codec};
}

}  // namespace kafka::codec

#endif
