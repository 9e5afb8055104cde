// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <utility>

#include <CLI/CLI.hpp>

#include "output.hpp"

namespace kasio {

void add_common_options(CLI::App& command, CommonOptions& options) {
    command
        .add_option("-b,--brokers,--bootstrap-server", options.brokers,
                    "Brokers to begin with: HOST:PORT,...")
        ->envname("KAFKA_BROKERS")
        ->option_text("HOST:PORT,... (Env:KAFKA_BROKERS)");
    command
        .add_option("--timeout", options.timeout,
                    "How long what may pass (a broker that is away, a leader that moves) is tried "
                    "again")
        ->check(CLI::Range(0.0, 86'400.0))
        ->option_text("SECONDS [60]");
    command.add_option("--client-id", options.client_id, "A name for the brokers' logs and quotas")
        ->option_text("NAME [kasio]");
    command.add_flag("-q,--quiet", options.quiet, "No progress, counts or warnings");
}

Problem cluster_options(const CommonOptions& common, ClusterOptions& options) {
    if (common.brokers.empty()) {
        return {Exit::usage, "no brokers: give -b HOST:PORT,... or set KAFKA_BROKERS"};
    }
    auto addresses = parse_addresses(common.brokers);
    if (!addresses) return {Exit::usage, addresses.failure().detail};
    options.bootstrap = *std::move(addresses);
    options.client_id = common.client_id;
    options.patience = milliseconds(static_cast<std::int64_t>(common.timeout * 1000));
    return {};
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
