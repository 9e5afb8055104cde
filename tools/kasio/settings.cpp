// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>

#include <kafka/error.hpp>

#include "cluster.hpp"
#include "config_file.hpp"

namespace kasio {

using kafka::Failure;
using kafka::Properties;
using kafka::Property;
using kafka::PropertyInfo;
using kafka::PropertyScope;
using kafka::Result;

namespace {

constexpr std::string_view prefix = "KASIO_";
constexpr std::string_view transactional_id = "transactional.id";
// What brokers take (socket.request.max.bytes).
constexpr std::size_t most_of_a_request = std::size_t{100} << 20;
// What a writer needs of its buffers for a record beside its bytes.
constexpr std::size_t around_a_record = std::size_t{64} << 10;

const PropertyInfo* find_property(std::string_view name) {
    for (const auto& info : kafka::known_properties()) {
        const auto& others = info.aliases;
        if (info.name == name || std::find(others.begin(), others.end(), name) != others.end())
            return &info;
    }
    return nullptr;
}

// "SASL_MECHANISM" for "sasl.mechanism".
std::string variable_name(std::string_view name) {
    std::string upper;
    std::transform(name.begin(), name.end(), std::back_inserter(upper), [](unsigned char c) {
        return std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
    });
    return upper;
}

std::string property_name(std::string_view variable) {
    for (const auto& info : kafka::known_properties()) {
        if (variable_name(info.name) == variable) return std::string(info.name);
        for (const auto alias : info.aliases)
            if (variable_name(alias) == variable) return std::string(alias);
    }
    // Not known: the refusal names the nearest that is.
    std::string name;
    std::transform(variable.begin(), variable.end(), std::back_inserter(name), [](unsigned char c) {
        return c == '_' ? '.' : static_cast<char>(std::tolower(c));
    });
    return name;
}

std::string_view variable(const char* const* environment, std::string_view name) noexcept {
    for (; *environment; ++environment) {
        const std::string_view entry(*environment);
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('='))
            return entry.substr(name.size() + 1);
    }
    return {};
}

bool is_ours(const PropertyInfo& info) noexcept {
    return info.scope == PropertyScope::connection || info.scope == PropertyScope::client;
}

// A file may serve several programs. What it says about security must be understood all the same.
bool may_be_left_out(const Property& property) {
    const auto* info = find_property(property.name);
    if (!info || is_ours(*info)) return false;
    if (info->scope != PropertyScope::none) return true;
    // When and how often Java's clients renew what they logged in with.
    if (info->name.starts_with("sasl.kerberos.") || info->name.starts_with("sasl.login."))
        return info->name != "sasl.login.class";
    return !info->name.starts_with("ssl.") && !info->name.starts_with("sasl.") &&
           !info->name.starts_with("security.") && !info->name.starts_with("config.");
}

Result<Properties> of_file(const std::string& file) {
    if (file.empty()) return Properties();
    auto all = read_config_file(file);
    if (!all) return all;
    for (auto& property : *all)
        property.optional = may_be_left_out(property);
    return all;
}

}  // namespace

Result<Property> parse_setting(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        return Failure(kafka::errc::invalid_argument,
                       "expected NAME=VALUE, list or dump (-X list shows the names)");
    }
    return Property{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)),
                    "-X"};
}

Properties environment_settings(const char* const* environment) {
    Properties weaker, all;
    const auto brokers = variable(environment, "KAFKA_BROKERS");
    if (!brokers.empty())
        weaker.push_back({"bootstrap.servers", std::string(brokers), "KAFKA_BROKERS"});
    for (; *environment; ++environment) {
        const std::string_view entry(*environment);
        const auto name = entry.substr(0, entry.find('='));
        if (!name.starts_with(prefix) || name == "KASIO_CONFIG") continue;
        const auto value = entry.substr(std::min(name.size() + 1, entry.size()));
        if (value.empty()) continue;
        all.push_back({property_name(name.substr(prefix.size())), std::string(value),
                       std::string(name), true});
    }
    return kafka::merged(weaker, all);
}

Result<std::string> user_config_file(const char* const* environment) {
    namespace fs = std::filesystem;
    // Relative paths there are to be ignored (XDG Base Directory Specification).
    fs::path folder(variable(environment, "XDG_CONFIG_HOME"));
    if (!folder.is_absolute()) {
        const fs::path home(variable(environment, "HOME"));
        if (!home.is_absolute()) return std::string();
        folder = home / ".config";
    }
    std::string found;
    for (const char* name : {"kasio.toml", "kasio.properties"}) {
        const auto file = (folder / "kasio" / name).string();
        std::error_code ignored;
        if (!fs::exists(file, ignored)) continue;
        if (!found.empty()) {
            return Failure(kafka::errc::invalid_argument,
                           "there are both " + found + " and " + file + ": keep one");
        }
        found = file;
    }
    return found;
}

