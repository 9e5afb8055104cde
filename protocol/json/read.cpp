// SPDX-License-Identifier: Apache-2.0
#include "protocol/json/read.hpp"

#include <limits>

#include "protocol/json/base64.hpp"
#include "protocol/json/names.hpp"
#include "protocol/walk.hpp"

namespace kafka::protocol {
namespace {

class JsonReader {
public:
    JsonReader(int version, bool flexible, const JsonRules& rules)
        : version_(version), flexible_(flexible), rules_(rules) {}

    void get_struct(const StructTable& table, void* object, const Json& json);

    std::string cause;  // empty: no failure
    std::string path;

private:
    [[nodiscard]] bool failed() const { return !cause.empty(); }
    void fail(const char* what) {
        if (!failed()) cause = what;
    }
    void expect(const char* what, const Json& json) {
        if (!failed()) cause = std::string(what) + " expected, not " + json.type_name();
    }

    void get_field(const Field& field, void* member_at, const Json& json);
    void get_missing(const Field& field, void* object, const Json& json);
    void get_array(const FieldType& type, void* array, const Json& json);
    void get_one(const FieldType& type, void* value, const Json& json);
    void get_double(double& value, const Json& json);
    Bytes get_bytes(const Json& json);
    void get_unknown_tags(UnknownTags& tags, const StructTable& table, const Json& json);
    [[nodiscard]] bool known(const StructTable& table, std::string_view name) const;

    template <class T>
    void get_integer(T& value, const Json& json) {
        if (!json.is_number_integer()) return expect("an integer", json);
        using Limits = std::numeric_limits<T>;
        if (json.is_number_unsigned()) {
            const auto wide = json.get<std::uint64_t>();
            if (wide > static_cast<std::uint64_t>(Limits::max()))
                return fail("the number is out of range");
            value = static_cast<T>(wide);
        } else {  // negative
            const auto wide = json.get<std::int64_t>();
            if (std::is_unsigned_v<T> || wide < static_cast<std::int64_t>(Limits::min()))
                return fail("the number is out of range");
            value = static_cast<T>(wide);
        }
    }

