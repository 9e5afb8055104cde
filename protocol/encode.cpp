// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include <kafka/protocol/varint.hpp>

#include "base/big_endian.hpp"
#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

class Encoder {
public:
    Encoder(const MessageInfo& info, int version, Gather& out)
        : version_(version), flexible_(info.flexible(version)), out_(out) {}

    void put_struct(const StructTable& table, const void* object);
    [[nodiscard]] bool failed() const { return code_ != errc{}; }
    [[nodiscard]] Failure failure(const MessageInfo& info) const;

private:
    void fail(errc code, const char* cause) {
        if (failed()) return;
        code_ = code;
        cause_ = cause;
    }

    template <class T>
    void integer(T value) {
        store_big(out_.own().grow(sizeof value), value);
    }
    void uvarint(std::uint32_t value) { write_varint(out_.own().grow(varint_size(value)), value); }
    // Strings, bytes and arrays begin with a length (null: -1), in one of two forms.
    void length(std::size_t n, bool is_short, bool rigid) {
        const std::size_t most = is_short ? 32767 : 2147483646;
        if (n > most) return fail(errc::invalid_argument, "too long for the format");
        if (flexible_ && !rigid) return uvarint(static_cast<std::uint32_t>(n + 1));
        if (is_short) return integer(static_cast<std::int16_t>(n));
        integer(static_cast<std::int32_t>(n));
    }
    void null_length(bool is_short, bool rigid) {
        if (flexible_ && !rigid) return uvarint(0);
        if (is_short) return integer(std::int16_t{-1});
        integer(std::int32_t{-1});
    }

    void put_null(const Field& field);
    void put_field(const Field& field, const void* member_at);
    void put_array(const Field& field, const void* array);
    void put_one(const FieldType& type, const void* value, bool rigid);
    void put_tagged(const Field& field, const void* member_at);
    void put_tags(const StructTable& table, const void* object);

    const int version_;
    const bool flexible_;
    Gather& out_;
    errc code_{};
    const char* cause_ = "";
    FieldPath path_;
};

void Encoder::put_null(const Field& field) {
    if (!field.spec.null_in(version_)) return fail(errc::invalid_argument, "null is not allowed");
    const auto& type = *field.type;
    if (type.kind == FieldKind::structure && !type.array) return integer(std::int8_t{-1});
    null_length(type.kind == FieldKind::string && !type.array, field.spec.is_rigid);
}

void Encoder::put_one(const FieldType& type, const void* value, bool rigid) {
    switch (type.kind) {
        case FieldKind::boolean:
            return integer(static_cast<std::uint8_t>(as<bool>(value)));
        case FieldKind::int8:
            return integer(as<std::uint8_t>(value));
        case FieldKind::int16:
        case FieldKind::uint16:
            return integer(as<std::uint16_t>(value));
        case FieldKind::int32:
            return integer(as<std::uint32_t>(value));
        case FieldKind::int64:
            return integer(as<std::uint64_t>(value));
        case FieldKind::float64:
            return integer(std::bit_cast<std::uint64_t>(as<double>(value)));
        case FieldKind::uuid:
            return out_.own().append(as<Uuid>(value).bytes);
        case FieldKind::string: {
            const auto& text = as<std::string>(value);
            if (flexible_ && !rigid && text.size() < 127) {  // most are: one step for both
                auto* const to = out_.own().grow(1 + text.size());
                to[0] = static_cast<std::uint8_t>(text.size() + 1);
                std::memcpy(to + 1, text.data(), text.size());
                return;
            }
            length(text.size(), true, rigid);
            return failed() ? void() : out_.own().append(text.data(), text.size());
        }
        case FieldKind::bytes: {
            const auto& bytes = as<Bytes>(value);
            length(bytes.size(), false, rigid);
            return failed() ? void() : out_.own().append(bytes);
        }
        case FieldKind::secret: {
            const auto bytes = as<Secret>(value).reveal();
            length(bytes.size(), false, rigid);
            return failed() ? void() : out_.own().append(bytes);
        }
        case FieldKind::records: {
            const auto& slice = as<Slice>(value);
            length(slice.size(), false, rigid);
            return failed() ? void() : out_.append(slice);
        }
        case FieldKind::structure:
            return put_struct(*type.inner, value);
    }
}

