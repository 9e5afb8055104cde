// SPDX-License-Identifier: Apache-2.0
// kasio probe: where the way to a cluster breaks, and what to do about it.
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "common.hpp"
#include "output.hpp"
#include "probe.hpp"
#include "runtime.hpp"

namespace kasio {

namespace {

struct Options {
    CommonOptions common;
    bool json = false;
};

Problem probe_options(const CommonOptions& common, ProbeOptions& options) {
    ClusterOptions settings;
    if (auto problem = cluster_options(common, settings)) return problem;
    options.bootstrap = std::move(settings.bootstrap);
    options.conn = std::move(settings.conn);
    options.timeout = milliseconds(static_cast<std::int64_t>(common.timeout * 1000));
    return {};
}

int run(const Options& options) {
    ProbeOptions settings;
    if (const auto problem = probe_options(options.common, settings)) {
        return finish("probe", problem);
    }
    Runtime runtime;
    const auto report = runtime.run(probe(std::move(settings)));
    Output out;
    if (options.json) {
        out.text() = json_of(report);
    } else if (options.common.quiet) {
        out.text() = conclusion_of(report) + ".\n";
        const auto faults = faults_of(report, Verdict::failed);
        if (!faults.empty()) out.text() += "To do: " + faults.front().step->advice + ".\n";
    } else {
        out.text() = text_of(report);
    }
    static_cast<void>(out.flush());
    if (out.problem()) return finish("probe", out.problem());
    return static_cast<int>(exit_of(report));
}

constexpr std::string_view help =
    "Goes to each bootstrap address and from there to each address that the brokers advertise, "
    "and\n"
    "says which step breaks and what to do: name (its addresses), connect (TCP), tls (the chain "
    "of\n"
    "certificates), versions (of the APIs), login (SASL), metadata (the cluster). A step that\n"
    "needs one that failed is skipped. Names like ssl.ca.location are those of the settings.\n"
    "Secrets are sent only to a broker whose certificate was accepted.\n\n"
    "The exit status is 0 where nothing failed (warnings may be there), otherwise that of the\n"
    "first failure.\n";

}  // namespace

Run add_probe(CLI::App& program) {
    auto options = std::make_shared<Options>();
    options->common.timeout = 10;
    auto& command = *program.add_subcommand("probe", "Where the way to a cluster breaks, and why");
    command.footer(std::string(help) + "\n" + std::string(exit_status_help()));
    add_common_options(command, options->common);
    command.get_option("--timeout")
        ->description("How long each step may take")
        ->option_text("SECONDS [10]");
    command.get_option("--quiet")->description("Only the conclusion");
    command.add_flag("-J,--json", options->json, "As JSON");
    return [options] { return run(*options); };
}

}  // namespace kasio
