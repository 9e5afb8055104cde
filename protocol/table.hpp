// SPDX-License-Identifier: Apache-2.0
// The schema of messages as constant tables: one row a field, in wire order, tagged fields last
// and ascending. Everything that the protocol does with a message is written once, over these.
//
// A message's source specialises Schema<T> for each of its structs, inner ones first:
//
//     template <>
//     struct Schema<MetadataResponse::Broker> {
//         using T = MetadataResponse::Broker;
//         static constexpr const char* name = "MetadataResponseBroker";
//         static constexpr Field fields[] = {
//             KAFKA_FIELD("nodeId", node_id, map_key().entity("brokerId")),
//             KAFKA_FIELD("rack", rack, since(1).nullable(1).ignorable()),
//         };
//     };
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <kafka/protocol/message.hpp>
#include <kafka/protocol/types.hpp>

namespace kafka::protocol {

/// What the protocol says about a field besides its name and type. Version ranges include both
/// ends.
struct Spec {
    static constexpr std::int8_t forever = 127;

    std::int8_t first = 0, last = forever;             // versions that carry the field
    std::int8_t null_first = forever, null_last = -1;  // versions in which it may be null
    std::int8_t tag_no = -1;    // tagged (KIP-482) in every version that carries it
    bool can_ignore = false;    // may be left out of a version that lacks it, whatever it holds
    bool is_key = false;        // Apache keeps the array's elements in a map under this field
    bool is_rigid = false;      // never compact, even in flexible versions (header's client id)
    bool is_sensitive = false;  // may hold a password: not printed
    const char* entity_type = nullptr;

    constexpr Spec nullable(int from = 0, int to = forever) const {
        Spec s = *this;
        s.null_first = static_cast<std::int8_t>(from);
        s.null_last = static_cast<std::int8_t>(to);
        return s;
    }
    constexpr Spec tag(int number) const {
        Spec s = *this;
        s.tag_no = static_cast<std::int8_t>(number);
        return s;
    }
    constexpr Spec ignorable() const {
        Spec s = *this;
        s.can_ignore = true;
        return s;
    }
    constexpr Spec map_key() const {
        Spec s = *this;
        s.is_key = true;
        return s;
    }
    constexpr Spec rigid() const {
        Spec s = *this;
        s.is_rigid = true;
        return s;
    }
    constexpr Spec sensitive() const {
        Spec s = *this;
        s.is_sensitive = true;
        return s;
    }
    constexpr Spec entity(const char* type) const {
        Spec s = *this;
        s.entity_type = type;
        return s;
    }

    [[nodiscard]] constexpr bool in(int v) const { return first <= v && v <= last; }
    [[nodiscard]] constexpr bool null_in(int v) const { return null_first <= v && v <= null_last; }
    [[nodiscard]] constexpr bool tagged() const { return tag_no >= 0; }
};
constexpr Spec since(int first) {
    Spec s;
    s.first = static_cast<std::int8_t>(first);
    return s;
}
constexpr Spec between(int first, int last) {
    Spec s = since(first);
    s.last = static_cast<std::int8_t>(last);
    return s;
}
constexpr Spec nullable(int from = 0, int to = Spec::forever) {
    return Spec{}.nullable(from, to);
}
constexpr Spec tag(int number) {
    return Spec{}.tag(number);
}
constexpr Spec ignorable() {
    return Spec{}.ignorable();
}
constexpr Spec map_key() {
    return Spec{}.map_key();
}
constexpr Spec entity(const char* type) {
    return Spec{}.entity(type);
}
constexpr Spec sensitive() {
    return Spec{}.sensitive();
}
constexpr Spec rigid() {
    return Spec{}.rigid();
}

enum class FieldKind : std::uint8_t {
    boolean,
    int8,
    int16,
    uint16,
    int32,
    int64,
    float64,
    uuid,
    string,
    bytes,
    secret,
    records,
    structure,
};

/// A member's type: what it holds, and how to reach it without knowing the C++ type.
struct FieldType {
    FieldKind kind;
    bool array = false;
    bool optional = false;
    std::uint16_t size = 0;              // sizeof one element
    const StructTable* inner = nullptr;  // of a structure
    // optional: the value's address or null; a fresh value; none
    void* (*get)(void*) = nullptr;
    void* (*emplace)(void*) = nullptr;
    void (*reset)(void*) = nullptr;
    // array: how many, where, a fresh array of that many default elements
    std::size_t (*count)(const void*) = nullptr;
    void* (*data)(void*) = nullptr;
    void (*assign)(void*, std::size_t) = nullptr;
};

struct Field {
    const char* name;
    const FieldType* type;
    Spec spec;
    std::uint16_t offset;
};

struct StructTable {
    const char* name;
    const Field* fields;
    std::uint16_t count;
    std::int32_t unknown_tags;   // offset of the member, or -1: the struct is never flexible
    std::int32_t throttle_time;  // offset of a response's throttle_time_ms, or -1
    const void* (*defaults)();   // an object in its default state, built at first use

