// SPDX-License-Identifier: Apache-2.0
// TOML by toml++.
#include <array>
#include <charconv>
#include <optional>

#include <toml++/toml.h>

#include <kafka/error.hpp>

#include "config_file.hpp"

namespace kasio {

namespace {

using kafka::Failure;

std::string place(const std::string& origin, const toml::source_position& at) {
    return origin + ':' + std::to_string(at.line);
}

template <class T>
std::string number(T value) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

std::optional<std::string> scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto* integer = node.as_integer()) return number(integer->get());
    if (const auto* real = node.as_floating_point()) return number(real->get());
    return {};
}

std::optional<std::string> list(const toml::array& array) {
    std::string joined;
    for (const auto& element : array) {
        const auto text = scalar(element);
        if (!text) return {};
        if (&element != &array[0]) joined += ',';
        joined += *text;
    }
    return joined;
}

Failure flatten(const toml::table& table, const std::string& prefix, const std::string& origin,
                kafka::Properties& all) {
    for (const auto& [key, node] : table) {
        const auto name = prefix + std::string(key.str());
        if (const auto* inner = node.as_table()) {
            if (auto failure = flatten(*inner, name + '.', origin, all)) return failure;
            continue;
        }
        const auto where = place(origin, node.source().begin);
        const auto* array = node.as_array();
        auto text = array ? list(*array) : scalar(node);
        if (!text) {
            return {
                kafka::errc::invalid_argument,
                where + ": " + name + ": expected text, a number, true, false or a list of them"};
        }
        all.push_back({name, *std::move(text), where});
    }
    return {};
}

}  // namespace

kafka::Result<kafka::Properties> parse_toml(std::string_view text, const std::string& origin) {
    try {
        kafka::Properties all;
        if (auto failure = flatten(toml::parse(text), "", origin, all)) return failure;
        return all;
    } catch (const toml::parse_error& error) {
        // What the parser says may repeat what stands there: a password without quotes.
        return Failure(kafka::errc::invalid_argument,
                       place(origin, error.source().begin) +
                           ": this is not TOML: NAME = \"VALUE\" (character " +
                           std::to_string(error.source().begin.column) + ")");
    }
}

}  // namespace kasio
