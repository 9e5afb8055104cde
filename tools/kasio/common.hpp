// SPDX-License-Identifier: Apache-2.0
// What all commands share: their common options, and how they begin.
#pragma once

#include <functional>
#include <string>

#include <kafka/client_config.hpp>
#include <kafka/result.hpp>
#include <kafka/writer_config.hpp>

#include "cluster.hpp"
#include "exit_status.hpp"
#include "settings.hpp"

namespace CLI {
class App;
}

namespace kasio {

/// Options that every command has that talks to a cluster.
struct CommonOptions {
    GivenSettings settings;
    double timeout = 60;  ///< seconds
    bool quiet = false;
    bool produces = false;  ///< the command takes the settings of producers
    /// Puts the command's own options into `settings`, for -X dump.
    std::function<Problem()> more_settings = {};
};

/// Thrown while the command line is read: what was asked for is done.
struct Done {
    int status = 0;
};

/// Adds -b, -X, --config, --timeout, --client-id and -q. With `-X list` and `-X dump` the command
/// prints these and is Done.
void add_common_options(CLI::App& command, CommonOptions& options);
/// Adds `-X list` to the program itself.
void add_list_of_settings(CLI::App& program);
/// About settings, for --help.
[[nodiscard]] std::string_view settings_help() noexcept;
/// The options of the session. Failures: usage, files.
[[nodiscard]] Problem cluster_options(const CommonOptions& common, ClusterOptions& options);
/// The same, and what a writer is to be made with. Failures: usage, files.
[[nodiscard]] Problem writer_options(const CommonOptions& common, ClusterOptions& options,
                                     kafka::ClientConfig& client, kafka::WriterConfig& writer);

/// Metadata of the watched topic, for a command that needs it to be there. The problem says what
/// to do about a topic that is missing.
[[nodiscard]] Problem find_topic(Runtime& runtime, Cluster& cluster, const std::string& topic);

/// Ends a command: reports the problem, if there is one, and gives the exit status.
[[nodiscard]] int finish(std::string_view command, const Problem& problem);

/// One command: adds itself to the program, and runs after the command line was read.
using Run = std::function<int()>;
[[nodiscard]] Run add_produce(CLI::App& program);
[[nodiscard]] Run add_consume(CLI::App& program);
[[nodiscard]] Run add_metadata(CLI::App& program);
[[nodiscard]] Run add_api_versions(CLI::App& program);
[[nodiscard]] Run add_probe(CLI::App& program);
[[nodiscard]] Run add_broker(CLI::App& program);
[[nodiscard]] Run add_perf(CLI::App& program);

}  // namespace kasio
