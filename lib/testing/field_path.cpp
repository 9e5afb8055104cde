// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>

#include <kafka/error.hpp>

#include "protocol/walk.hpp"
#include "testing/message_tree.hpp"

namespace kafka::testing {
namespace {

using namespace protocol;

struct Step {
    std::string_view name;
    std::optional<std::size_t> index;  // [2]
    std::string_view key, value;       // [nodeId=1]
};

Failure bad_path(std::string_view path, const std::string& why) {
    return Failure(errc::invalid_argument, "field path '" + std::string(path) + "': " + why);
}

Failure parse(std::string_view path, std::vector<Step>& steps) {
    auto rest = path;
    while (!rest.empty()) {
        Step step;
        // A dot inside brackets belongs to a value.
        const auto end = rest.find_first_of(".[");
        step.name = rest.substr(0, end);
        if (step.name.empty()) return bad_path(path, "a name is missing");
        rest.remove_prefix(std::min(end, rest.size()));
        if (rest.starts_with('[')) {
            const auto close = rest.find(']');
            if (close == std::string_view::npos) return bad_path(path, "']' is missing");
            const auto inside = rest.substr(1, close - 1);
            rest.remove_prefix(close + 1);
            const auto equals = inside.find('=');
            if (equals != std::string_view::npos) {
                step.key = inside.substr(0, equals);
                step.value = inside.substr(equals + 1);
            } else if (inside != "*") {
                std::size_t index = 0;
                const auto* last = inside.data() + inside.size();
                const auto [at, error] = std::from_chars(inside.data(), last, index);
                if (error != std::errc() || at != last) {
                    return bad_path(path, "'" + std::string(inside) + "' is no element");
                }
                step.index = index;
            }
        }
        steps.push_back(step);
        if (rest.empty()) break;
        if (!rest.starts_with('.') || rest.size() == 1) return bad_path(path, "a name is missing");
        rest.remove_prefix(1);
    }
    if (steps.empty()) return bad_path(path, "it is empty");
    return {};
}

const Field* find_name(const StructTable& table, std::string_view name) {
    for (const auto& row : table.rows()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

// Numbers of any kind that hold the value.
template <class T>
bool put_number(void* at, const FieldValue& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number) return false;
    if constexpr (!std::is_same_v<T, std::int64_t>) {
        if (*number < std::numeric_limits<T>::min() || *number > std::numeric_limits<T>::max())
            return false;
    }
    as<T>(at) = static_cast<T>(*number);
    return true;
}

bool put(FieldKind kind, void* at, const FieldValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    switch (kind) {
        case FieldKind::boolean:
            if (!std::holds_alternative<bool>(value)) return false;
            as<bool>(at) = std::get<bool>(value);
            return true;
        case FieldKind::int8:
            return put_number<std::int8_t>(at, value);
        case FieldKind::int16:
            return put_number<std::int16_t>(at, value);
        case FieldKind::uint16:
            return put_number<std::uint16_t>(at, value);
        case FieldKind::int32:
            return put_number<std::int32_t>(at, value);
        case FieldKind::int64:
            return put_number<std::int64_t>(at, value);
        case FieldKind::float64:
            if (const auto* number = std::get_if<double>(&value)) as<double>(at) = *number;
            return std::holds_alternative<double>(value);
        case FieldKind::uuid: {
            if (!text) return false;
            const auto id = uuid_from_string(*text);
            if (!id) return false;
            as<Uuid>(at) = *id;
            return true;
        }
        case FieldKind::string:
            if (text) as<std::string>(at) = *text;
            return text != nullptr;
        case FieldKind::bytes:
            if (text) as<Bytes>(at).assign(text->begin(), text->end());
            return text != nullptr;
        case FieldKind::secret:
            if (text) as<Secret>(at) = Secret(std::string_view(*text));
            return text != nullptr;
        case FieldKind::records:
            if (text) as<Slice>(at) = Slice::copy_of(as_bytes(*text));
            return text != nullptr;
        case FieldKind::structure:
            break;
    }
    return false;
}

bool has_value(const StructTable& table, const void* element, std::string_view key,
               std::string_view wanted) {
    const auto* row = find_name(table, key);
    if (!row || row->type->array) return false;
    const auto* at = value_of(*row->type, member(element, *row));
    if (!at) return wanted == "null";
    switch (row->type->kind) {
        case FieldKind::boolean:
            return wanted == (as<bool>(at) ? "true" : "false");
        case FieldKind::int8:
            return wanted == std::to_string(as<std::int8_t>(at));
        case FieldKind::int16:
            return wanted == std::to_string(as<std::int16_t>(at));
        case FieldKind::int32:
            return wanted == std::to_string(as<std::int32_t>(at));
        case FieldKind::int64:
            return wanted == std::to_string(as<std::int64_t>(at));
        case FieldKind::uuid:
            return wanted == to_string(as<Uuid>(at));
        case FieldKind::string:
            return wanted == as<std::string>(at);
        default:
            return false;
    }
}

bool set(const StructTable& table, void* object, int version, std::span<const Step> steps,
         const FieldValue& value);

bool set_elements(const Field& row, void* member_at, int version, std::span<const Step> steps,
                  const FieldValue& value) {
    const auto& type = *row.type;
    const auto& step = steps.front();
    const auto last = steps.size() == 1;
    if (last && std::holds_alternative<std::nullptr_t>(value)) {
        if (type.kind == FieldKind::records && !type.array)
            as<Slice>(member_at) = Slice();
        else if (type.optional)
            type.reset(member_at);
        else
            return false;
        return true;
    }
    auto* at = const_cast<void*>(value_of(type, member_at));
    if (!at && !last) return true;  // null: nothing is inside
    if (!at) at = type.emplace(member_at);
    const bool all = !step.index && step.key.empty();
    if (last && type.array && all) {
        // The whole array: only emptied, its elements are set by "[...]".
        const auto* text = std::get_if<std::string>(&value);
        if (text && text->empty()) {
            type.assign(at, 0);
            return true;
        }
    }
    const auto count = type.array ? type.count(at) : 1;
    auto* element = static_cast<std::byte*>(type.array ? type.data(at) : at);
    for (std::size_t i = 0; i < count; ++i, element += type.size) {
        if (step.index && *step.index != i) continue;
        if (!step.key.empty() && !has_value(*type.inner, element, step.key, step.value)) continue;
        const bool done = last ? put(type.kind, element, value)
                               : set(*type.inner, element, version, steps.subspan(1), value);
        if (!done) return false;
    }
    return true;
}

bool set(const StructTable& table, void* object, int version, std::span<const Step> steps,
         const FieldValue& value) {
    const auto* row = find_name(table, steps.front().name);
    if (!row) return false;
    if (!row->spec.in(version)) return true;
    return set_elements(*row, member(object, *row), version, steps, value);
}

}  // namespace

Failure check_path(const MessageInfo& info, std::string_view path) {
    std::vector<Step> steps;
    if (auto failure = parse(path, steps)) return failure;
    const auto* table = info.table;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto& step = steps[i];
        const auto* row = find_name(*table, step.name);
        if (!row) {
            return bad_path(path,
                            std::string(table->name) + " has no '" + std::string(step.name) + "'");
        }
        const bool structure = row->type->kind == FieldKind::structure;
        if ((step.index || !step.key.empty()) && !row->type->array) {
            return bad_path(path, "'" + std::string(step.name) + "' is no array");
        }
        if (!step.key.empty() && (!structure || !find_name(*row->type->inner, step.key))) {
            return bad_path(path, "elements have no '" + std::string(step.key) + "'");
        }
        const bool last = i + 1 == steps.size();
        if (!last && !structure) return bad_path(path, "nothing is inside");
        if (last && structure && !row->type->array && !row->type->optional) {
            return bad_path(path, "a structure has no value of its own");
        }
        if (structure) table = row->type->inner;
    }
    return {};
}

Failure set_field(const MessageView& view, std::string_view path, const FieldValue& value) {
    std::vector<Step> steps;
    if (auto failure = parse(path, steps)) return failure;
    if (set(*view.info.table, view.message, view.version, steps, value)) return {};
    return bad_path(path, std::string("the value does not fit ") + view.info.name);
}

}  // namespace kafka::testing