Result<Properties> all_settings(const GivenSettings& given, const char* const* environment) {
    auto user_file = user_config_file(environment);
    if (!user_file) return user_file.take_failure();
    auto user = of_file(*user_file);
    if (!user) return user;
    auto file =
        of_file(given.config_file.empty() ? std::string(variable(environment, "KASIO_CONFIG"))
                                          : given.config_file);
    if (!file) return file;
    Properties by_hand, options;
    for (const auto& text : given.given) {
        auto property = parse_setting(text);
        if (!property) return property.take_failure();
        by_hand.push_back(*std::move(property));
    }
    if (!given.brokers.empty()) options.push_back({"bootstrap.servers", given.brokers, "-b"});
    if (!given.client_id.empty()) options.push_back({"client.id", given.client_id, "--client-id"});

    options.insert(options.end(), given.options.begin(), given.options.end());

    Properties all;
    for (const auto& layer : {*user, *file, environment_settings(environment), by_hand, options})
        all = kafka::merged(all, layer);
    // It has no transactions; a file that is made for others may name theirs.
    std::erase_if(
        all, [](const Property& each) { return each.optional && each.name == transactional_id; });
    return all;
}

Result<kafka::ClientConfig> configuration(const Properties& settings, bool produces) {
    kafka::ClientConfig defaults;
    defaults.bootstrap.clear();
    defaults.conn = default_conn();
    std::vector<std::string> of_others;
    return kafka::client_config(settings, std::move(defaults), produces ? &of_others : nullptr);
}

Result<kafka::WriterConfig> writer_configuration(const Properties& settings,
                                                 std::chrono::milliseconds patience) {
    using std::chrono::milliseconds;
    auto made = kafka::writer_config(settings);
    if (!made) return made;
    auto& config = *made;
    if (!config.transactional_id.empty())
        return Failure(kafka::errc::invalid_argument,
                       std::string(transactional_id) + ": kasio writes no transactions");
    const auto is_given = [&settings](std::string_view name) {
        return std::any_of(settings.begin(), settings.end(), [name](const Property& each) {
            const auto* info = find_property(each.name);
            return info && info->name == name;
        });
    };
    const auto linger = std::chrono::ceil<milliseconds>(config.linger);
    if (!is_given("delivery.timeout.ms")) {
        const auto least =
            is_given("request.timeout.ms") ? config.request_timeout + linger : 2 * linger;
        config.delivery_timeout = std::max({patience, milliseconds(1'000), least});
    }
    if (!is_given("request.timeout.ms") && config.delivery_timeout > linger)
        config.request_timeout = std::min(config.request_timeout, config.delivery_timeout - linger);
    // What stands in the way of a write is given up before the write is, with the better reason.
    if (!is_given("max.block.ms")) config.max_block = config.delivery_timeout + milliseconds(1'000);
    if (!is_given("buffer.memory") && !is_given("queue.buffering.max.kbytes"))
        config.buffer_memory = std::max(config.buffer_memory, 2 * config.batch_size);
    // A record that does not fit into the buffers is refused at once.
    if (!is_given("max.request.size") && config.buffer_memory > around_a_record)
        config.max_request_size =
            std::max(std::min(config.buffer_memory - around_a_record, most_of_a_request),
                     config.max_request_size);
    if (auto failure = kafka::check_writer_config(config)) return failure;
    return made;
}

namespace {

void list_one(const PropertyInfo& info, std::string& out) {
    out += info.name;
    for (const auto alias : info.aliases)
        out.append(", ").append(alias);
    out += "\n    ";
    out += info.meaning;
    if (!info.values.empty() && info.values != "text") out += " (" + info.values + ")";
    if (info.secret) out += " (secret)";
    out += '\n';
}

}  // namespace

std::string list_of_settings() {
    struct Part {
        const char* head;
        std::vector<PropertyScope> scopes;
    };
    const Part parts[] = {
        {"Settings: -X NAME=VALUE, a line of --config FILE, or the environment variable\n"
         "KASIO_NAME (KASIO_SASL_MECHANISM for sasl.mechanism).\n\n",
         {PropertyScope::connection, PropertyScope::client}},
        {"\nOf producers: for produce and perf produce; elsewhere left out where a file has them, "
         "and\n"
         "refused with -X.\n\n",
         {PropertyScope::producer}},
        {"\nOf consumers and administrators: left out where a file has them, and refused with -X,\n"
         "because options of the commands stand for them.\n\n",
         {PropertyScope::consumer, PropertyScope::admin}},
        {"\nOf other clients: refused, for the reason that is given.\n\n", {PropertyScope::none}},
    };
    std::string out;
    for (const auto& part : parts) {
        out += part.head;
        for (const auto& info : kafka::known_properties()) {
            if (std::find(part.scopes.begin(), part.scopes.end(), info.scope) != part.scopes.end())
                list_one(info, out);
        }
    }
    return out;
}

std::string dump_of_settings(const Properties& settings, const kafka::ClientConfig& config,
                             const kafka::WriterConfig* writer) {
    std::string out = "# Given, and where:\n";
    for (const auto& property : settings) {
        const auto* info = find_property(property.name);
        const bool is_writers =
            info && writer && info->scope == PropertyScope::producer && !info->values.empty();
        if (!info || !(is_ours(*info) || is_writers)) continue;
        out += kafka::to_string(property) + "    # " + property.origin + '\n';
    }
    out += "# What comes of it:\n" + kafka::to_string(config) + '\n';
    if (writer) out += kafka::to_string(*writer) + '\n';
    return out;
}

}  // namespace kasio
