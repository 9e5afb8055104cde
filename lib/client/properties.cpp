// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numeric>

#include <kafka/properties.hpp>

#include "base/escape.hpp"
#include "client/property_table.hpp"

namespace kafka {
namespace properties {
namespace {

constexpr std::string_view blanks = " \t\r\n\f";

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

char lower(char c) noexcept {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool alike(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

// Calls `use` with each word until it says true.
template <class Use>
bool any_word(std::string_view words, Use use) {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (use(words.substr(0, end))) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

template <class Use>
bool any_row(Use use) {
    for (const auto rows : {client_rows(), security_rows(), writer_rows(), other_rows()})
        for (const auto& row : rows)
            if (use(row)) return true;
    return false;
}

// What cannot be a name may be a piece of a secret that has lost its place: a line of a key in PEM,
// or a password behind a line break.
bool may_be_shown(std::string_view name) noexcept {
    return name.size() <= 60 && std::all_of(name.begin(), name.end(), [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' ||
                      c == '-';
           });
}

// "https://user:password@host" without the password.
std::string without_password(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == text.npos) return std::string(text);
    const auto host = text.substr(scheme + 3);
    const auto at = host.substr(0, host.find('/')).rfind('@');
    if (at == host.npos) return std::string(text);
    return std::string(text.substr(0, scheme + 3)) + "****" + std::string(host.substr(at));
}

// How many letters must be changed, left out, put in or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min(
                {last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

std::string_view owner(PropertyScope scope) noexcept {
    switch (scope) {
        case PropertyScope::client:
            return "a client";
        case PropertyScope::producer:
            return "a producer";
        case PropertyScope::consumer:
            return "a consumer";
        default:
            return "an administrator";
    }
}

bool parse_bool(std::string_view text, bool& flag) noexcept {
    flag = alike(text, "true") || text == "1";
    return flag || alike(text, "false") || text == "0";
}

Failure bad_value(const Property& property, const Kind& kind) {
    auto sentence = place_of(property);
    if (!kind.secret) sentence += "='" + escaped(property.value, 80) + "'";
    return refuse(sentence + ": expected " + kind.expected());
}

struct Seen {
    const Row* row;
    const Property* property;
};

// Each property with its row, once.
Failure look_up(std::span<const Property> properties, std::vector<Seen>& seen) {
    for (const auto& property : properties) {
        const auto* row = find_row(property.name);
        if (!row) {
            auto sentence = property.origin.empty() ? "" : escaped(property.origin) + ": ";
            sentence += may_be_shown(property.name)
                            ? "there is no property '" + property.name + "'"
                            : "there is no such property, and its name is not shown, since it "
                              "may be a piece of a secret (is a line not continued with '\\'?)";
            const auto nearest = nearest_name(property.name);
            if (!nearest.empty()) sentence += "; did you mean '" + std::string(nearest) + "'?";
            return refuse(std::move(sentence));
        }
        if (row->scope == PropertyScope::none) {
            if (property.optional) continue;
            return refuse(place_of(property) + ": " + std::string(row->meaning));
        }
        const auto other = std::find_if(seen.begin(), seen.end(),
                                        [row](const Seen& each) { return each.row == row; });
        if (other == seen.end()) {
            seen.push_back({row, &property});
            continue;
        }
        if (other->property->name != property.name &&
            trimmed(other->property->value) != trimmed(property.value))
            return refuse(place_of(property) + " and " + place_of(*other->property) +
                          " are one property, with different values: leave out one");
        other->property = &property;
    }
    return {};
}

Failure of_somebody_else(const Seen& seen, std::string_view whose) {
    return refuse(place_of(*seen.property) + ": this is a setting of " +
                  std::string(owner(seen.row->scope)) + ", and this is the configuration of a " +
                  std::string(whose));
}

// Connections and clients.
Failure apply(std::span<const Property> properties, bool client, ClientConfig& config,
              std::vector<std::string>* unused) {
    std::vector<Seen> seen;
    if (auto failure = look_up(properties, seen)) return failure;
    Settings security;
    for (const auto& [row, property] : seen) {
        const bool ours = row->scope == PropertyScope::connection ||
                          (client && row->scope == PropertyScope::client);
        if (!ours) {
            if (unused) {
                unused->push_back(property->name);
                continue;
            }
            if (property->optional) continue;
            return of_somebody_else({row, property}, client ? "client" : "connection");
        }
        auto value = read_value(*property, row->kind);
        if (!value) return value.take_failure();
        if (row->apply)
            row->apply(config, *value);
        else
            security.add(*property, *row, *value);
    }
    return apply_security(security, config.conn);
}

Failure apply(std::span<const Property> properties, WriterDraft& draft,
              std::vector<std::string>* unused) {
    std::vector<Seen> seen;
    if (auto failure = look_up(properties, seen)) return failure;
    for (const auto& [row, property] : seen) {
        if (row->write) {
            auto value = read_value(*property, row->kind);
            if (!value) return value.take_failure();
            row->write(draft, *value);
            continue;
        }
        // The client's are its own business.
        if (row->scope == PropertyScope::connection || row->scope == PropertyScope::client)
            continue;
        if (unused) {
            unused->push_back(property->name);
            continue;
        }
        if (property->optional) continue;
        if (row->scope != PropertyScope::producer)
            return of_somebody_else({row, property}, "writer");
        return refuse(place_of(*property) +
                      ": this library's writer does not have this setting: leave it out");
    }
    finish_writer(draft);
    return {};
}

}  // namespace

std::string Kind::expected() const {
    switch (form) {
        case Form::text:
            return "text";
        case Form::boolean:
            return "true or false";
        case Form::choice: {
            std::string list;
            any_word(choices, [&list](std::string_view word) {
                list += (list.empty() ? "" : ", ") + std::string(word);
                return false;
            });
            if (const auto comma = list.rfind(", "); comma != list.npos)
                list.replace(comma, 2, " or ");
            return list;
        }
        case Form::number:
        case Form::milliseconds:
            break;
    }
    auto sentence = std::string(form == Form::number ? "a number" : "a number of milliseconds");
    sentence += " from " + std::to_string(min);
    if (max != int_max) sentence += " to " + std::to_string(max);
    if (never) sentence += ", or -1 for no limit";
    return sentence;
}

bool Row::has(std::string_view spelling) const noexcept {
    return any_word(names, [spelling](std::string_view word) { return word == spelling; });
}

const Row* find_row(std::string_view name) noexcept {
    const Row* found = nullptr;
    any_row([&](const Row& row) {
        if (row.has(name)) found = &row;
        return found != nullptr;
    });
    return found;
}

std::string_view nearest_name(std::string_view name) {
    // The names of environment variables and of other systems use underscores and capitals.
    std::string wanted(name.substr(0, 100));
    std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                   [](char c) { return c == '_' || c == '-' ? '.' : lower(c); });
    std::string_view nearest;
    auto least = std::max<std::size_t>(2, wanted.size() / 4) + 1;
    any_row([&](const Row& row) {
        return any_word(row.names, [&](std::string_view word) {
            const auto far = distance(wanted, word);
            if (far < least) {
                least = far;
                nearest = word;
            }
            return least == 0;
        });
    });
    return nearest;
}

std::string place_of(const Property& property) {
    const auto name = escaped(property.name, 100);
    return property.origin.empty() ? name : escaped(property.origin) + ": " + name;
}

Failure refuse(std::string sentence) {
    return {errc::invalid_argument, std::move(sentence)};
}

Result<Value> read_value(const Property& property, const Kind& kind) {
    Value value;
    value.text = trimmed(property.value);
    // Blanks at the ends of a password are its own.
    if (kind.secret) value.text = property.value;
    switch (kind.form) {
        case Kind::Form::text:
            if (value.text.find('\0') != value.text.npos)
                return refuse(place_of(property) + ": the value holds a NUL");
            return value;
        case Kind::Form::boolean:
            if (!parse_bool(value.text, value.flag)) return bad_value(property, kind);
            return value;
        case Kind::Form::choice: {
            const bool known = any_word(kind.choices, [&value](std::string_view word) {
                if (!alike(word, value.text)) return false;
                value.text = word;
                return true;
            });
            if (!known) return bad_value(property, kind);
            return value;
        }
        case Kind::Form::number:
        case Kind::Form::milliseconds:
            break;
    }
    const auto* end = value.text.data() + value.text.size();
    const auto read = std::from_chars(value.text.data(), end, value.number);
    if (read.ec != std::errc() || read.ptr != end) return bad_value(property, kind);
    if (kind.never && value.number == -1) {
        value.time = std::chrono::milliseconds::max();
        return value;
    }
    if (value.number < kind.min || value.number > kind.max) return bad_value(property, kind);
    value.time = std::chrono::milliseconds(value.number);
    return value;
}

void Settings::add(const Property& property, const Row& row, const Value& value) {
    given_.push_back({&property, &row, value});
}

const Settings::Given* Settings::find(std::string_view name) const noexcept {
    for (const auto& each : given_)
        if (each.row->name() == name) return &each;
    return nullptr;
}

const Settings::Given* Settings::take(std::string_view name) {
    for (auto& each : given_) {
        if (each.row->name() != name) continue;
        each.taken = true;
        return &each;
    }
    return nullptr;
}

std::string Settings::take_text(std::string_view name) {
    const auto* given = take(name);
    return given ? std::string(given->value.text) : std::string();
}

Secret Settings::take_secret(std::string_view name) {
    const auto* given = take(name);
    return given ? Secret(given->value.text) : Secret();
}

bool Settings::take_flag(std::string_view name, bool otherwise) {
    const auto* given = take(name);
    return given ? given->value.flag : otherwise;
}

const Settings::Given* Settings::left() const noexcept {
    for (const auto& each : given_)
        if (!each.taken && !each.property->optional) return &each;
    return nullptr;
}

}  // namespace properties

Result<ClientConfig> client_config(std::span<const Property> properties, ClientConfig defaults,
                                   std::vector<std::string>* unused) {
    if (auto failure = properties::apply(properties, true, defaults, unused)) return failure;
    return defaults;
}

Result<ConnConfig> conn_config(std::span<const Property> properties, ConnConfig defaults,
                               std::vector<std::string>* unused) {
    ClientConfig config;
    config.conn = std::move(defaults);
    if (auto failure = properties::apply(properties, false, config, unused)) return failure;
    return std::move(config.conn);
}

Result<WriterConfig> writer_config(std::span<const Property> properties, WriterConfig defaults,
                                   std::vector<std::string>* unused) {
    properties::WriterDraft draft;
    draft.config = std::move(defaults);
    if (auto failure = properties::apply(properties, draft, unused)) return failure;
    return std::move(draft.config);
}

std::span<const PropertyInfo> known_properties() {
    static const std::vector<PropertyInfo> all = [] {
        std::vector<PropertyInfo> list;
        properties::any_row([&list](const properties::Row& row) {
            PropertyInfo info;
            info.name = row.name();
            properties::any_word(row.names, [&info](std::string_view word) {
                if (word != info.name) info.aliases.push_back(word);
                return false;
            });
            info.scope = row.scope;
            if (row.scope == PropertyScope::connection || row.scope == PropertyScope::client ||
                row.write)
                info.values = row.kind.expected();
            info.meaning = row.meaning;
            info.secret = row.kind.secret;
            list.push_back(std::move(info));
            return false;
        });
        return list;
    }();
    return all;
}

std::string to_string(const Property& property) {
    using namespace properties;
    const auto* row = find_row(property.name);
    // A certificate's text may be followed by its key.
    const bool shown = row && !row->kind.secret && row->scope != PropertyScope::none &&
                       property.value.find("PRIVATE KEY") == property.value.npos;
    return (may_be_shown(property.name) ? property.name : "****") + '=' +
           (shown ? escaped(without_password(property.value), 200) : "****");
}

}  // namespace kafka
