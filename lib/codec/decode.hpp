// SPDX-License-Identifier: Apache-2.0
// What the decoders share: an input they can walk, words for errors, and room that grows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <kafka/error.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::codec {

using Bytes = std::span<const std::uint8_t>;

inline std::uint32_t load_le32(const std::uint8_t* p) noexcept {
    return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
           std::uint32_t{p[3]} << 24;
}
inline std::uint64_t load_le64(const std::uint8_t* p) noexcept {
    return load_le32(p) | std::uint64_t{load_le32(p + 4)} << 32;
}

/// "CODEC: WHAT at byte AT of SIZE" as decompression_failed.
[[nodiscard]] Failure broken(std::string_view codec, std::string_view what, std::size_t at,
                             std::size_t size);
/// The failure of a stream whose decompressed form is above the limit. `declared` is what the
/// stream says of itself, 0 if it does not.
[[nodiscard]] Failure above_limit(std::string_view codec, std::size_t max_output,
                                  std::uint64_t declared = 0);
/// A context that could not be made.
[[nodiscard]] Failure no_memory();

/// What a decoder made of its input in the room it was given.
struct Decoded {
    std::size_t produced = 0;
    bool room_too_small = false;
    Failure failure;
};

/// How much room to give a decoder.
struct RoomPlan {
    std::string_view codec;
    std::size_t expected;    ///< a guess, or what the stream declares
    std::uint64_t possible;  ///< what the input's bytes can become at the very most
    std::size_t max_output;  ///< the caller's limit
};

/// Makes at least `room` bytes of capacity behind out's content. Where there is no content the old
/// memory goes first, so that the two never exist together.
void make_room(ByteBuffer& out, std::size_t room);

/// Calls decode(room) with rooms of growing size, from the expected one up to the possible or
/// permitted one, until its output fits. Each try starts at the beginning of the input: that costs
/// at most a third more work (only when the guess was wrong), and it spares the second copy of the
/// output that growing in place would need, which is what keeps memory below the limit.
template <class Decode>
Failure decode_into(ByteBuffer& out, const RoomPlan& plan, Decode decode) {
    const auto base = out.size();
    const auto ceiling =
        static_cast<std::size_t>(std::min<std::uint64_t>(plan.possible, plan.max_output));
    auto room = std::min(std::max(plan.expected, out.capacity() - base), ceiling);
    for (;;) {
        make_room(out, room);
        Decoded decoded = decode(std::span(out.grow(room), room));
        out.truncate(base + decoded.produced);
        if (decoded.failure) return std::move(decoded.failure);
        if (!decoded.room_too_small) return {};
        out.truncate(base);
        if (room == ceiling) {
            if (ceiling == plan.max_output) return above_limit(plan.codec, plan.max_output);
            return {errc::decompression_failed,
                    std::string(plan.codec) + ": more output than the input can hold"};
        }
        room = room > ceiling / 4 ? ceiling : std::max<std::size_t>(room * 4, 4096);
        room = std::min(room, ceiling);
    }
}

}  // namespace kafka::codec
