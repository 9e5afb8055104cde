// SPDX-License-Identifier: Apache-2.0
#include "format.hpp"

#include <charconv>
#include <cstddef>
#include <utility>

#include <kafka/error.hpp>

#include "encoding.hpp"
#include "escape.hpp"

namespace kasio {

namespace {

using kafka::protocol::BytesView;
using kafka::protocol::RecordHeaders;
using kafka::protocol::TimestampType;

constexpr std::string_view letters = "sSRkKThtpo";

void append_number(std::int64_t value, std::string& out) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

std::int64_t length_of(const BytesView& bytes) noexcept {
    return bytes.null() ? -1 : static_cast<std::int64_t>(bytes.size());
}

void append_binary_length(const BytesView& bytes, std::string& out) {
    const auto length = static_cast<std::uint32_t>(length_of(bytes));
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(length >> shift & 255U);
}

void append_headers(const RecordHeaders& headers, std::string& out) {
    bool first = true;
    for (const auto& header : headers) {
        if (!std::exchange(first, false)) out += ',';
        out += header.key;
        out += '=';
        out += header.value.null() ? std::string_view("NULL") : header.value.text();
    }
}

std::string_view name_of(TimestampType type) noexcept {
    switch (type) {
        case TimestampType::create:
            return "create";
        case TimestampType::log_append:
            return "log_append";
        default:
            return "none";
    }
}

// `"name":"text"`, or `"name_base64":"..."`.
void append_member(std::string_view name, const BytesView& bytes, std::string& out) {
    out += '"';
    out += name;
    if (bytes.null()) {
        out += "\":null";
    } else if (is_utf8(bytes.text())) {
        out += "\":";
        append_json_string(bytes.text(), out);
    } else {
        out += "_base64\":\"";
        out += to_base64(bytes.text());
        out += '"';
    }
}

}  // namespace

void Format::add_text(char c) {
    if (pieces_.empty() || pieces_.back().letter) pieces_.emplace_back();
    pieces_.back().text += c;
}

kafka::Result<Format> Format::parse(std::string_view text) {
    Format format;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\\') {
            const auto c = read_escape(text, at);
            if (!c) {
                return kafka::Failure(c.failure().code, "format: " + c.failure().detail);
            }
            format.add_text(*c);
        } else if (text[at] != '%') {
            format.add_text(text[at++]);
        } else {
            const auto place = " at character " + std::to_string(++at);
            if (at == text.size()) {
                return kafka::Failure(kafka::errc::invalid_argument,
                                      "format: a % without its letter" + place);
            }
            const char letter = text[at++];
            if (letter == '%') {
                format.add_text('%');
            } else if (letters.find(letter) != std::string_view::npos) {
                format.pieces_.push_back({letter, {}});
            } else {
                const bool shown = letter > ' ' && letter < '\x7f';
                return kafka::Failure(kafka::errc::invalid_argument,
                                      "format: unknown letter" +
                                          (shown ? std::string(" %") + letter : std::string()) +
                                          place);
            }
        }
    }
    return format;
}

Format Format::lines(std::string_view delimiter, const std::string* key_separator) {
    Format format;
    if (key_separator) {
        format.pieces_.push_back({'k', {}});
        for (const char c : *key_separator)
            format.add_text(c);
    }
    format.pieces_.push_back({'s', {}});
    for (const char c : delimiter)
        format.add_text(c);
    return format;
}

void Format::append(const Shown& shown, std::string& out) const {
    const auto& record = *shown.record;
    for (const auto& piece : pieces_) {
        switch (piece.letter) {
            case 's':
                out += record.value.null() ? null_text_ : record.value.text();
                break;
            case 'S':
                append_number(length_of(record.value), out);
                break;
            case 'R':
                append_binary_length(record.value, out);
                break;
            case 'k':
                out += record.key.null() ? null_text_ : record.key.text();
                break;
            case 'K':
                append_number(length_of(record.key), out);
                break;
            case 'T':
                append_number(record.timestamp, out);
                break;
            case 'h':
                append_headers(record.headers, out);
                break;
            case 't':
                out += shown.topic;
                break;
            case 'p':
                append_number(shown.partition, out);
                break;
            case 'o':
                append_number(record.offset, out);
                break;
            default:
                out += piece.text;
        }
    }
}

void append_json_string(std::string_view text, std::string& out) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    std::size_t copied = 0;  // runs of plain characters are copied in one go
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        // DEL is legal in JSON, but does no good on a terminal.
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
        out += text.substr(copied, i - copied);
        copied = i + 1;
        out += '\\';
        switch (c) {
            case '"':
                out += '"';
                break;
            case '\\':
                out += '\\';
                break;
            case '\n':
                out += 'n';
                break;
            case '\r':
                out += 'r';
                break;
            case '\t':
                out += 't';
                break;
            default:
                out += "u00";
                out += hex[c >> 4];
                out += hex[c & 15U];
        }
    }
    out += text.substr(copied);
    out += '"';
}

void append_json(const Shown& shown, std::string& out) {
    const auto& record = *shown.record;
    out += "{\"topic\":";
    append_json_string(shown.topic, out);
    out += ",\"partition\":";
    append_number(shown.partition, out);
    out += ",\"offset\":";
    append_number(record.offset, out);
    out += ",\"timestamp\":";
    if (record.timestamp_type == TimestampType::none) {
        out += "null";
    } else {
        append_number(record.timestamp, out);
    }
    out += ",\"timestamp_type\":\"";
    out += name_of(record.timestamp_type);
    out += "\",";
    append_member("key", record.key, out);
    out += ',';
    append_member("value", record.value, out);
    out += ",\"headers\":[";
    bool first = true;
    for (const auto& header : record.headers) {
        out += std::exchange(first, false) ? "{" : ",{";
        append_member("key", BytesView(header.key), out);
        out += ',';
        append_member("value", header.value, out);
        out += '}';
    }
    out += "]}\n";
}

std::string_view format_help() noexcept {
    return "Format letters (-f), kcat's:\n"
           "  %s  value           %S  its length (-1: null)   %R  length, 4 bytes, big-endian\n"
           "  %k  key             %K  its length (-1: null)   %h  headers (name=value,...)\n"
           "  %t  topic           %p  partition               %o  offset\n"
           "  %T  timestamp, milliseconds since 1970          %%  a percent sign\n"
           "  \\n \\r \\t \\0 \\\\ \\xNN   characters\n";
}

}  // namespace kasio
