// SPDX-License-Identifier: Apache-2.0
// What the walks over the tables (encode, decode, print, ...) share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/table.hpp"

namespace kafka::protocol {

inline const void* member(const void* object, const Field& field) noexcept {
    return static_cast<const std::byte*>(object) + field.offset;
}
inline void* member(void* object, const Field& field) noexcept {
    return static_cast<std::byte*>(object) + field.offset;
}
template <class T>
const T& as(const void* value) noexcept {
    return *static_cast<const T*>(value);
}
template <class T>
T& as(void* value) noexcept {
    return *static_cast<T*>(value);
}

/// The value behind an optional member, or null; the member itself if it is not optional.
inline const void* value_of(const FieldType& type, const void* member) {
    return type.optional ? type.get(const_cast<void*>(member)) : member;
}
/// The first element of an array; the next are type.size bytes apart.
inline const std::byte* elements_of(const FieldType& type, const void* array) {
    return static_cast<const std::byte*>(type.data(const_cast<void*>(array)));
}
inline const UnknownTags& unknown_tags_of(const StructTable& table, const void* object) noexcept {
    return *reinterpret_cast<const UnknownTags*>(static_cast<const std::byte*>(object) +
                                                 table.unknown_tags);
}
inline UnknownTags& unknown_tags_of(const StructTable& table, void* object) noexcept {
    return *reinterpret_cast<UnknownTags*>(static_cast<std::byte*>(object) + table.unknown_tags);
}

/// Where in a message a walk failed: "responses[3].partitions[0].records". It grows from its end
/// while the walk unwinds, so that a success pays nothing for it.
class FieldPath {
public:
    void enclose_in(std::string_view name) { put_before(std::string(name)); }
    void enclose_in(std::size_t index) { put_before('[' + std::to_string(index) + ']'); }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    void put_before(std::string part) {
        if (!text_.empty() && text_[0] != '[') part += '.';
        text_.insert(0, part);
    }
    std::string text_;
};

/// Calls `f` with a null pointer of the C++ type that a plain (not structure) kind stands for.
template <class F>
decltype(auto) with_type(FieldKind kind, F&& f) {
    switch (kind) {
        case FieldKind::boolean:
            return f(static_cast<bool*>(nullptr));
        case FieldKind::int8:
            return f(static_cast<std::int8_t*>(nullptr));
        case FieldKind::int16:
            return f(static_cast<std::int16_t*>(nullptr));
        case FieldKind::uint16:
            return f(static_cast<std::uint16_t*>(nullptr));
        case FieldKind::int32:
            return f(static_cast<std::int32_t*>(nullptr));
        case FieldKind::int64:
            return f(static_cast<std::int64_t*>(nullptr));
        case FieldKind::float64:
            return f(static_cast<double*>(nullptr));
        case FieldKind::uuid:
            return f(static_cast<Uuid*>(nullptr));
        case FieldKind::string:
            return f(static_cast<std::string*>(nullptr));
        case FieldKind::bytes:
            return f(static_cast<Bytes*>(nullptr));
        case FieldKind::secret:
            return f(static_cast<Secret*>(nullptr));
        case FieldKind::records:
        case FieldKind::structure:
            break;
    }
    return f(static_cast<Slice*>(nullptr));
}

/// Deep equality of two members of one type. Exported for the JSON form, a library of its own.
KAFKA_API bool same_value(const FieldType& type, const void* a, const void* b);
bool same_struct(const StructTable& table, const void* a, const void* b);
/// The member holds what a fresh object of its struct holds.
inline bool holds_default(const StructTable& table, const Field& field, const void* value) {
    return same_value(*field.type, value, member(table.defaults(), field));
}

}  // namespace kafka::protocol
