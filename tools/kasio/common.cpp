// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <utility>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <kafka/error.hpp>

#include "output.hpp"

namespace kasio {

namespace {

[[noreturn]] void print_and_end(std::string text) {
    Output out;
    out.text() = std::move(text);
    static_cast<void>(out.flush());
    throw Done{finish("", out.problem())};
}

// Anything else of -X would be taken for another setting's value, or be shown in a complaint.
std::string check_setting(const std::string& text) {
    if (text == "list" || text == "help") print_and_end(list_of_settings());
    if (text == "dump") return {};
    const auto property = parse_setting(text);
    return property ? std::string() : property.failure().detail;
}

Problem problem_of_settings(const kafka::Failure& failure) {
    if (failure.code == kafka::errc::invalid_argument ||
        failure.code == kafka::errc::unsupported_codec)
        return {Exit::usage, failure.detail};
    return {Exit::files, failure.detail + ": " + failure.code.message()};
}

milliseconds patience_of(const CommonOptions& common) {
    return milliseconds(static_cast<std::int64_t>(common.timeout * 1000));
}

// The settings and what comes of them.
struct Configured {
    kafka::Properties settings;
    kafka::ClientConfig client;
    kafka::WriterConfig writer;  // of a command that produces
};

kafka::Result<Configured> read_settings(const CommonOptions& common) {
    auto all = all_settings(common.settings, environ);
    if (!all) return all.take_failure();
    auto client = configuration(*all, common.produces);
    if (!client) return client.take_failure();
    Configured configured{*std::move(all), *std::move(client), {}};
    if (common.produces) {
        auto writer = writer_configuration(configured.settings, patience_of(common));
        if (!writer) return writer.take_failure();
        configured.writer = *std::move(writer);
    }
    return configured;
}

// The whole name: "perf produce".
std::string name_of(const CLI::App& command) {
    const auto* parent = command.get_parent();
    if (!parent || !parent->get_parent()) return command.get_name();
    return name_of(*parent) + " " + command.get_name();
}

void dump_if_asked(const std::string& command, CommonOptions& options) {
    if (std::erase(options.settings.given, "dump") == 0) return;
    if (options.more_settings) {
        if (const auto problem = options.more_settings()) throw Done{finish(command, problem)};
    }
    auto configured = read_settings(options);
    if (!configured) throw Done{finish(command, problem_of_settings(configured.failure()))};
    print_and_end(dump_of_settings(configured->settings, configured->client,
                                   options.produces ? &configured->writer : nullptr));
}

CLI::Option* add_settings_option(CLI::App& command, std::vector<std::string>& given) {
    return command
        .add_option("-X", given,
                    "A setting by its name in Kafka (repeatable), such as security.protocol=SSL; "
                    "list: show all names, dump: show what is set")
        ->allow_extra_args(false)
        ->check(CLI::Validator(check_setting, "", "setting"))
        ->option_text("NAME=VALUE|list|dump");
}

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& options) {
    auto& settings = options.settings;
    command
        .add_option("-b,--brokers,--bootstrap-server", settings.brokers,
                    "Brokers to begin with: HOST:PORT,...")
        ->option_text("HOST:PORT,... (Env:KAFKA_BROKERS)");
    add_settings_option(command, settings.given);
    command
        .add_option("--config", settings.config_file,
                    "A file with settings: TOML (*.toml) or Java's properties")
        ->option_text("FILE (Env:KASIO_CONFIG)");
    command
        .add_option("--timeout", options.timeout,
                    "How long what may pass (a broker that is away, a leader that moves) is tried "
                    "again")
        ->check(CLI::Range(0.0, 86'400.0))
        ->option_text("SECONDS [60]");
    command
        .add_option("--client-id", settings.client_id, "A name for the brokers' logs and quotas")
        ->option_text("NAME [kasio]");
    command.add_flag("-q,--quiet", options.quiet, "No progress, counts or warnings");
    command.final_callback([&options, name = name_of(command)] { dump_if_asked(name, options); });
}

void add_list_of_settings(CLI::App& program) {
    program.add_option("-X", "Show the names of all settings")
        ->check([](const std::string& text) {
            if (text == "list" || text == "help") print_and_end(list_of_settings());
            return std::string("settings stand behind the command; here only -X list");
        })
        ->option_text("list");
}

std::string_view settings_help() noexcept {
    return "Settings, by their names in Kafka's clients (kasio -X list), from weak to strong:\n"
           "  $XDG_CONFIG_HOME/kasio/kasio.toml, or kasio.properties (default: ~/.config)\n"
           "  --config FILE, or else the file in KASIO_CONFIG\n"
           "  environment variables: KASIO_SASL_MECHANISM for sasl.mechanism; KAFKA_BROKERS\n"
           "  -X NAME=VALUE (others can see passwords there while the command runs)\n"
           "  options of their own, such as -b\n";
}

namespace {

Problem take_cluster(const CommonOptions& common, const kafka::ClientConfig& config,
                     ClusterOptions& options) {
    if (config.bootstrap.empty()) {
        return {Exit::usage, "no brokers: give -b HOST:PORT,... or set KAFKA_BROKERS"};
    }
    auto addresses = parse_addresses(config.bootstrap);
    if (!addresses) return {Exit::usage, addresses.failure().detail};
    options.bootstrap = *std::move(addresses);
    options.conn = config.conn;
    options.patience = patience_of(common);
    return {};
}

}  // namespace

Problem cluster_options(const CommonOptions& common, ClusterOptions& options) {
    auto configured = read_settings(common);
    if (!configured) return problem_of_settings(configured.failure());
    return take_cluster(common, configured->client, options);
}

Problem writer_options(const CommonOptions& common, ClusterOptions& options,
                       kafka::ClientConfig& client, kafka::WriterConfig& writer) {
    auto configured = read_settings(common);
    if (!configured) return problem_of_settings(configured.failure());
    client = std::move(configured->client);
    writer = std::move(configured->writer);
    return take_cluster(common, client, options);
}

Problem find_topic(Runtime& runtime, Cluster& cluster, const std::string& topic) {
    cluster.watch(topic);
    const auto failure = runtime.run(cluster.wait_for_topic());
    if (!failure) return {};
    if (failure.code == kafka::broker_errc::unknown_topic_or_partition) {
        return {Exit::refused, "topic " + topic + " does not exist"};
    }
    return problem_of(failure, "");
}

int finish(std::string_view command, const Problem& problem) {
    if (problem && !problem.sentence.empty()) complain(command, problem.sentence);
    return static_cast<int>(problem.status);
}

}  // namespace kasio