    [[nodiscard]] constexpr std::span<const Field> rows() const { return {fields, count}; }
};

template <class T>
struct Schema;  // specialised in each message's source

template <class T>
const void* default_object() {
    static const T object{};
    return &object;
}

// offsetof is conditionally supported for types that are not standard-layout, and both compilers
// support it. Left ignored to the end of the sources that include this: their rows expand it.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
template <class T>
constexpr std::int32_t unknown_tags_offset() {
    if constexpr (requires { &T::unknown_tags; })
        return offsetof(T, unknown_tags);
    else
        return -1;
}
template <class T>
constexpr std::int32_t throttle_time_offset() {
    if constexpr (requires { &T::throttle_time_ms; })
        return offsetof(T, throttle_time_ms);
    else
        return -1;
}

template <class T>
inline constexpr StructTable table_of{Schema<T>::name,
                                      Schema<T>::fields,
                                      static_cast<std::uint16_t>(std::size(Schema<T>::fields)),
                                      unknown_tags_offset<T>(),
                                      throttle_time_offset<T>(),
                                      &default_object<T>};
template <class M>
constexpr FieldKind kind_of() {
    if constexpr (std::is_same_v<M, bool>)
        return FieldKind::boolean;
    else if constexpr (std::is_same_v<M, std::int8_t>)
        return FieldKind::int8;
    else if constexpr (std::is_same_v<M, std::int16_t>)
        return FieldKind::int16;
    else if constexpr (std::is_same_v<M, std::uint16_t>)
        return FieldKind::uint16;
    else if constexpr (std::is_same_v<M, std::int32_t>)
        return FieldKind::int32;
    else if constexpr (std::is_same_v<M, std::int64_t>)
        return FieldKind::int64;
    else if constexpr (std::is_same_v<M, double>)
        return FieldKind::float64;
    else if constexpr (std::is_same_v<M, Uuid>)
        return FieldKind::uuid;
    else if constexpr (std::is_same_v<M, std::string>)
        return FieldKind::string;
    else if constexpr (std::is_same_v<M, Bytes>)
        return FieldKind::bytes;
    else if constexpr (std::is_same_v<M, Secret>)
        return FieldKind::secret;
    else if constexpr (std::is_same_v<M, Slice>)
        return FieldKind::records;
    else
        return FieldKind::structure;
}

template <class M>
struct TypeMaker {
    static constexpr FieldType make() {
        FieldType t{kind_of<M>()};
        t.size = sizeof(M);
        if constexpr (kind_of<M>() == FieldKind::structure) t.inner = &table_of<M>;
        return t;
    }
};
template <class E>
requires(!std::is_same_v<E, std::uint8_t>) struct TypeMaker<std::vector<E>> {
    using V = std::vector<E>;
    static constexpr FieldType make() {
        FieldType t = TypeMaker<E>::make();
        t.array = true;
        t.count = [](const void* v) { return static_cast<const V*>(v)->size(); };
        t.data = [](void* v) -> void* { return static_cast<V*>(v)->data(); };
        // Not resize(): that would instantiate the relocation of every element type (190 KB).
        t.assign = [](void* v, std::size_t n) { *static_cast<V*>(v) = V(n); };
        return t;
    }
};
template <class E>
struct TypeMaker<std::optional<E>> {
    using O = std::optional<E>;
    static constexpr FieldType make() {
        FieldType t = TypeMaker<E>::make();
        t.optional = true;
        t.get = [](void* v) -> void* {
            auto& o = *static_cast<O*>(v);
            return o ? &*o : nullptr;
        };
        // emplace() without arguments asks is_default_constructible, which a nested struct answered
        // wrongly while its enclosing struct was still incomplete.
        t.emplace = [](void* v) -> void* { return &static_cast<O*>(v)->emplace(E()); };
        t.reset = [](void* v) { static_cast<O*>(v)->reset(); };
        return t;
    }
};
template <class M>
inline constexpr FieldType type_of = TypeMaker<M>::make();

/// What a request and its response share: the one place where an API's versions stand.
struct Api {
    std::int16_t key;
    const char* name;
    VersionRange versions;
    std::int16_t first_flexible;
    Listener listeners = Listener::broker;
    bool latest_unstable = false;
};
constexpr std::int16_t never_flexible = 32767;

template <class T>
constexpr MessageInfo request_of(const Api& api) {
    return {Schema<T>::name,      api.name,      api.key,
            MessageKind::request, api.versions,  api.first_flexible,
            api.latest_unstable,  api.listeners, &table_of<T>};
}
template <class T>
constexpr MessageInfo response_of(const Api& api) {
    MessageInfo info = request_of<T>(api);
    info.kind = MessageKind::response;
    return info;
}
/// A header, or a message inside another: no API of its own.
template <class T>
constexpr MessageInfo part_of(MessageKind kind, VersionRange versions,
                              std::int16_t first_flexible) {
    return {Schema<T>::name, Schema<T>::name, -1,          kind, versions, first_flexible,
            false,           Listener::none,  &table_of<T>};
}

}  // namespace kafka::protocol

/// A row of Schema<T>::fields: Apache's name, the member, and (unless it is in every version and
/// never null) its Spec.
#define KAFKA_FIELD(wire_name, member, ...)                                                       \
    ::kafka::protocol::Field {                                                                    \
        wire_name, &::kafka::protocol::type_of<decltype(T::member)>,                              \
            ::kafka::protocol::Spec{__VA_ARGS__}, static_cast<std::uint16_t>(offsetof(T, member)) \
    }
