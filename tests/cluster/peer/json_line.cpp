// SPDX-License-Identifier: Apache-2.0
#include "json_line.hpp"

#include <cstdio>

namespace kafka::peer {
namespace {

std::string quoted(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    return out += '"';
}

}  // namespace

std::int64_t milliseconds_of(Clock::time_point at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

JsonLine& JsonLine::add(std::string_view name, std::string_view text) {
    return raw(name, quoted(text));
}

JsonLine& JsonLine::raw(std::string_view name, std::string_view json) {
    text_ += text_.empty() ? "{" : ", ";
    text_ += quoted(name);
    text_ += ": ";
    text_ += json;
    return *this;
}

void JsonLine::print() const {
    std::printf("%s\n", text().c_str());
    std::fflush(stdout);
}

}  // namespace kafka::peer
