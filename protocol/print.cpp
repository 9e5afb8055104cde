// SPDX-License-Identifier: Apache-2.0
// Messages as text for logs and errors. Not JSON, and not lossless: secrets are masked, record
// data and bytes are sizes, long texts and arrays are cut.
#include <charconv>

#include "base/escape.hpp"
#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

class Printer {
public:
    explicit Printer(int version) : version_(version) {}

    void print_struct(const StructTable& table, const void* object);
    std::string take() { return std::move(text_); }

private:
    static constexpr std::size_t longest_text = 256;   // bytes of a string
    static constexpr std::size_t longest_array = 100;  // elements
    static constexpr std::size_t longest = 64 * 1024;  // bytes of all

    void print_value(const Field& field, const void* member_at);
    void print_one(const Field& field, const void* value);
    template <class T>
    void number(T value) {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        text_.append(digits, end);
    }
    void size_of(std::size_t n) {
        text_ += '<';
        number(n);
        text_ += " bytes>";
    }
    [[nodiscard]] bool full() const { return text_.size() > longest; }

    int version_;
    std::string text_;
};

void Printer::print_one(const Field& field, const void* value) {
    switch (field.type->kind) {
        case FieldKind::boolean:
            text_ += as<bool>(value) ? "true" : "false";
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
            return number(as<double>(value));
        case FieldKind::uuid:
            text_ += to_string(as<Uuid>(value));
            return;
        case FieldKind::string:
            text_ += '"';
            text_ += escaped(as<std::string>(value), longest_text);
            text_ += '"';
            return;
        case FieldKind::bytes:
            return size_of(as<Bytes>(value).size());
        case FieldKind::secret:
            text_ += "****";
            return;
        case FieldKind::records:
            if (as<Slice>(value).null())
                text_ += "null";
            else
                size_of(as<Slice>(value).size());
            return;
        case FieldKind::structure:
            return print_struct(*field.type->inner, value);
    }
}

void Printer::print_value(const Field& field, const void* member_at) {
    const auto& type = *field.type;
    const auto* value = value_of(type, member_at);
    if (!value) {
        text_ += "null";
        return;
    }
    if (field.spec.is_sensitive) {
        text_ += "****";
        return;
    }
    if (!type.array) return print_one(field, value);
    text_ += '[';
    const auto count = type.count(value);
    const auto* element = elements_of(type, value);
    for (std::size_t i = 0; i < count; ++i, element += type.size) {
        if (i > 0) text_ += ", ";
        if (i == longest_array || full()) {
            text_ += "... ";
            number(count);
            text_ += " in all";
            break;
        }
        print_one(field, element);
    }
    text_ += ']';
}

void Printer::print_struct(const StructTable& table, const void* object) {
    text_ += '{';
    const char* separator = "";
    for (const auto& field : table.rows()) {
        if (!field.spec.in(version_)) continue;
        const auto* at = member(object, field);
        // Tagged fields are mostly unset.
        if (field.spec.tagged() && holds_default(table, field, at)) continue;
        text_ += std::exchange(separator, ", ");
        text_ += field.name;
        text_ += ": ";
        print_value(field, at);
    }
    if (table.unknown_tags >= 0) {
        for (const auto& raw : unknown_tags_of(table, object).all()) {
            text_ += std::exchange(separator, ", ");
            text_ += "tag ";
            number(raw.tag);
            text_ += ": ";
            size_of(raw.data.size());
        }
    }
    text_ += '}';
}

}  // namespace

std::string print(const MessageInfo& info, const void* message, int version) {
    Printer printer(version);
    printer.print_struct(*info.table, message);
    return std::string(info.name) + " v" + std::to_string(version) + ' ' + printer.take();
}

}  // namespace kafka::protocol
