// SPDX-License-Identifier: Apache-2.0
// Java's .properties files.
#include <cerrno>
#include <cstdio>
#include <memory>

#include <kafka/properties.hpp>

#include "base/escape.hpp"
#include "client/property_table.hpp"

namespace kafka {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

bool blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\f';
}

// Cuts text into logical lines and these into names and values.
class Reader {
public:
    Reader(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    }

    Result<Properties> read() {
        Properties all;
        while (next_line()) {
            const auto line = std::string_view(line_);
            if (line.empty()) continue;
            std::size_t end = 0;
            while (end < line.size() && !blank(line[end]) && line[end] != '=' && line[end] != ':')
                end += line[end] == '\\' && end + 1 < line.size() ? 2 : 1;
            auto value = end;
            while (value < line.size() && blank(line[value]))
                ++value;
            if (value < line.size() && (line[value] == '=' || line[value] == ':')) ++value;
            while (value < line.size() && blank(line[value]))
                ++value;
            Property property;
            property.origin = origin_.empty() ? "line " : std::string(origin_) + ':';
            property.origin += std::to_string(first_);
            if (!unescape(line.substr(0, end), property.name) ||
                !unescape(line.substr(value), property.value))
                return Failure(errc::invalid_argument, escaped(property.origin) +
                                                           ": \\u is not followed by a character's "
                                                           "four hexadecimal digits");
            all.push_back(std::move(property));
        }
        return all;
    }

private:
    // One line of the file, without its end.
    std::string_view take_natural() {
        const auto end = text_.find_first_of("\r\n");
        const auto line = text_.substr(0, end);
        text_.remove_prefix(line.size());
        if (text_.starts_with("\r\n")) {
            text_.remove_prefix(2);
        } else if (!text_.empty()) {
            text_.remove_prefix(1);
        }
        ++number_;
        return line;
    }

    // Several, where an odd number of backslashes stands at the end. Comments are not continued,
    // and blanks at the front do not count.
    bool next_line() {
        if (text_.empty()) return false;
        line_.clear();
        first_ = number_ + 1;
        while (true) {
            auto natural = take_natural();
            while (!natural.empty() && blank(natural.front()))
                natural.remove_prefix(1);
            if (line_.empty() && (natural.starts_with('#') || natural.starts_with('!')))
                return true;
            std::size_t backslashes = 0;
            while (backslashes < natural.size() &&
                   natural[natural.size() - 1 - backslashes] == '\\')
                ++backslashes;
            const bool more = backslashes % 2 == 1;
            line_ += natural.substr(0, natural.size() - (more ? 1 : 0));
            if (!more || text_.empty()) return true;
        }
    }

    static bool hex4(std::string_view text, std::uint32_t& code) noexcept {
        if (text.size() < 4) return false;
        code = 0;
        for (const char c : text.substr(0, 4)) {
            const auto digit = c >= '0' && c <= '9'   ? c - '0'
                               : c >= 'a' && c <= 'f' ? c - 'a' + 10
                               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                      : -1;
            if (digit < 0) return false;
            code = code * 16 + static_cast<std::uint32_t>(digit);
        }
        return true;
    }

    static void append_utf8(std::uint32_t code, std::string& out) {
        const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
        if (code < 0x80) return put(code);
        if (code < 0x800) {
            put(0xC0 | code >> 6);
        } else {
            if (code < 0x10000) {
                put(0xE0 | code >> 12);
            } else {
                put(0xF0 | code >> 18);
                put(0x80 | (code >> 12 & 0x3F));
            }
            put(0x80 | (code >> 6 & 0x3F));
        }
        put(0x80 | (code & 0x3F));
    }

    static bool unescape(std::string_view text, std::string& out) {
        while (!text.empty()) {
            const char c = text.front();
            text.remove_prefix(1);
            if (c != '\\') {
                out += c;
                continue;
            }
            if (text.empty()) return true;
            const char kind = text.front();
            text.remove_prefix(1);
            if (kind != 'u') {
                out += kind == 't'   ? '\t'
                       : kind == 'n' ? '\n'
                       : kind == 'r' ? '\r'
                       : kind == 'f' ? '\f'
                                     : kind;
                continue;
            }
            std::uint32_t code = 0, low = 0;
            if (!hex4(text, code)) return false;
            text.remove_prefix(4);
            if (code >= 0xDC00 && code < 0xE000) return false;
            if (code >= 0xD800 && code < 0xDC00) {  // the first half of a pair
                if (!text.starts_with("\\u") || !hex4(text.substr(2), low) || low < 0xDC00 ||
                    low >= 0xE000)
                    return false;
                text.remove_prefix(6);
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            }
            append_utf8(code, out);
        }
        return true;
    }

    std::string_view text_, origin_;
    std::string line_;
    std::size_t number_ = 0, first_ = 0;
};

}  // namespace

Result<Properties> parse_properties(std::string_view text, std::string_view origin) {
    return Reader(text, origin).read();
}

Result<Properties> read_properties(const std::string& file) {
    const auto failed = [&file] {
        const std::error_code error(errno, std::generic_category());
        return Failure(error, "reading '" + escaped(file, 200) + "'");
    };
    struct Close {
        void operator()(std::FILE* open) const noexcept { std::fclose(open); }
    };
    const std::unique_ptr<std::FILE, Close> open(std::fopen(file.c_str(), "rbe"));
    if (!open) return failed();
    std::string text(largest_file + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), open.get()));
    if (std::ferror(open.get())) return failed();
    if (text.size() > largest_file)
        return properties::refuse("'" + escaped(file, 200) + "' is larger than 1 MiB");
    return parse_properties(text, file);
}

}  // namespace kafka
