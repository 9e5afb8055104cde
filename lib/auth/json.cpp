// SPDX-License-Identifier: Apache-2.0
#include "auth/json.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <kafka/error.hpp>

#include "auth/text.hpp"

namespace kafka::auth {
namespace {

constexpr int max_depth = 32;
constexpr std::size_t max_members = 1000;

using Kind = JsonMember::Kind;

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<JsonObject> read() {
        std::vector<JsonMember> members;
        if (!is_sasl_text(text_)) return wrong("it is not UTF-8, or holds a NUL");
        skip_space();
        if (!take('{')) return wrong("no object");
        skip_space();
        if (!take('}')) {
            do {
                if (members.size() == max_members) return wrong("too many members");
                JsonMember member;
                if (!read_name(member.name) || !read_value(member)) return wrong("malformed JSON");
                for (const auto& other : members) {
                    if (other.name == member.name) return wrong("a name is repeated");
                }
                members.push_back(std::move(member));
                skip_space();
            } while (take(','));
            if (!take('}')) return wrong("malformed JSON");
        }
        skip_space();
        if (at_ != text_.size()) return wrong("bytes after the object");
        return JsonObject(std::move(members));
    }

private:
    Failure wrong(std::string_view what) const {
        return {errc::malformed_message,
                std::string(what).append(" @ ").append(std::to_string(at_) + "/" +
                                                       std::to_string(text_.size()))};
    }

    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    void skip_space() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
            ++at_;
    }

    bool read_name(std::string& name) {
        skip_space();
        Secret text;
        if (!read_text(&text)) return false;
        name = text.reveal_text();
        skip_space();
        return take(':');
    }

    bool read_value(JsonMember& member) {
        skip_space();
        if (peek() == '"') {
            member.kind = Kind::text;
            return read_text(&member.text);
        }
        if (peek() == '{' || peek() == '[') {
            member.kind = Kind::nested;
            return skip_nested();
        }
        return read_literal(member.kind, member.number);
    }

    bool read_literal(Kind& kind, double& number) {
        if (take("null")) {
            kind = Kind::null;
            return true;
        }
        kind = Kind::boolean;
        number = 1;
        if (take("true")) return true;
        number = 0;
        if (take("false")) return true;
        kind = Kind::number;
        return read_number(number);
    }

    std::size_t digits() {
        const auto begin = at_;
        while (peek() >= '0' && peek() <= '9')
            ++at_;
        return at_ - begin;
    }

    bool read_number(double& number) {
        const auto begin = at_;
        take('-');
        // No leading zeros.
        if (!take('0') && digits() == 0) return false;
        if (take('.') && digits() == 0) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (digits() == 0) return false;
        }
        const auto read = std::from_chars(text_.data() + begin, text_.data() + at_, number);
        return read.ec == std::errc() && read.ptr == text_.data() + at_;
    }

    std::optional<std::uint32_t> read_hex() {
        std::uint32_t value = 0;
        const auto digits = text_.substr(at_, 4);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() < 4 || read.ptr != digits.data() + 4) return std::nullopt;
        at_ += 4;
        return value;
    }

    // After "\u".
    bool read_escaped_code(Secret* out) {
        auto code = read_hex();
        if (!code || (*code >= 0xdc00 && *code < 0xe000)) return false;
        if (*code >= 0xd800 && *code < 0xdc00) {
            if (!take("\\u")) return false;
            const auto low = read_hex();
            if (!low || *low < 0xdc00 || *low >= 0xe000) return false;
            code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
        }
        if (!out) return true;
        const auto put = [out](std::uint32_t byte) { out->append(static_cast<char>(byte)); };
        const auto more = [&](int shift) { put(0x80 | (*code >> shift & 0x3f)); };
        if (*code < 0x80) {
            put(*code);
        } else if (*code < 0x800) {
            put(0xc0 | *code >> 6);
            more(0);
        } else if (*code < 0x10000) {
            put(0xe0 | *code >> 12);
            more(6);
            more(0);
        } else {
            put(0xf0 | *code >> 18);
            more(12);
            more(6);
            more(0);
        }
        return true;
    }

    bool read_text(Secret* out) {
        if (!take('"')) return false;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '"') return true;
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c != '\\') {
                if (out) out->append(c);
                continue;
            }
            const char escape = peek();
            ++at_;
            if (escape == 'u') {
                if (!read_escaped_code(out)) return false;
                continue;
            }
            constexpr std::string_view names = "\"\\/bfnrt";
            constexpr std::string_view values = "\"\\/\b\f\n\r\t";
            const auto found = names.find(escape);
            if (found == names.npos) return false;
            if (out) out->append(values[found]);
        }
        return false;
    }

    // By a stack of its own: the depth is the peer's to choose.
    bool skip_nested() {
        std::string closing;
        for (;;) {
            skip_space();
            if (peek() == '{' || peek() == '[') {
                if (closing.size() == max_depth) return false;
                const bool object = peek() == '{';
                ++at_;
                closing += object ? '}' : ']';
                skip_space();
                if (peek() != closing.back()) {
                    if (object && !skip_name()) return false;
                    continue;
                }
            } else if (peek() == '"') {
                if (!read_text(nullptr)) return false;
            } else {
                Kind kind{};
                double number = 0;
                if (!read_literal(kind, number)) return false;
            }
            // After a value, or before the end of something empty.
            for (;;) {
                skip_space();
                if (take(closing.back())) {
                    closing.pop_back();
                    if (closing.empty()) return true;
                    continue;
                }
                break;
            }
            if (!take(',')) return false;
            if (closing.back() == '}' && !skip_name()) return false;
        }
    }
    bool skip_name() {
        skip_space();
        if (!read_text(nullptr)) return false;
        skip_space();
        return take(':');
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

const JsonMember* JsonObject::find(std::string_view name, JsonMember::Kind kind) const {
    for (const auto& member : members_) {
        if (member.name == name && member.kind == kind) return &member;
    }
    return nullptr;
}
const Secret* JsonObject::text(std::string_view name) const {
    const auto* member = find(name, Kind::text);
    return member ? &member->text : nullptr;
}
const double* JsonObject::number(std::string_view name) const {
    const auto* member = find(name, Kind::number);
    return member ? &member->number : nullptr;
}
bool JsonObject::has(std::string_view name) const {
    return std::any_of(members_.begin(), members_.end(),
                       [name](const JsonMember& member) { return member.name == name; });
}

Result<JsonObject> read_json_object(std::string_view text) {
    return Reader(text).read();
}

void JsonWriter::quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out_.append('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            out_.append("\\u00").append(digits[byte >> 4]).append(digits[byte & 15]);
            continue;
        }
        if (c == '"' || c == '\\') out_.append('\\');
        out_.append(c);
    }
    out_.append('"');
}

void JsonWriter::name(std::string_view text) {
    out_.append(out_.empty() ? '{' : ',');
    quoted(text);
    out_.append(':');
}

JsonWriter& JsonWriter::add(std::string_view key, std::string_view value) {
    name(key);
    quoted(value);
    return *this;
}

JsonWriter& JsonWriter::add(std::string_view key, std::int64_t value) {
    name(key);
    out_.append(std::to_string(value));
    return *this;
}

Secret JsonWriter::take() {
    out_.append(out_.empty() ? "{}" : "}");
    return std::move(out_);
}

}  // namespace kafka::auth
