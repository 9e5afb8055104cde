// SPDX-License-Identifier: Apache-2.0
// Cuts what a client sends into requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include <kafka/slice.hpp>

namespace kafka::testing {

/// Memory grows as bytes arrive, whatever a length says; requests that came in one read share
/// their memory.
class FrameCutter {
public:
    explicit FrameCutter(std::size_t max_frame) : max_frame_(max_frame) {}

    /// Where the next bytes go; never empty.
    [[nodiscard]] std::span<std::uint8_t> space();
    /// So many bytes were put there. Appends the requests that are whole now, without their
    /// lengths. Returns what is wrong with a length, or nothing; the connection is then lost.
    [[nodiscard]] std::string took(std::size_t count, std::deque<Slice>& frames);

private:
    std::size_t max_frame_;
    ByteBuffer buffer_;  // grown to hold the space that was handed out
    std::size_t filled_ = 0;
};

}  // namespace kafka::testing
