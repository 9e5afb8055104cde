// SPDX-License-Identifier: Apache-2.0
// Cuts the bytes of a connection into frames: a length of four bytes, then that many bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <kafka/error.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

namespace kafka::core {

class FrameBuffer;

/// Says where the next bytes go, takes them, gives complete frames. A frame that does not fit the
/// loop buffer is read straight into memory of its own, which grows as bytes arrive. Nothing is
/// reserved for a length above the limit.
class FrameReader {
public:
    /// Small frames share this many bytes of buffer (and a read brings at most that many).
    static constexpr std::size_t loop_size = 64 * 1024;
    /// How far the memory of a large frame may run ahead of the bytes that have arrived.
    static constexpr std::size_t ahead = 1024 * 1024;

    explicit FrameReader(std::size_t max_frame) : max_frame_(max_frame) {}
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;
    ~FrameReader();

    /// Holds from the next frame on.
    void set_max_frame(std::size_t max_frame) noexcept { max_frame_ = max_frame; }

    /// Where the next bytes go; never empty. Valid until the next call. May throw bad_alloc.
    [[nodiscard]] std::span<std::uint8_t> space();
    /// `count` bytes were put at the start of space(): then call next() until it has no more.
    void took(std::size_t count) noexcept;

    /// The next complete frame, without its length, that owns its memory. False: more bytes are
    /// needed, or `failure` is set (frame_too_large, malformed_frame, not_kafka) and the
    /// connection is of no use any more.
    [[nodiscard]] bool next(Slice& frame, Failure& failure);
    /// The same, but the frame may be lent: without an owner, it is good until space() is called.
    [[nodiscard]] bool lend(Slice& frame, Failure& failure);

    /// Bytes of an incomplete frame that have arrived, its length included.
    [[nodiscard]] std::size_t pending() const noexcept;
    /// "inside a frame, after 17 of 4096 bytes", or empty between frames.
    [[nodiscard]] std::string place() const;

private:
    [[nodiscard]] Failure complaint(std::int32_t length) const;
    void compact() noexcept;

    std::size_t max_frame_;
    ByteBuffer loop_;  // its first end_ bytes hold data from begin_ on
    std::size_t begin_ = 0, end_ = 0;
    FrameBuffer* large_ = nullptr;
    bool any_ = false;  // a frame's length has passed the check
};

}  // namespace kafka::core
