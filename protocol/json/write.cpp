// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include <kafka/protocol/json.hpp>

#include "protocol/json/base64.hpp"
#include "protocol/json/names.hpp"
#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

// The length of the UTF-8 sequence at the start of `text`; 0 if there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const auto second = byte(1);
    const bool too_long = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool too_large = first == 0xf4 && second > 0x8f;
    return too_long || surrogate || too_large ? 0 : length;
}

class JsonWriter {
public:
    explicit JsonWriter(int version) : version_(version) {}

    void put_struct(const StructTable& table, const void* object);

    std::string text;
    Failure failure;
    std::string path;

private:
    [[nodiscard]] bool failed() const { return static_cast<bool>(failure); }
    void fail(errc code, const char* cause) {
        if (!failed()) failure = {code, cause};
    }
    template <class T>
    void number(T value) {
        char digits[40];
        text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }
    void put_double(double value);
    void put_text(std::string_view value);
    void put_base64(std::span<const std::uint8_t> bytes) {
        text += '"';
        append_base64(text, bytes);
        text += '"';
    }
    void put_field(const Field& field, const void* member_at);
    void put_one(const FieldType& type, const void* value);
    void put_unknown_tags(const UnknownTags& tags);

    const int version_;
};

// Always with a point or an exponent: Apache's reader takes no integer where a double belongs.
// What JSON has no number for is a string, as Apache's writer has it.
void JsonWriter::put_double(double value) {
    if (std::isnan(value)) {
        text += json_nan;
    } else if (std::isinf(value)) {
        text += value < 0 ? json_minus_infinity : json_infinity;
    } else {
        const auto before = text.size();
        number(value);
        if (text.find_first_of(".e", before) == std::string::npos) text += ".0";
    }
}

void JsonWriter::put_text(std::string_view value) {
    static constexpr char hex[] = "0123456789abcdef";
    text += '"';
    for (std::size_t i = 0; i < value.size();) {
        const auto length = utf8_length(value.substr(i));
        if (length == 0) return fail(errc::invalid_argument, "the text is not UTF-8");
        const char c = value[i];
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (static_cast<std::uint8_t>(c) < 0x20) {
            text += "\\u00";
            text += hex[c >> 4];
            text += hex[c & 15];
        } else {
            text.append(value, i, length);
        }
        i += length;
    }
    text += '"';
}

void JsonWriter::put_one(const FieldType& type, const void* value) {
    switch (type.kind) {
        case FieldKind::boolean:
            text += as<bool>(value) ? "true" : "false";
            return;
        case FieldKind::int8:
            return number(int{as<std::int8_t>(value)});
        case FieldKind::int16:
            return number(as<std::int16_t>(value));
        case FieldKind::uint16:
            return number(as<std::uint16_t>(value));
        case FieldKind::int32:
            return number(as<std::int32_t>(value));
        case FieldKind::int64:
            return number(as<std::int64_t>(value));
        case FieldKind::float64:
            return put_double(as<double>(value));
        case FieldKind::uuid:
            return put_text(to_string(as<Uuid>(value)));
        case FieldKind::string:
            return put_text(as<std::string>(value));
        case FieldKind::bytes:
            return put_base64(as<Bytes>(value));
        case FieldKind::secret:
            return put_base64(as<Secret>(value).reveal());
        case FieldKind::records:
            return put_base64(as<Slice>(value).bytes());
        case FieldKind::structure:
            return put_struct(*type.inner, value);
    }
}

void JsonWriter::put_field(const Field& field, const void* member_at) {
    const auto& type = *field.type;
    const auto* value = value_of(type, member_at);
    const bool null_slice = type.kind == FieldKind::records && as<Slice>(member_at).null() &&
                            field.spec.null_in(version_);
    if (!value || null_slice) {
        if (!field.spec.null_in(version_))
            return fail(errc::invalid_argument, "null is not allowed");
        text += "null";
        return;
    }
    if (!type.array) return put_one(type, value);
    text += '[';
    const auto count = type.count(value);
    const auto* element = elements_of(type, value);
    for (std::size_t i = 0; i < count; ++i, element += type.size) {
        if (i > 0) text += ',';
        put_one(type, element);
        if (failed()) return add_to_path(path, i);
    }
    text += ']';
}

void JsonWriter::put_unknown_tags(const UnknownTags& tags) {
    if (text.back() != '{') text += ',';
    text += '"';
    text += json_unknown_tags;
    text += "\":[";
    for (const auto& raw : tags.all()) {
        if (text.back() != '[') text += ',';
        text += "{\"tag\":";
        number(raw.tag);
        text += ",\"data\":";
        put_base64(raw.data);
        text += '}';
    }
    text += ']';
}

void JsonWriter::put_struct(const StructTable& table, const void* object) {
    text += '{';
    for (const auto& field : table.rows()) {
        const auto* at = member(object, field);
        const auto& spec = field.spec;
        if (!spec.in(version_)) {
            if (spec.can_ignore || holds_default(table, field, at)) continue;
            fail(errc::not_in_version, "this version has no such field and it may not be dropped");
            return add_to_path(path, field.name);
        }
        if (spec.tagged() && holds_default(table, field, at)) continue;
        if (text.back() != '{') text += ',';
        text += '"';
        text += field.name;
        text += "\":";
        put_field(field, at);
        if (failed()) return add_to_path(path, field.name);
    }
    if (table.unknown_tags >= 0 && !unknown_tags_of(table, object).empty())
        put_unknown_tags(unknown_tags_of(table, object));
    text += '}';
}

}  // namespace

Result<std::string> to_json(const MessageInfo& info, const void* message, int version) {
    if (auto failure = check_json_version(info, version)) return failure;
    JsonWriter writer(version);
    writer.put_struct(*info.table, message);
    if (!writer.failure) return std::move(writer.text);
    writer.failure.detail +=
        " at " + writer.path + ", " + info.name + " v" + std::to_string(version);
    return std::move(writer.failure);
}

}  // namespace kafka::protocol
