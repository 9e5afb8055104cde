// SPDX-License-Identifier: Apache-2.0
// Bytes of an answer, written by hand: the two hot APIs only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace yardstick {

class Output {
public:
    explicit Output(std::vector<std::uint8_t>& bytes, bool flexible)
        : bytes_(bytes), flexible_(flexible) {}

    template <class Integer>
    void number(std::type_identity_t<Integer> value) {
        const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
        for (std::size_t i = sizeof(Integer); i-- > 0;)
            bytes_.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
    }
    void i16(std::int16_t value) { number<std::int16_t>(value); }
    void i32(std::int32_t value) { number<std::int32_t>(value); }
    void i64(std::int64_t value) { number<std::int64_t>(value); }
    void varint(std::uint32_t value) {
        for (; value >= 0x80; value >>= 7)
            bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
        bytes_.push_back(static_cast<std::uint8_t>(value));
    }
    /// Of an array or of bytes; -1 is null.
    void length(std::int32_t count) {
        flexible_ ? varint(static_cast<std::uint32_t>(count + 1)) : i32(count);
    }
    void string_length(std::int32_t count) {
        flexible_ ? varint(static_cast<std::uint32_t>(count + 1))
                  : i16(static_cast<std::int16_t>(count));
    }
    void raw(std::span<const std::uint8_t> from) {
        bytes_.insert(bytes_.end(), from.begin(), from.end());
    }
    void no_tags() {
        if (flexible_) bytes_.push_back(0);
    }

private:
    std::vector<std::uint8_t>& bytes_;
    bool flexible_;
};

/// Puts the length of everything behind it into the first four bytes.
inline void set_frame_length(std::vector<std::uint8_t>& frame, std::size_t total) {
    const auto length = static_cast<std::uint32_t>(total - 4);
    for (std::size_t i = 0; i < 4; ++i)
        frame[i] = static_cast<std::uint8_t>(length >> (8 * (3 - i)));
}

}  // namespace yardstick
