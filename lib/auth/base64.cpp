// SPDX-License-Identifier: Apache-2.0
#include "auth/base64.hpp"

namespace kafka::auth {
namespace {

constexpr std::string_view standard_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string_view digits_of(Base64 form) {
    return form == Base64::url ? url_digits : standard_digits;
}

template <class Put>
void write(std::span<const std::uint8_t> bytes, Base64 form, Put put) {
    const auto digits = digits_of(form);
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::size_t written = 0;
    const auto digit = [&](std::uint32_t value) {
        put(digits[value & 63]);
        ++written;
    };
    for (const auto byte : bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6;) {
            count -= 6;
            digit(bits >> count);
        }
    }
    if (count) digit(bits << (6 - count));
    if (form == Base64::standard) {
        for (; written % 4 != 0; ++written)
            put('=');
    }
}

}  // namespace

void append_base64(std::string& out, std::span<const std::uint8_t> bytes, Base64 form) {
    write(bytes, form, [&](char c) { out.push_back(c); });
}

void append_base64(Secret& out, std::span<const std::uint8_t> bytes, Base64 form) {
    write(bytes, form, [&](char c) { out.append(c); });
}

std::string base64(std::span<const std::uint8_t> bytes, Base64 form) {
    std::string text;
    append_base64(text, bytes, form);
    return text;
}

std::optional<Secret> read_base64(std::string_view text, Base64 form) {
    if (form == Base64::standard) {
        if (text.size() % 4 != 0) return std::nullopt;
        for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
            text.remove_suffix(1);
    }
    if (text.size() % 4 == 1) return std::nullopt;
    const auto digits = digits_of(form);
    Secret bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto value = digits.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.append(static_cast<char>(bits >> count & 0xff));
        }
    }
    if (bits & ((1u << count) - 1)) return std::nullopt;
    return bytes;
}

}  // namespace kafka::auth
