// SPDX-License-Identifier: Apache-2.0
// kasio consume: records to text or JSON.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "common.hpp"
#include "decoder.hpp"
#include "escape.hpp"
#include "fetcher.hpp"
#include "format.hpp"
#include "offsets.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace kasio {

namespace {

// Output that has not filled a buffer is written when nothing more comes for this long.
constexpr milliseconds idle_time{5};
constexpr milliseconds waiting_time{500};

struct Options {
    CommonOptions common;
    std::string topic;
    std::vector<std::int32_t> partitions;
    std::vector<std::string> offsets;
    std::string format;
    std::string delimiter = "\\n";
    std::string key_separator;
    std::string isolation = "read_committed";
    std::uint64_t count = 0;
    bool to_the_end = false;
    bool json = false;
    bool null_text = false;
    bool has_format = false;
    bool has_key_separator = false;
    bool has_count = false;
};

struct Plan {
    ClusterOptions cluster;
    OffsetRange range;
    Format format;
    FetchOptions fetch;
};

Problem usage(std::string sentence) {
    return {Exit::usage, std::move(sentence)};
}

std::int64_t now_in_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Problem plan_format(const Options& options, Format& format) {
    if (options.has_format) {
        auto parsed = Format::parse(options.format);
        if (!parsed) return usage("-f: " + parsed.failure().detail);
        format = *std::move(parsed);
    } else {
        const auto delimiter = unescape(options.delimiter);
        if (!delimiter) return usage("-D: " + delimiter.failure().detail);
        const auto separator = unescape(options.key_separator);
        if (!separator) return usage("-K: " + separator.failure().detail);
        format = Format::lines(*delimiter, options.has_key_separator ? &*separator : nullptr);
    }
    if (options.null_text) format.set_null_text("NULL");
    return {};
}

Problem make_plan(const Options& options, Plan& plan) {
    if (options.json && options.has_format) return usage("--json and --format exclude each other");
    if (auto problem = cluster_options(options.common, plan.cluster)) return problem;
    if (auto problem = plan_format(options, plan.format)) return problem;
    auto range = parse_offsets(options.offsets, now_in_milliseconds());
    if (!range) return usage("-o: " + range.failure().detail);
    plan.range = *range;
    if (options.isolation == "read_committed") {
        plan.fetch.isolation = Isolation::read_committed;
    } else if (options.isolation == "read_uncommitted") {
        plan.fetch.isolation = Isolation::read_uncommitted;
    } else {
        return usage("--isolation: '" + options.isolation +
                     "' is neither read_committed nor read_uncommitted");
    }
    return {};
}

// Those that were asked for, or all.
Problem choose_partitions(const Options& options, const Cluster& cluster,
                          std::vector<std::int32_t>& chosen) {
    std::set<std::int32_t> wanted(options.partitions.begin(), options.partitions.end());
    const auto count = cluster.partition_count();
    for (const auto partition : wanted) {
        if (partition >= 0 && partition < count) continue;
        return {Exit::refused, "topic " + options.topic + " has " + std::to_string(count) +
                                   " partitions, and none with number " +
                                   std::to_string(partition)};
    }
    for (std::int32_t p = 0; wanted.empty() && p < count; ++p)
        chosen.push_back(p);
    chosen.insert(chosen.end(), wanted.begin(), wanted.end());
    return {};
}

void warn(const Options& options, Progress& progress, const std::string& sentence) {
    if (options.common.quiet) return;
    progress.clear();
    complain("consume", sentence);
}

// Prints what is fetched.
class Job {
public:
    Job(const Options& options, const Plan& plan, Runtime& runtime, Fetcher& fetcher,
        const std::vector<Assignment>& assignments)
        : options_(options),
          plan_(plan),
          runtime_(runtime),
          fetcher_(fetcher),
          decoder_(options.topic, assignments, plan.fetch.isolation),
          progress_("consumed", !options.common.quiet && ::isatty(1) == 0) {}

    Problem run() {
        auto problem = pump();
        // What was read is shown, whatever came then.
        static_cast<void>(out_.flush());
        progress_.clear();
        if (out_.problem()) return out_.problem();
        if (!problem && runtime_.interrupted() != Exit::ok) problem.status = runtime_.interrupted();
        return problem;
    }

private:
    [[nodiscard]] bool enough() const { return options_.has_count && records_ >= options_.count; }

    Problem pump() {
        Chunk chunk;
        while (!enough() && out_.good()) {
            const auto status =
                fetcher_.next(chunk, out_.text().empty() ? waiting_time : idle_time);
            for (const auto& warning : fetcher_.take_warnings()) {
                warn(options_, progress_, warning);
            }
            progress_.update(records_, bytes_);
            switch (status) {
                case Fetcher::Status::chunk:
                    show(chunk);
                    if (decoder_.problem()) return decoder_.problem();
                    break;
                case Fetcher::Status::idle:
                    static_cast<void>(out_.flush());
                    break;
                case Fetcher::Status::failed:
                    return fetcher_.problem();
                case Fetcher::Status::done:
                case Fetcher::Status::interrupted:
                    return {};
            }
        }
        return {};
    }

