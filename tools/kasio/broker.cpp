// SPDX-License-Identifier: Apache-2.0
// kasio broker: the development broker as a process.
#include <cerrno>
#include <charconv>
#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <asio/error_code.hpp>
#include <asio/ip/address.hpp>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <kafka/testing/broker.hpp>
#include <kafka/testing/certificates.hpp>

#include "common.hpp"
#include "output.hpp"
#include "times.hpp"

namespace kasio {

namespace {

struct Options {
    int brokers = 3;
    std::string host = "127.0.0.1";
    std::vector<std::uint16_t> ports;
    std::vector<std::string> topics;
    std::int32_t message_max_bytes = 0;
    std::int16_t transaction_version = 2;
    std::vector<std::string> users;
    std::vector<std::string> mechanisms;
    std::string tls_folder;
    bool client_certificates = false;
    bool no_auto_create = false;
    bool until_input_ends = false;
};

// "NAME[:PARTITIONS]"; topics' names have no colons.
std::optional<kafka::testing::BrokerTopic> parse_topic(std::string_view text) {
    kafka::testing::BrokerTopic topic;
    const auto colon = text.find(':');
    topic.name = text.substr(0, colon);
    if (topic.name.empty()) return {};
    if (colon == std::string_view::npos) return topic;
    const auto partitions = parse_integer(text.substr(colon + 1));
    if (!partitions || *partitions < 1 || *partitions > 100'000) return {};
    topic.partitions = static_cast<std::int32_t>(*partitions);
    return topic;
}

Problem add_sasl(const Options& options, kafka::testing::BrokerOptions& settings) {
    if (options.users.empty() && options.mechanisms.empty()) return {};
    settings.sasl.emplace();
    for (const auto& text : options.users) {
        const auto colon = text.find(':');
        if (colon == text.npos || colon == 0 || colon + 1 == text.size())
            return {Exit::usage, "--user: expected NAME:PASSWORD"};
        settings.sasl->users.push_back({text.substr(0, colon), text.substr(colon + 1)});
    }
    if (!options.mechanisms.empty()) settings.sasl->mechanisms = options.mechanisms;
    return {};
}

Problem write_file(const std::filesystem::path& file, const std::string& text) {
    // Keys are nobody else's business.
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return file_problem(file.string(), errno);
    Output out(fd, file.string());
    out.text() = text;
    static_cast<void>(out.flush());
    ::close(fd);
    return out.problem();
}

// Makes an authority with certificates for the brokers and for a client.
Problem add_tls(const Options& options, kafka::testing::BrokerOptions& settings) {
    const std::filesystem::path folder(options.tls_folder);
    if (folder.empty()) {
        if (options.client_certificates)
            return {Exit::usage, "--client-certificates: only together with --tls"};
        return {};
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return file_problem(folder.string(), error.value());
    const kafka::testing::CertificateAuthority authority;
    kafka::testing::CertificateOptions names;
    asio::error_code not_numeric;
    asio::ip::make_address(options.host, not_numeric);
    (not_numeric ? names.dns_names : names.ip_addresses).push_back(options.host);
    const auto server = authority.issue(names);
    const auto client = authority.issue({.common_name = "client"});
    if (auto problem = write_file(folder / "ca.pem", authority.pem())) return problem;
    if (auto problem = write_file(folder / "client.pem", client.pem + client.key_pem))
        return problem;
    settings.tls.emplace();
    settings.tls->certificate_pem = server.pem;
    settings.tls->key_pem = server.key_pem;
    if (options.client_certificates) {
        settings.tls->client_ca_pem = authority.pem();
        settings.tls->client_auth = kafka::testing::ClientAuth::required;
    }
    return {};
}

// Waits for SIGINT or SIGTERM, or for the end of standard input.
void wait_for_the_end(int signals, bool until_input_ends) {
    pollfd fds[2] = {{signals, POLLIN, 0}, {until_input_ends ? 0 : -1, POLLIN, 0}};
    while (true) {
        if (::poll(fds, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return;
        }
        if (fds[0].revents) return;
        if (!fds[1].revents) continue;
        char ignored[4096];
        const auto count = ::read(0, ignored, sizeof ignored);
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) return;
    }
}

int serve(const Options& options, const kafka::testing::BrokerOptions& settings, int signals) {
    kafka::testing::Broker broker(settings);
    Output out;
    out.text() = "BROKERS=" + broker.bootstrap() + "\n";
    static_cast<void>(out.flush());
    if (out.problem()) return finish("broker", out.problem());
    wait_for_the_end(signals, options.until_input_ends);
    return 0;
}

int run(const Options& options) {
    kafka::testing::BrokerOptions settings;
    settings.brokers = options.brokers;
    settings.host = options.host;
    settings.ports = options.ports;
    settings.auto_create_topics = !options.no_auto_create;
    settings.transaction_version = options.transaction_version;
    if (options.message_max_bytes > 0) settings.message_max_bytes = options.message_max_bytes;
    if (!options.ports.empty()) settings.brokers = static_cast<int>(options.ports.size());
    for (const auto& text : options.topics) {
        auto topic = parse_topic(text);
        if (!topic) {
            return finish("broker",
                          {Exit::usage, "--topic: '" + text + "' is not NAME:PARTITIONS"});
        }
        settings.topics.push_back(*std::move(topic));
    }
    if (const auto problem = add_sasl(options, settings)) return finish("broker", problem);
    // Blocked before the broker's thread begins, which inherits this.
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    const int signals = ::signalfd(-1, &ending, SFD_CLOEXEC);
    if (signals < 0) return finish("broker", file_problem("signals", errno));
    try {
        if (const auto problem = add_tls(options, settings)) return finish("broker", problem);
        return serve(options, settings, signals);
    } catch (const std::system_error& error) {
        const bool usage = error.code() == kafka::errc::invalid_argument;
        return finish("broker", {usage ? Exit::usage : Exit::unreachable, error.what()});
    }
}

constexpr std::string_view help =
    "Serves a Kafka cluster from memory, for development and tests, and prints its address as\n"
    "BROKERS=HOST:PORT,... when it is ready. What is stored ends with the command, which runs\n"
    "until SIGINT or SIGTERM (both are the ordinary end: status 0), or with\n"
    "--until-input-ends until its standard input is closed: then it cannot outlive the program\n"
    "that started it.\n";

}  // namespace

Run add_broker(CLI::App& program) {
    auto options = std::make_shared<Options>();
    auto& command = *program.add_subcommand("broker", "A development broker");
    command.footer(std::string(help) + "\n" + std::string(exit_status_help()));
    auto* brokers = command.add_option("-n,--brokers", options->brokers, "How many brokers")
                        ->check(CLI::Range(1, 100))
                        ->option_text("N [3]");
    command.add_option("--ports", options->ports, "Their ports: one broker each (0: any)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->option_text("PORT,...")
        ->excludes(brokers);
    command.add_option("--host", options->host, "The address to listen at")
        ->option_text("ADDRESS [127.0.0.1]");
    command
        .add_option("-t,--topic,--seed-topic", options->topics,
                    "A topic to begin with (repeatable)")
        ->allow_extra_args(false)
        ->option_text("NAME:PARTITIONS");
    command.add_option("--message-max-bytes", options->message_max_bytes, "The largest batch")
        ->check(CLI::Range(1, 1 << 30))
        ->option_text("BYTES [1048588]");
    command
        .add_option("--transaction-version", options->transaction_version,
                    "Level of the feature transaction.version")
        ->check(CLI::Range(0, 2))
        ->option_text("N [2]");
    command
        .add_option("--user", options->users,
                    "Somebody who may log in with PLAIN or SCRAM (repeatable); others may not")
        ->allow_extra_args(false)
        ->option_text("NAME:PASSWORD");
    command
        .add_option("--mechanism", options->mechanisms,
                    "A SASL mechanism to offer (repeatable): PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, "
                    "OAUTHBEARER (with unsigned tokens)")
        ->check(CLI::IsMember({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"}))
        ->allow_extra_args(false)
        ->option_text("NAME [all, where there are users]");
    command
        .add_option("--tls", options->tls_folder,
                    "TLS, with new certificates: FOLDER gets ca.pem, for clients to trust, and "
                    "client.pem, certificate and key of a client")
        ->option_text("FOLDER");
    command.add_flag("--client-certificates", options->client_certificates,
                     "Clients must show a certificate, such as client.pem");
    command.add_flag("--no-auto-create", options->no_auto_create,
                     "Topics that clients ask for are not created");
    command.add_flag("--until-input-ends", options->until_input_ends,
                     "End when standard input is closed");
    return [options] { return run(*options); };
}

}  // namespace kasio
