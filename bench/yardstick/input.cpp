// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <algorithm>
#include <cstring>

#include "base/big_endian.hpp"

namespace yardstick {

void Input::need(std::size_t count) {
    if (count > left_) throw Gone{"a request ends before its last field"};
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.size() - begin_ < count) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    while (end_ - begin_ < count)
        end_ += socket_.read_some(std::span(buffer_).subspan(end_));
}

void Input::use(std::size_t count) {
    begin_ += count;
    left_ -= count;
}

void Input::next_frame() {
    constexpr std::int32_t largest = 1 << 30;
    left_ = 4;
    const auto size = i32();
    if (size < 8 || size > largest) throw Gone{"a request of " + std::to_string(size) + " bytes"};
    left_ = static_cast<std::size_t>(size);
}

std::int16_t Input::i16() {
    need(2);
    const auto value = static_cast<std::int16_t>(buffer_[begin_] << 8 | buffer_[begin_ + 1]);
    use(2);
    return value;
}

std::int32_t Input::i32() {
    need(4);
    const auto value = kafka::load_big<std::uint32_t>(buffer_.data() + begin_);
    use(4);
    return static_cast<std::int32_t>(value);
}

std::uint32_t Input::varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        need(1);
        const auto byte = buffer_[begin_];
        use(1);
        value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return value;
    }
    throw Gone{"a varint of more than five bytes"};
}

void Input::take(std::span<std::uint8_t> into) {
    if (into.size() > left_) throw Gone{"a request ends before its last field"};
    const auto here = std::min(into.size(), end_ - begin_);
    if (here > 0) std::memcpy(into.data(), buffer_.data() + begin_, here);
    use(here);
    left_ -= into.size() - here;
    socket_.read(into.subspan(here));
}

std::vector<std::uint8_t> Input::rest() {
    std::vector<std::uint8_t> bytes(left_);
    take(bytes);
    return bytes;
}

void Input::skip(std::size_t count) {
    if (count > left_) throw Gone{"a request ends before its last field"};
    const auto here = std::min(count, end_ - begin_);
    use(here);
    left_ -= count - here;
    socket_.discard(count - here);
}

std::span<const std::uint8_t> Input::peek(std::size_t count) {
    need(count);
    return {buffer_.data() + begin_, count};
}

std::int32_t Input::string_length(bool flexible) {
    return flexible ? static_cast<std::int32_t>(varint()) - 1 : i16();
}

std::int32_t Input::length(bool flexible) {
    return flexible ? static_cast<std::int32_t>(varint()) - 1 : i32();
}

void Input::skip_tags() {
    for (auto count = varint(); count > 0; --count) {
        varint();
        skip(varint());
    }
}

}  // namespace yardstick
