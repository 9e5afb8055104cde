// SPDX-License-Identifier: Apache-2.0
// The request side of a connection: fields are taken as they arrive, so that record data need
// never be in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "socket.hpp"

namespace yardstick {

class Input {
public:
    explicit Input(Socket& socket) : socket_(socket) {}

    /// Reads the length of the next request.
    void next_frame();
    /// Bytes of the request that were not taken yet.
    [[nodiscard]] std::size_t left() const { return left_; }

    // All throw Gone, also where the request ends too early.
    std::int16_t i16();
    std::int32_t i32();
    std::uint32_t varint();
    void take(std::span<std::uint8_t> into);
    std::vector<std::uint8_t> rest();
    void skip(std::size_t count);
    /// The next `count` (at most 256) bytes, which stay.
    std::span<const std::uint8_t> peek(std::size_t count);

    /// The length of a string or array; -1 for null.
    std::int32_t string_length(bool flexible);
    std::int32_t length(bool flexible);
    void skip_tags();

private:
    void need(std::size_t count);
    void use(std::size_t count);

    Socket& socket_;
    // Small: what is read together with a batch's header is copied, what is skipped is not.
    std::array<std::uint8_t, 4096> buffer_{};
    std::size_t begin_ = 0, end_ = 0;
    std::size_t left_ = 0;
};

}  // namespace yardstick