void Encoder::put_array(const Field& field, const void* array) {
    const auto& type = *field.type;
    const auto count = type.count(array);
    length(count, false, field.spec.is_rigid);
    const auto* element = elements_of(type, array);
    for (std::size_t i = 0; i < count && !failed(); ++i, element += type.size) {
        put_one(type, element, field.spec.is_rigid);
        if (failed()) path_.enclose_in(i);
    }
}

void Encoder::put_field(const Field& field, const void* member_at) {
    if (failed()) return;
    const auto& type = *field.type;
    const auto* value = value_of(type, member_at);
    // Record data is null by default; where it may not be, none is no bytes.
    const bool null_slice = type.kind == FieldKind::records && as<Slice>(member_at).null() &&
                            field.spec.null_in(version_);
    if (!value || null_slice) {
        put_null(field);
    } else if (type.array) {
        put_array(field, value);
    } else {
        // A nullable structure says with a byte whether it is there.
        if (type.kind == FieldKind::structure && type.optional) integer(std::int8_t{1});
        put_one(type, value, field.spec.is_rigid);
    }
    if (failed()) path_.enclose_in(field.name);
}

void Encoder::put_tagged(const Field& field, const void* member_at) {
    uvarint(static_cast<std::uint32_t>(field.spec.tag_no));
    const auto position = out_.position();
    const auto before = out_.size();
    put_field(field, member_at);
    const auto size = static_cast<std::uint32_t>(out_.size() - before);
    std::uint8_t bytes[5];
    write_varint(bytes, size);
    out_.insert(position, {bytes, varint_size(size)});
}

void Encoder::put_tags(const StructTable& table, const void* object) {
    const auto raw = unknown_tags_of(table, object).all();
    std::uint32_t count = static_cast<std::uint32_t>(raw.size());
    for (const auto& field : table.rows())
        if (field.spec.tagged() && !holds_default(table, field, member(object, field))) ++count;
    uvarint(count);
    if (count == 0) return;
    // Known and unknown tags are merged in ascending order.
    std::size_t next_raw = 0;
    auto put_raw_below = [&](std::int64_t tag) {
        for (; next_raw < raw.size() && raw[next_raw].tag < tag; ++next_raw) {
            uvarint(raw[next_raw].tag);
            uvarint(static_cast<std::uint32_t>(raw[next_raw].data.size()));
            out_.own().append(raw[next_raw].data);
        }
    };
    for (const auto& field : table.rows()) {
        const auto* at = member(object, field);
        if (!field.spec.tagged() || holds_default(table, field, at)) continue;
        put_raw_below(field.spec.tag_no);
        put_tagged(field, at);
        if (failed()) return;
    }
    put_raw_below(std::int64_t{1} << 32);
}

void Encoder::put_struct(const StructTable& table, const void* object) {
    for (const auto& field : table.rows()) {
        if (failed()) return;
        const auto* at = member(object, field);
        const auto& spec = field.spec;
        if (!spec.in(version_)) {
            if (spec.can_ignore || holds_default(table, field, at)) continue;
            fail(errc::not_in_version, "this version has no such field and it may not be dropped");
            return path_.enclose_in(field.name);
        }
        if (!spec.tagged()) put_field(field, at);
    }
    if (failed() || table.unknown_tags < 0) return;
    if (flexible_) return put_tags(table, object);
    if (!unknown_tags_of(table, object).empty()) {
        fail(errc::not_in_version, "unknown tagged fields need a flexible version");
    }
}

std::string where(const MessageInfo& info, int version) {
    return std::string(info.name) + " v" + std::to_string(version);
}

Failure Encoder::failure(const MessageInfo& info) const {
    return {code_, std::string(cause_) + " at " + path_.text() + ", " + where(info, version_)};
}

}  // namespace

Failure encode(const MessageInfo& info, const void* message, int version, Gather& out) {
    if (!info.versions.contains(version))
        return {errc::unsupported_version, where(info, version) + ", valid are " +
                                               std::to_string(info.versions.min) + " to " +
                                               std::to_string(info.versions.max)};
    Encoder encoder(info, version, out);
    encoder.put_struct(*info.table, message);
    if (encoder.failed()) return encoder.failure(info);
    return {};
}

}  // namespace kafka::protocol