    const int version_;
    const bool flexible_;
    const JsonRules& rules_;
};

void JsonReader::get_double(double& value, const Json& json) {
    using Limits = std::numeric_limits<double>;
    if (json.is_number()) {
        value = json.get<double>();
        return;
    }
    if (!json.is_string()) return expect("a number", json);
    const auto quoted = '"' + json.get_ref<const std::string&>() + '"';
    if (quoted == json_nan)
        value = Limits::quiet_NaN();
    else if (quoted == json_infinity)
        value = Limits::infinity();
    else if (quoted == json_minus_infinity)
        value = -Limits::infinity();
    else
        expect("a number", json);
}

Bytes JsonReader::get_bytes(const Json& json) {
    if (!json.is_string()) {
        expect("base64", json);
        return {};
    }
    auto bytes = read_base64(json.get_ref<const std::string&>());
    if (!bytes) fail("the text is not base64");
    return bytes ? std::move(*bytes) : Bytes{};
}

void JsonReader::get_one(const FieldType& type, void* value, const Json& json) {
    switch (type.kind) {
        case FieldKind::boolean:
            if (!json.is_boolean()) return expect("true or false", json);
            as<bool>(value) = json.get<bool>();
            return;
        case FieldKind::int8:
            return get_integer(as<std::int8_t>(value), json);
        case FieldKind::int16:
            return get_integer(as<std::int16_t>(value), json);
        case FieldKind::uint16:
            return get_integer(as<std::uint16_t>(value), json);
        case FieldKind::int32:
            return get_integer(as<std::int32_t>(value), json);
        case FieldKind::int64:
            return get_integer(as<std::int64_t>(value), json);
        case FieldKind::float64:
            return get_double(as<double>(value), json);
        case FieldKind::uuid: {
            if (!json.is_string()) return expect("a UUID", json);
            const auto id = uuid_from_string(json.get_ref<const std::string&>());
            if (!id) return fail("the text is not a UUID of 22 characters");
            as<Uuid>(value) = *id;
            return;
        }
        case FieldKind::string:
            if (!json.is_string()) return expect("a string", json);
            as<std::string>(value) = json.get_ref<const std::string&>();
            return;
        case FieldKind::bytes:
            as<Bytes>(value) = get_bytes(json);
            return;
        case FieldKind::secret:
            as<Secret>(value) = Secret(get_bytes(json));
            return;
        case FieldKind::records:
            as<Slice>(value) = Slice::copy_of(get_bytes(json));
            return;
        case FieldKind::structure:
            return get_struct(*type.inner, value, json);
    }
}

void JsonReader::get_array(const FieldType& type, void* array, const Json& json) {
    if (!json.is_array()) return expect("an array", json);
    if (json.size() > DecodeLimits{}.max_elements) return fail("too many elements");
    type.assign(array, json.size());
    auto* element = static_cast<std::byte*>(type.data(array));
    for (std::size_t i = 0; i < json.size(); ++i, element += type.size) {
        get_one(type, element, json[i]);
        if (failed()) return add_to_path(path, i);
    }
}

void JsonReader::get_field(const Field& field, void* member_at, const Json& json) {
    const auto& type = *field.type;
    if (json.is_null()) {
        if (!field.spec.null_in(version_)) return fail("null is not allowed");
        if (type.kind == FieldKind::records)
            as<Slice>(member_at) = Slice();
        else if (type.optional)
            type.reset(member_at);
        return;
    }
    void* value = type.optional ? type.emplace(member_at) : member_at;
    if (type.array) return get_array(type, value, json);
    get_one(type, value, json);
}

// The object has no such name: the field's default, or the mark of a request log.
void JsonReader::get_missing(const Field& field, void* object, const Json& json) {
    if (field.type->kind == FieldKind::records &&
        json.contains(std::string(field.name) + std::string(json_size_suffix))) {
        auto& records = as<Slice>(member(object, field));
        records = field.spec.null_in(version_) ? Slice() : Slice::copy_of({});
        return;
    }
    if (!field.spec.tagged() && !rules_.missing_is_default) fail("the field is missing");
}

void JsonReader::get_unknown_tags(UnknownTags& tags, const StructTable& table, const Json& json) {
    if (!flexible_) return fail("tagged fields need a flexible version");
    if (!json.is_array()) return expect("an array", json);
    std::int64_t previous = -1;
    for (std::size_t i = 0; i < json.size() && !failed(); ++i) {
        const auto& raw = json[i];
        std::int64_t tag = -1;
        Bytes data;
        if (!raw.is_object() || raw.size() != 2 || !raw.contains("tag") || !raw.contains("data"))
            fail("an object of tag and data expected");
        else
            get_integer(tag, raw["tag"]);
        if (!failed()) data = get_bytes(raw["data"]);
        if (tag <= previous || tag > std::numeric_limits<std::uint32_t>::max())
            fail("tags must ascend and fit in 32 bits");
        for (const auto& field : table.rows())
            if (field.spec.tagged() && field.spec.tag_no == tag) fail("the tag is a known one");
        if (failed()) return add_to_path(path, i);
        previous = tag;
        tags.add(static_cast<std::uint32_t>(tag), data);
    }
}

bool JsonReader::known(const StructTable& table, std::string_view name) const {
    for (const auto& field : table.rows()) {
        if (!field.spec.in(version_) || !name.starts_with(field.name)) continue;
        const auto rest = name.substr(std::string_view(field.name).size());
        if (rest.empty()) return true;
        if (field.type->kind == FieldKind::records && rest == json_size_suffix) return true;
    }
    return table.unknown_tags >= 0 && name == json_unknown_tags;
}

void JsonReader::get_struct(const StructTable& table, void* object, const Json& json) {
    if (!json.is_object()) return expect("an object", json);
    for (const auto& field : table.rows()) {
        if (!field.spec.in(version_)) continue;
        const auto found = json.find(field.name);
        if (found == json.end())
            get_missing(field, object, json);
        else
            get_field(field, member(object, field), *found);
        if (failed()) return add_to_path(path, field.name);
    }
    if (table.unknown_tags >= 0 && json.contains(json_unknown_tags)) {
        get_unknown_tags(unknown_tags_of(table, object), table,
                         *json.find(std::string(json_unknown_tags)));
        if (failed()) return add_to_path(path, json_unknown_tags);
    }
    if (rules_.skip_unknown) return;
    for (const auto& item : json.items()) {
        if (known(table, item.key())) continue;
        fail("this version has no such field");
        return add_to_path(path, item.key().substr(0, 100));
    }
}

}  // namespace

Json parse_json(std::string_view text) {
    return Json::parse(text, nullptr, false);
}

Failure read_json(const MessageInfo& info, void* message, int version, const Json& json,
                  const JsonRules& rules) {
    if (auto failure = check_json_version(info, version)) return failure;
    JsonReader reader(version, info.flexible(version), rules);
    reader.get_struct(*info.table, message, json);
    if (reader.cause.empty()) return {};
    return {errc::invalid_argument, reader.cause + " at " +
                                        (reader.path.empty() ? "the start" : reader.path) + ", " +
                                        info.name + " v" + std::to_string(version)};
}

Failure from_json(const MessageInfo& info, void* message, int version, std::string_view text,
                  const JsonReadOptions& options) {
    const auto json = parse_json(text);
    if (json.is_discarded())
        return {errc::invalid_argument, std::string("the text is not JSON, ") + info.name};
    return read_json(info, message, version, json,
                     {.missing_is_default = options.missing_is_default});
}

}  // namespace kafka::protocol
