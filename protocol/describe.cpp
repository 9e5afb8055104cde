// SPDX-License-Identifier: Apache-2.0
// The schema of a message as text: one line for the message, one a field, indented by depth.
#include <string_view>

#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

// Apache's notation: "0+", "3-5", "none".
std::string versions_text(int first, int last) {
    if (last < first) return "none";
    auto text = std::to_string(first);
    if (last >= Spec::forever) return text + '+';
    if (last > first) text += '-' + std::to_string(last);
    return text;
}

std::string_view kind_name(FieldKind kind) {
    static constexpr std::string_view names[] = {"bool",   "int8",  "int16",   "uint16",
                                                 "int32",  "int64", "float64", "uuid",
                                                 "string", "bytes", "bytes",   "records"};
    return names[static_cast<std::size_t>(kind)];
}

std::string default_text(const StructTable& table, const Field& field) {
    const auto& type = *field.type;
    const auto* at = member(table.defaults(), field);
    const auto* value = value_of(type, at);
    if (!value || (type.kind == FieldKind::records && as<Slice>(at).null())) return "null";
    if (type.array || type.kind == FieldKind::structure) return "empty";
    return with_type(type.kind, [&](auto* tag) -> std::string {
        using T = std::remove_pointer_t<decltype(tag)>;
        if constexpr (std::is_same_v<T, std::string>)
            return '"' + as<T>(value) + '"';
        else if constexpr (std::is_same_v<T, Uuid>)
            return to_string(as<T>(value));
        else if constexpr (std::is_same_v<T, bool>)
            return as<T>(value) ? "true" : "false";
        else if constexpr (std::is_arithmetic_v<T>)
            return std::to_string(as<T>(value));
        else
            return "empty";
    });
}

void describe_struct(const StructTable& table, int depth, std::string& out) {
    for (const auto& field : table.rows()) {
        const auto& type = *field.type;
        const auto& spec = field.spec;
        out.append(static_cast<std::size_t>(depth) * 2, ' ');
        out += field.name;
        out += type.array ? " []" : " ";
        out += type.kind == FieldKind::structure ? std::string_view(type.inner->name)
                                                 : kind_name(type.kind);
        out += " versions=" + versions_text(spec.first, spec.last);
        out += " nullable=" + versions_text(spec.null_first, spec.null_last);
        if (spec.tagged()) out += " tag=" + std::to_string(spec.tag_no);
        out += " default=" + default_text(table, field);
        if (spec.can_ignore) out += " ignorable";
        if (spec.is_key) out += " mapKey";
        if (spec.is_rigid) out += " flexible=none";
        if (spec.entity_type) out += std::string(" entity=") + spec.entity_type;
        out += '\n';
        if (type.kind == FieldKind::structure) describe_struct(*type.inner, depth + 1, out);
    }
}

}  // namespace

std::string describe(const MessageInfo& info) {
    static constexpr std::string_view kinds[] = {"request", "response", "header", "data"};
    auto text =
        std::string(info.name) + " kind=" + std::string(kinds[static_cast<std::size_t>(info.kind)]);
    if (info.api_key >= 0) text += " key=" + std::to_string(info.api_key);
    text += " versions=" + versions_text(info.versions.min, info.versions.max);
    text += " flexible=" + (info.first_flexible > info.versions.max
                                ? std::string("none")
                                : versions_text(info.first_flexible, Spec::forever));
    if (info.kind == MessageKind::request) {
        static constexpr std::string_view listeners[] = {"none", "broker", "controller",
                                                         "broker,controller"};
        text += " listeners=";
        text += listeners[static_cast<std::size_t>(info.listeners)];
        if (info.latest_unstable) text += " unstable";
    }
    text += '\n';
    describe_struct(*info.table, 1, text);
    return text;
}

}  // namespace kafka::protocol
