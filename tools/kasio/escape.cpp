// SPDX-License-Identifier: Apache-2.0
#include "escape.hpp"

#include <kafka/error.hpp>

namespace kasio {

namespace {

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

kafka::Failure bad_escape(std::string_view what, std::size_t at) {
    return {kafka::errc::invalid_argument,
            std::string(what) + " at character " + std::to_string(at + 1)};
}

}  // namespace

kafka::Result<char> read_escape(std::string_view text, std::size_t& at) {
    const auto start = at++;
    if (at == text.size()) return bad_escape("a backslash without its character", start);
    const char kind = text[at++];
    switch (kind) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case '0':
            return '\0';
        case '\\':
            return '\\';
        case 'x':
            break;
        default:
            return bad_escape(std::string("the unknown escape \\") + kind, start);
    }
    int value = -1;
    for (int digits = 0; digits < 2 && at < text.size(); ++digits) {
        const int digit = hex_value(text[at]);
        if (digit < 0) break;
        value = (value < 0 ? 0 : value * 16) + digit;
        ++at;
    }
    if (value < 0) return bad_escape("\\x without hexadecimal digits", start);
    return static_cast<char>(value);
}

kafka::Result<std::string> unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\\') {
            out += text[at++];
            continue;
        }
        const auto c = read_escape(text, at);
        if (!c) return c.failure();
        out += *c;
    }
    return out;
}

}  // namespace kasio
