// SPDX-License-Identifier: Apache-2.0
#include "testing/frame_cutter.hpp"

#include <algorithm>
#include <utility>

namespace kafka::testing {
namespace {

constexpr std::size_t prefix = 4;
constexpr std::size_t smallest_read = 16 * 1024;
constexpr std::size_t ahead = 1024 * 1024;

std::int64_t read_length(const std::uint8_t* at) {
    return static_cast<std::int32_t>((std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) |
                                     (std::uint32_t{at[2]} << 8) | at[3]);
}

}  // namespace

std::span<std::uint8_t> FrameCutter::space() {
    buffer_.truncate(filled_);
    std::size_t wanted = smallest_read;
    if (filled_ >= prefix) {
        // took() has checked the length of an incomplete frame.
        const auto whole = prefix + static_cast<std::size_t>(read_length(buffer_.data()));
        wanted = std::max(smallest_read, std::min(whole - filled_, ahead));
    }
    auto* at = buffer_.grow(wanted);
    return {at, wanted};
}

std::string FrameCutter::took(std::size_t count, std::deque<Slice>& frames) {
    filled_ += count;
    std::size_t end = 0;  // of the last whole frame
    std::deque<std::pair<std::size_t, std::size_t>> found;
    while (filled_ - end >= prefix) {
        const auto length = read_length(buffer_.data() + end);
        if (length < 0 || static_cast<std::uint64_t>(length) > max_frame_) {
            return "length " + std::to_string(length) + ", limit " + std::to_string(max_frame_);
        }
        const auto size = static_cast<std::size_t>(length);
        if (filled_ - end - prefix < size) break;
        found.emplace_back(end + prefix, size);
        end += prefix + size;
    }
    if (found.empty()) return {};
    ByteBuffer rest;
    rest.append(buffer_.data() + end, filled_ - end);
    filled_ -= end;
    const auto all = std::move(buffer_).release();
    buffer_ = std::move(rest);
    for (const auto& [at, size] : found)
        frames.push_back(all.part(at, size));
    return {};
}

}  // namespace kafka::testing
