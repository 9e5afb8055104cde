// SPDX-License-Identifier: Apache-2.0
#include "base/escape.hpp"

#include <algorithm>
#include <cstdint>

namespace kafka {
namespace {

struct Character {
    std::size_t size;    ///< in bytes, at least 1
    std::uint32_t code;  ///< only when valid
    bool valid;
};

/// The first character of `text`, which is not empty. What RFC 3629 forbids (overlong forms,
/// surrogates, above U+10FFFF, cut short) is one invalid byte.
Character first_character(std::string_view text) noexcept {
    const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    constexpr Character invalid{1, 0, false};
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return {1, lead, true};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return invalid;
    std::uint32_t code = lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return invalid;
        code = code << 6 | (byte(i) & 0x3fU);
    }
    const std::uint32_t lowest = size == 4 ? 0x10000 : size == 3 ? 0x800 : 0x80;
    if (code < lowest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return invalid;
    return {size, code, true};
}

bool is_control(std::uint32_t code) noexcept {
    const auto between = [code](std::uint32_t low, std::uint32_t high) {
        return code >= low && code <= high;
    };
    return code < 0x20 || between(0x7f, 0x9f) || code == 0x061c || between(0x200e, 0x200f) ||
           between(0x2028, 0x202e) || between(0x2066, 0x2069);
}

}  // namespace

std::string escaped(std::string_view text, std::size_t max) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view mark = "...";
    std::string out;
    std::size_t cut_at = 0;  // how much of `out` can stay if the mark has to follow
    while (!text.empty()) {
        const auto c = first_character(text);
        const bool plain = c.valid && !is_control(c.code);
        if (c.size * (plain ? 1 : 4) > max - out.size()) {
            out.resize(cut_at);
            return out.append(mark.substr(0, std::min(max, mark.size())));
        }
        if (plain) {
            out.append(text.substr(0, c.size));
        } else {
            for (const char byte : text.substr(0, c.size)) {
                const auto value = static_cast<std::uint8_t>(byte);
                out.append("\\x");
                out.push_back(digits[value >> 4]);
                out.push_back(digits[value & 15]);
            }
        }
        if (out.size() + mark.size() <= max) cut_at = out.size();
        text.remove_prefix(c.size);
    }
    return out;
}

}  // namespace kafka
