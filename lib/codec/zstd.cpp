// SPDX-License-Identifier: Apache-2.0
// zstd (RFC 8878). Frames are decoded whole, straight into the output: the streaming interface
// would need a window of up to 128 MiB beside it. The library checks no window then, and takes the
// room it is given at its word; so the frames' outlines are read here first.
#include "codec/codecs.hpp"

#if KAFKA_HAVE_ZSTD

#include <memory>
#include <optional>

#include <zstd.h>
#include <zstd_errors.h>

namespace kafka::codec {
namespace {

constexpr std::string_view name = "zstd";
constexpr std::uint32_t frame_magic = 0xfd2fb528;
constexpr std::uint32_t skippable_magic = 0x184d2a50;  // and the 15 after it
// What every decoder must take by default; the highest level of Java's writer uses just this.
constexpr std::uint64_t largest_window = std::uint64_t{1} << 27;
constexpr std::uint64_t largest_block = std::uint64_t{1} << 17;
// A thread keeps its contexts; one that a high level has blown up is given back.
constexpr std::size_t largest_kept_context = std::size_t{16} << 20;

struct FreeContext {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
    void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
};

// A frame as its headers tell it, without decoding.
struct Outline {
    std::size_t size = 0;                   ///< in bytes of the input
    std::optional<std::uint64_t> declared;  ///< the frame's content size
    std::uint64_t possible = 0;             ///< what its blocks can hold at most
    bool skippable = false;
};

Result<Outline> outline(Bytes in, std::size_t begin) {
    std::size_t at = begin;
    const auto left = [&] { return in.size() - at; };
    const auto wrong = [&](std::string_view what) { return broken(name, what, at, in.size()); };
    const auto cut_off = [&] {
        return broken(name, "the stream is cut off", in.size(), in.size());
    };

    if (left() < 4) return wrong("too few bytes for a frame");
    const auto magic = load_le32(in.data() + at);
    if ((magic & 0xfffffff0u) == skippable_magic) {
        if (left() < 8) return cut_off();
        const auto length = load_le32(in.data() + at + 4);
        if (length > left() - 8) return cut_off();
        return Outline{8 + std::size_t{length}, std::nullopt, 0, true};
    }
    if (magic != frame_magic) return wrong("bytes that begin no frame");
    at += 4;

    // Frame header: descriptor, window, dictionary id, content size (RFC 8878, 3.1.1.1).
    if (left() < 1) return cut_off();
    const auto descriptor = in[at++];
    const bool single_segment = descriptor & 0x20;
    std::uint64_t window = 0;
    if (!single_segment) {
        if (left() < 1) return cut_off();
        const std::uint64_t unit = std::uint64_t{1} << (10 + (in[at] >> 3));
        window = unit + unit / 8 * (in[at] & 7u);
        if (window > largest_window)
            return wrong("a window of " + std::to_string(window) + " bytes, the limit is " +
                         std::to_string(largest_window) + ",");
        ++at;
    }
    constexpr std::size_t dictionary_id_sizes[] = {0, 1, 2, 4};
    const auto dictionary_id_size = dictionary_id_sizes[descriptor & 3u];
    if (left() < dictionary_id_size) return cut_off();
    at += dictionary_id_size;

    Outline frame;
    const unsigned size_code = descriptor >> 6;
    const std::size_t declared_size =
        size_code ? std::size_t{1} << size_code : (single_segment ? 1 : 0);
    if (left() < declared_size) return cut_off();
    const auto* p = in.data() + at;
    switch (declared_size) {
        case 1:
            frame.declared = *p;
            break;
        // Two bytes are for what one byte cannot say, hence the offset.
        case 2:
            frame.declared = 256u + (std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8);
            break;
        case 4:
            frame.declared = load_le32(p);
            break;
        case 8:
            frame.declared = load_le64(p);
            break;
        default:
            break;
    }
    at += declared_size;
    if (single_segment) window = *frame.declared;

    // Blocks: 3 bytes of header with "last", a type and a size (3.1.1.2).
    const auto block_limit = std::min(window, largest_block);
    for (bool last = false; !last;) {
        if (left() < 3) return cut_off();
        const auto header = std::uint32_t{in[at]} | std::uint32_t{in[at + 1]} << 8 |
                            std::uint32_t{in[at + 2]} << 16;
        last = header & 1u;
        const auto type = (header >> 1) & 3u;
        const std::size_t length = header >> 3;
        constexpr unsigned raw = 0, repeated = 1, reserved = 3;
        if (type == reserved) return wrong("a block of the reserved type");
        if ((type != repeated && length > largest_block) || (type != 2 && length > block_limit))
            return wrong("a block larger than a block may be");
        at += 3;
        const std::size_t taken = type == repeated ? 1 : length;
        if (left() < taken) return cut_off();
        at += taken;
        frame.possible += type == raw || type == repeated ? length : block_limit;
    }
    if (descriptor & 4u) {  // a checksum of the content
        if (left() < 4) return cut_off();
        at += 4;
    }
    frame.size = at - begin;
    return frame;
}

Decoded decode_all(Bytes in, std::span<std::uint8_t> room) {
    thread_local std::unique_ptr<ZSTD_DCtx, FreeContext> context;
    if (!context) context.reset(ZSTD_createDCtx());
    Decoded decoded;
    if (!context) {
        decoded.failure = no_memory();
        return decoded;
    }
    for (std::size_t at = 0; at < in.size();) {
        auto frame = outline(in, at);
        if (!frame) {
            decoded.failure = frame.take_failure();
            return decoded;
        }
        if (!frame->skippable) {
            const auto made =
                ZSTD_decompressDCtx(context.get(), room.data() + decoded.produced,
                                    room.size() - decoded.produced, in.data() + at, frame->size);
            if (ZSTD_isError(made)) {
                const auto code = ZSTD_getErrorCode(made);
                if (code == ZSTD_error_dstSize_tooSmall)
                    decoded.room_too_small = true;
                else if (code == ZSTD_error_memory_allocation)
                    decoded.failure = no_memory();
                else
                    decoded.failure = broken(
                        name, std::string(ZSTD_getErrorName(made)) + " in the frame that begins",
                        at, in.size());
                return decoded;
            }
            decoded.produced += made;
        }
        at += frame->size;
    }
    return decoded;
}

}  // namespace

Failure zstd_compress(Bytes in, ByteBuffer& out, int level) {
    thread_local std::unique_ptr<ZSTD_CCtx, FreeContext> context;
    if (!context) context.reset(ZSTD_createCCtx());
    if (!context) return no_memory();
    const auto base = out.size();
    const auto bound = ZSTD_compressBound(in.size());
    auto* to = out.grow(bound);
    const auto made = ZSTD_compressCCtx(context.get(), to, bound, in.data(), in.size(), level);
    if (ZSTD_isError(made)) {
        if (ZSTD_getErrorCode(made) == ZSTD_error_memory_allocation) return no_memory();
        return {errc::compression_failed, std::string("zstd: ") + ZSTD_getErrorName(made)};
    }
    out.truncate(base + made);
    if (ZSTD_sizeof_CCtx(context.get()) > largest_kept_context) context.reset();
    return {};
}

Failure zstd_decompress(Bytes in, ByteBuffer& out, std::size_t max_output) {
    std::uint64_t declared = 0;
    std::uint64_t possible = 0;
    std::uint64_t expected = 0;
    Failure lie;
    for (std::size_t at = 0; at < in.size();) {
        const auto frame_at = at;
        auto frame = outline(in, at);
        if (!frame) return frame.take_failure();
        at += frame->size;
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
                             frame_at, in.size());
        } else {
            expected += std::min<std::uint64_t>(frame->possible, frame->size * 8);
        }
    }
    if (lie) return lie;
    const RoomPlan plan{name, static_cast<std::size_t>(std::min<std::uint64_t>(expected, possible)),
                        possible, max_output};
    return decode_into(out, plan,
                       [in](std::span<std::uint8_t> room) { return decode_all(in, room); });
}

}  // namespace kafka::codec

#else

namespace kafka::codec {

// Never called: codec.cpp asks available() first.
Failure zstd_compress(Bytes, ByteBuffer&, int) {
    return {errc::unsupported_codec};
}
Failure zstd_decompress(Bytes, ByteBuffer&, std::size_t) {
    return {errc::unsupported_codec};
}

}  // namespace kafka::codec

#endif
