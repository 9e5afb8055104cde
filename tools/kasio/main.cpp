// SPDX-License-Identifier: Apache-2.0
// kasio: Kafka from the command line.
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <kafka/version.hpp>

#include "common.hpp"
#include "output.hpp"

namespace {

using kasio::Exit;

// The command whose name stands first, with the one below it, for messages: "perf produce".
std::string name_of_command(const CLI::App& program) {
    const auto chosen = program.get_subcommands();
    if (chosen.empty()) return {};
    const auto below = name_of_command(*chosen.front());
    return chosen.front()->get_name() + (below.empty() ? "" : " " + below);
}

int run(int argc, char** argv) {
    CLI::App program("Kafka from the command line, over the kafka-asio library.", "kasio");
    program.set_version_flag("-V,--version", "kasio " KAFKA_ASIO_VERSION_STRING);
    program.require_subcommand(1);
    program.footer("kasio COMMAND --help tells more.\n\n" + std::string(kasio::settings_help()) +
                   "\n" + std::string(kasio::exit_status_help()));
    kasio::add_list_of_settings(program);
    program.get_formatter()->column_width(34);

    std::vector<std::pair<std::string, kasio::Run>> commands;
    commands.emplace_back("produce", kasio::add_produce(program));
    commands.emplace_back("consume", kasio::add_consume(program));
    commands.emplace_back("metadata", kasio::add_metadata(program));
    commands.emplace_back("api-versions", kasio::add_api_versions(program));
    commands.emplace_back("probe", kasio::add_probe(program));
    commands.emplace_back("broker", kasio::add_broker(program));
    commands.emplace_back("perf produce", kasio::add_perf(program));

    try {
        program.parse(argc, argv);
    } catch (const kasio::Done& done) {  // -X list
        return done.status;
    } catch (const CLI::Success& wanted) {  // --help, --version
        const int status = program.exit(wanted);
        std::cout.flush();
        return std::cout ? status : static_cast<int>(Exit::files);
    } catch (const CLI::ParseError& error) {
        auto sentence = std::string(error.what());
        while (sentence.ends_with('\n') || sentence.ends_with('.'))
            sentence.pop_back();
        kasio::complain(name_of_command(program), sentence + " (try --help)");
        return static_cast<int>(Exit::usage);
    }
    const auto chosen = name_of_command(program);
    for (const auto& [name, command] : commands) {
        if (name == chosen) return command();
    }
    return static_cast<int>(Exit::usage);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::bad_alloc&) {
        kasio::complain("", "there is not enough memory");
    } catch (const std::exception& error) {
        kasio::complain("", error.what());
    }
    return static_cast<int>(Exit::bad_data);
}