    void show(const Chunk& chunk) {
        decoder_.open(chunk);
        Shown shown{options_.topic, chunk.partition, nullptr};
        while (!enough() && out_.good()) {
            shown.record = decoder_.next();
            if (!shown.record) break;
            if (options_.json) {
                append_json(shown, out_.text());
            } else {
                plan_.format.append(shown, out_.text());
            }
            ++records_;
            bytes_ += shown.record->key.size() + shown.record->value.size();
            static_cast<void>(out_.write_if_large());
        }
    }

    const Options& options_;
    const Plan& plan_;
    Runtime& runtime_;
    Fetcher& fetcher_;
    Decoder decoder_;
    Output out_;
    Progress progress_;
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
};

int run(const Options& options) {
    Plan plan;
    if (const auto problem = make_plan(options, plan)) return finish("consume", problem);
    Runtime runtime;
    Cluster cluster(runtime.context(), plan.cluster);
    if (const auto problem = find_topic(runtime, cluster, options.topic)) {
        return finish("consume", problem);
    }
    std::vector<std::int32_t> partitions;
    if (const auto problem = choose_partitions(options, cluster, partitions)) {
        return finish("consume", problem);
    }
    std::vector<Assignment> assignments;
    const auto failure = runtime.run(resolve_offsets(
        cluster, partitions, plan.range, options.to_the_end, plan.fetch.isolation, assignments));
    if (failure) return finish("consume", problem_of(failure, "looking up offsets"));
    const bool clamped = std::any_of(assignments.begin(), assignments.end(),
                                     [](const Assignment& each) { return each.clamped; });
    if (clamped && !options.common.quiet) {
        complain("consume",
                 "an offset that was asked for lies outside of a partition's log: reading begins "
                 "at the nearer end of the log");
    }
    runtime.be_graceful();
    Fetcher fetcher(runtime, cluster, options.topic, assignments, plan.fetch);
    Job job(options, plan, runtime, fetcher, assignments);
    return finish("consume", job.run());
}

constexpr std::string_view help =
    "Prints records as they come, in the order of each partition. Checksums are checked.\n"
    "A reader of the output that ends early, such as head, ends the command with status 0.\n";

constexpr std::string_view json_help =
    "JSON (-J): one object a line, with topic, partition, offset, timestamp, timestamp_type, key,\n"
    "value and headers ([{\"key\":...,\"value\":...}]). What is not UTF-8 stands in base64 in\n"
    "key_base64 and value_base64 instead.\n";

}  // namespace

Run add_consume(CLI::App& program) {
    auto options = std::make_shared<Options>();
    auto& command = *program.add_subcommand("consume", "Records to text or JSON");
    command.footer(std::string(help) + "\n" + std::string(offsets_help()) + "\n" +
                   std::string(format_help()) + "\n" + std::string(json_help) + "\n" +
                   std::string(exit_status_help()));
    add_common_options(command, options->common);
    command.add_option("-t,--topic", options->topic, "The topic")->required();
    command
        .add_option("-p,--partition", options->partitions,
                    "These partitions only (a list, or repeated)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->option_text("N,...");
    command
        .add_option("-o,--offset", options->offsets,
                    "Where to begin, and end; see below (repeatable)")
        ->allow_extra_args(false)
        ->option_text("OFFSETS [start]");
    auto* format =
        command.add_option("-f,--format", options->format, "How records are printed; see below");
    command.add_flag("-e,--exit", options->to_the_end,
                     "End at what is the end of each partition when the command starts");
    auto* count = command.add_option("-c,--count", options->count, "End after this many records");
    command.add_option("-D,--delimiter", options->delimiter, "What follows each value")
        ->option_text("TEXT [\\n]");
    auto* separator = command.add_option("-K,--key-separator", options->key_separator,
                                         "Print keys, and this between key and value");
    command.add_flag("-J,--json", options->json, "One JSON object a line; see below");
    command.add_flag("-Z,--null", options->null_text, "Print NULL for null keys and values");
    command
        .add_option("--isolation", options->isolation,
                    "Leave out records of transactions that are aborted or not finished, or not")
        ->option_text("read_committed (the default) or read_uncommitted");
    return [options, format, separator, count] {
        options->has_format = format->count() > 0;
        options->has_key_separator = separator->count() > 0;
        options->has_count = count->count() > 0;
        return run(*options);
    };
}

}  // namespace kasio
