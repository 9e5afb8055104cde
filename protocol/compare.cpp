// SPDX-License-Identifier: Apache-2.0
#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

bool same_one(const FieldType& type, const void* a, const void* b) {
    if (type.kind == FieldKind::structure) return same_struct(*type.inner, a, b);
    return with_type(type.kind, [&](auto* tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        // Bitwise for doubles: NaN is itself, and 0.0 is not -0.0, as on the wire.
        if constexpr (std::is_same_v<T, double>)
            return std::memcmp(a, b, sizeof(T)) == 0;
        else
            return as<T>(a) == as<T>(b);
    });
}

}  // namespace

bool same_value(const FieldType& type, const void* a, const void* b) {
    a = value_of(type, a);
    b = value_of(type, b);
    if (!a || !b) return a == b;
    if (!type.array) return same_one(type, a, b);
    const auto count = type.count(a);
    if (count != type.count(b)) return false;
    const auto* x = elements_of(type, a);
    const auto* y = elements_of(type, b);
    for (std::size_t i = 0; i < count; ++i, x += type.size, y += type.size)
        if (!same_one(type, x, y)) return false;
    return true;
}

bool same_struct(const StructTable& table, const void* a, const void* b) {
    for (const auto& field : table.rows())
        if (!same_value(*field.type, member(a, field), member(b, field))) return false;
    return table.unknown_tags < 0 || unknown_tags_of(table, a) == unknown_tags_of(table, b);
}

bool equal(const MessageInfo& info, const void* a, const void* b) {
    return same_struct(*info.table, a, b);
}
bool is_default(const MessageInfo& info, const void* message) {
    return same_struct(*info.table, message, info.table->defaults());
}

}  // namespace kafka::protocol
