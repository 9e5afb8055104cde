// SPDX-License-Identifier: Apache-2.0
// kasio produce: lines to records.
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <kafka/codec.hpp>
#include <kafka/compression.hpp>

#include "batcher.hpp"
#include "common.hpp"
#include "escape.hpp"
#include "format.hpp"
#include "lines.hpp"
#include "output.hpp"
#include "producer.hpp"
#include "progress.hpp"
#include "times.hpp"

namespace kasio {

namespace {

using kafka::protocol::BytesView;
using kafka::protocol::RecordHeaderView;
using kafka::protocol::RecordRef;

// What input may be held back for, in the hope of more.
constexpr int idle_milliseconds = 5;

struct Options {
    CommonOptions common;
    std::string topic;
    std::vector<std::string> files;
    std::string delimiter = "\\n";
    std::string key_separator;
    std::string key;
    std::vector<std::string> headers;
    std::string codec = "none";
    std::string acks = "all";
    std::int32_t partition = -1;
    std::uint64_t count = 0;
    std::int32_t create = 0;
    std::int16_t replication = -1;
    std::size_t batch_size = std::size_t{256} << 10;
    std::size_t max_line = LineReader::default_max_line;
    bool empty_is_null = false;
    bool tee = false;
    bool json = false;
    // Whether an option was given.
    bool has_key = false;
    bool has_key_separator = false;
    bool has_partition = false;
    bool has_count = false;
};

// What the options say, understood.
struct Plan {
    ClusterOptions cluster;
    ProducerOptions producer;
    BatcherOptions batcher;
    std::string delimiter;
    std::optional<std::string> key_separator;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

Problem usage(std::string sentence) {
    return {Exit::usage, std::move(sentence)};
}

Problem plan_codec(const std::string& text, BatcherOptions& batcher) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    const auto codec = kafka::compression_from_name(name);
    if (!codec) return usage("-z: unknown codec '" + name + "' (none, gzip, snappy, lz4, zstd)");
    batcher.codec = *codec;
    if (!kafka::codec::available(*codec)) return usage("-z: " + name + " was not compiled in");
    if (colon == std::string::npos) return {};
    const auto level = parse_integer(text.substr(colon + 1));
    const auto range = kafka::codec::level_range(*codec);
    if (!level || *level < range.lowest || *level > range.highest) {
        return usage("-z: the level of " + name + " is a number from " +
                     std::to_string(range.lowest) + " to " + std::to_string(range.highest));
    }
    batcher.level = static_cast<int>(*level);
    return {};
}

Problem plan_acks(const std::string& text, Plan& plan) {
    if (text == "all" || text == "-1") {
        plan.producer.acks = -1;
    } else if (text == "1" || text == "leader") {
        plan.producer.acks = 1;
    } else if (text == "0" || text == "none") {
        plan.producer.acks = 0;
    } else {
        return usage("-a: '" + text + "' is none of all, 1, 0");
    }
    plan.batcher.idempotent = plan.producer.acks == -1;
    return {};
}

Problem plan_delimiter(std::string_view option, const std::string& text, std::string& out) {
    auto plain = unescape(text);
    if (!plain) return usage(std::string(option) + ": " + plain.failure().detail);
    if (plain->empty()) return usage(std::string(option) + ": it is empty");
    out = *std::move(plain);
    return {};
}

Problem make_plan(const Options& options, Plan& plan) {
    if (auto problem = cluster_options(options.common, plan.cluster)) return problem;
    if (auto problem = plan_codec(options.codec, plan.batcher)) return problem;
    if (auto problem = plan_acks(options.acks, plan)) return problem;
    if (auto problem = plan_delimiter("-D", options.delimiter, plan.delimiter)) return problem;
    if (options.has_key_separator) {
        plan.key_separator.emplace();
        auto problem = plan_delimiter("-K", options.key_separator, *plan.key_separator);
        if (problem) return problem;
    }
    for (const auto& text : options.headers) {
        const auto equals = text.find('=');
        if (equals == 0) return usage("-H: '" + text + "' has no name");
        // kcat's way of saying null.
        std::optional<std::string> value;
        if (equals != std::string::npos) value = text.substr(equals + 1);
        plan.headers.emplace_back(text.substr(0, equals), std::move(value));
    }
    if (options.has_partition && options.partition < 0) {
        return usage("-p: a partition is a number from 0 on");
    }
    plan.batcher.batch_size = options.batch_size;
    return {};
}

std::int64_t now_in_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Reads inputs, makes records, waits for their delivery.
class Job {
public:
    Job(const Options& options, const Plan& plan, Runtime& runtime, Producer& producer,
        std::int32_t partitions)
        : options_(options),
          plan_(plan),
          runtime_(runtime),
          producer_(producer),
          batcher_(producer, partitions, plan.batcher),
          progress_("produced", !options.common.quiet) {
        for (const auto& [name, value] : plan.headers) {
            headers_.push_back({name, value ? BytesView(*value) : BytesView()});
        }
    }

    Problem run() {
        Problem problem;
        if (options_.files.empty()) problem = read(0, "standard input");
        for (const auto& file : options_.files) {
            if (problem || stopped()) break;
            problem = read_file(file);
        }
        // What was read before a bad line or a signal is delivered all the same.
        const bool delivered = batcher_.flush() && producer_.drain();
        static_cast<void>(tee_.flush());
        progress_.clear();
        if (!problem && tee_.problem()) problem = tee_.problem();
        if (!delivered) problem = batcher_.problem();
        if (!problem && runtime_.interrupted() != Exit::ok) problem.status = runtime_.interrupted();
        return problem;
    }

    [[nodiscard]] double seconds() const { return progress_.seconds(); }

private:
    [[nodiscard]] bool stopped() const { return runtime_.interrupted() != Exit::ok || enough(); }
    [[nodiscard]] bool enough() const { return options_.has_count && records_ >= options_.count; }

    Problem read_file(const std::string& path) {
        if (path == "-") return read(0, "standard input");
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) return file_problem(path, errno);
        auto problem = read(fd, path);
        ::close(fd);
        return problem;
    }

    Problem read(int fd, const std::string& name) {
        LineReader reader(fd, name, plan_.delimiter, options_.max_line, runtime_.wake_descriptor());
        while (!stopped()) {
            show_progress();
            switch (reader.next(batcher_.empty() ? -1 : idle_milliseconds)) {
                case LineReader::Status::line:
                    if (!add(reader.line())) return batcher_.problem();
                    break;
                case LineReader::Status::idle:
                    if (!batcher_.flush() || !flush_tee()) return batcher_.problem();
                    break;
                case LineReader::Status::failed:
                    return reader.problem();
                case LineReader::Status::end:
                case LineReader::Status::interrupted:
                    return {};
            }
        }
        return {};
    }

    bool add(std::string_view line) {
        RecordRef record;
        record.timestamp = now_in_milliseconds();
        record.headers = headers_;
        if (options_.has_key) record.key = BytesView(options_.key);
        auto value = line;
        if (plan_.key_separator) {
            const auto at = line.find(*plan_.key_separator);
            if (at != std::string_view::npos) {
                record.key = BytesView(line.substr(0, at));
                value = line.substr(at + plan_.key_separator->size());
            }
        }
        if (!options_.empty_is_null || !value.empty()) record.value = BytesView(value);
        std::optional<std::int32_t> partition;
        if (options_.has_partition) partition = options_.partition;
        if (!batcher_.add(record, ++records_, partition)) return false;
        if (options_.tee) {
            tee_.text().append(line).append(plan_.delimiter);
            return tee_.write_if_large() || tee_.closed();
        }
        return true;
    }

    bool flush_tee() { return !options_.tee || tee_.flush() || tee_.closed(); }

    void show_progress() {
        if (records_ % 1024 != 0 && !batcher_.empty()) return;
        const auto counters = producer_.counters();
        progress_.update(counters.records, counters.bytes);
    }

    const Options& options_;
    const Plan& plan_;
    Runtime& runtime_;
    Producer& producer_;
    Batcher batcher_;
    Progress progress_;
    Output tee_;
    std::vector<RecordHeaderView> headers_;
    std::uint64_t records_ = 0;
};

Problem ensure_topic(const Options& options, Runtime& runtime, Cluster& cluster) {
    if (options.create == 0) {
        auto problem = find_topic(runtime, cluster, options.topic);
        if (problem.sentence.ends_with("does not exist")) {
            problem.sentence += " (--create PARTITIONS makes it)";
        }
        return problem;
    }
    const NewTopic topic{options.topic, options.create, options.replication};
    bool there = false;
    const auto failure = runtime.run(cluster.create_topic(topic, there));
    return failure ? problem_of(failure, "creating the topic") : Problem();
}

// The summary: for people on standard error, for programs on standard output.
Problem report(const Options& options, const Producer& producer, double seconds) {
    const auto counters = producer.counters();
    if (options.json) {
        Output out;
        auto& text = out.text();
        text += "{\"topic\":";
        append_json_string(options.topic, text);
        text += ",\"records\":" + std::to_string(counters.records) +
                ",\"bytes\":" + std::to_string(counters.bytes) +
                ",\"batch_bytes\":" + std::to_string(counters.wire_bytes) +
                ",\"seconds\":" + std::to_string(seconds) + "}\n";
        if (!out.flush()) return out.problem();
    }
    if (options.common.quiet) return {};
    if (counters.maybe_twice > 0) {
        complain("produce", std::to_string(counters.maybe_twice) +
                                " records may be there twice: they were sent again, and only "
                                "acks=all tells repetitions");
    }
    complain("produce", std::to_string(counters.records) + " records, " +
                            std::to_string(counters.bytes) + " bytes; " +
                            rate_line(counters.records, counters.bytes, seconds));
    return {};
}

int run(const Options& options) {
    Plan plan;
    if (const auto problem = make_plan(options, plan)) return finish("produce", problem);
    Runtime runtime;
    Cluster cluster(runtime.context(), plan.cluster);
    if (const auto problem = ensure_topic(options, runtime, cluster)) {
        return finish("produce", problem);
    }
    const auto partitions = cluster.partition_count();
    if (options.has_partition && options.partition >= partitions) {
        return finish("produce", {Exit::refused, "topic " + options.topic + " has " +
                                                     std::to_string(partitions) +
                                                     " partitions, and none with number " +
                                                     std::to_string(options.partition)});
    }
    Producer producer(runtime, cluster, options.topic, plan.producer);
    if (const auto problem = producer.start()) return finish("produce", problem);
    runtime.be_graceful();
    Job job(options, plan, runtime, producer, partitions);
    auto problem = job.run();
    const auto reported = report(options, producer, job.seconds());
    if (!problem) problem = reported;
    return finish("produce", problem);
}

constexpr std::string_view help =
    "Each line of standard input, or of the files, becomes a record.\n\n"
    "With -a all (the default) a record that was sent again after a failure is stored once, and\n"
    "the records of a partition keep their order. The first record that a broker refuses ends the\n"
    "command; what was read before it and what was delivered is counted on standard error.\n";

}  // namespace

Run add_produce(CLI::App& program) {
    auto options = std::make_shared<Options>();
    auto& command = *program.add_subcommand("produce", "Lines to records");
    command.footer(std::string(help) + "\n" + std::string(exit_status_help()));
    add_common_options(command, options->common);
    command.add_option("-t,--topic", options->topic, "The topic")->required();
    command.add_option("files", options->files, "Files to read (-: standard input)");
    auto* partition = command.add_option("-p,--partition", options->partition,
                                         "Put all records into this partition");
    command
        .add_option("-D,--delimiter", options->delimiter,
                    "What ends a record in the input; with escapes like \\x00")
        ->option_text("TEXT [\\n]");
    auto* separator = command.add_option("-K,--key-separator", options->key_separator,
                                         "What stands between key and value; lines without it "
                                         "have no key");
    auto* key = command.add_option("-k,--key", options->key, "The key of records without one");
    command
        .add_option("-H,--header", options->headers,
                    "A header for all records; without '=' its value is null (repeatable)")
        ->allow_extra_args(false)
        ->option_text("NAME=VALUE");
    command.add_option("-z,--compression", options->codec, "none, gzip, snappy, lz4 or zstd")
        ->option_text("CODEC[:LEVEL] [none]");
    command.add_option("-a,--acks", options->acks, "Who must have a record: all, 1 (leader), 0")
        ->option_text("ACKS [all]");
    command.add_flag("-Z,--empty-as-null", options->empty_is_null,
                     "Records without a value are tombstones (null)");
    command.add_flag("-T,--tee", options->tee, "Copy the input to standard output");
    auto* count = command.add_option("-c,--count", options->count, "End after this many records");
    command.add_option("--create", options->create, "Create the topic, if it is not there")
        ->check(CLI::Range(1, 100'000))
        ->option_text("PARTITIONS");
    command
        .add_option("--replication", options->replication,
                    "Replicas of a topic that is created; default: the cluster's")
        ->check(CLI::Range(1, 1'000))
        ->option_text("N");
    command.add_option("--batch-size", options->batch_size, "Bytes of a batch, uncompressed")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100} << 20))
        ->option_text("BYTES [262144]");
    command.add_option("--max-line", options->max_line, "A longer line is an error")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30))
        ->option_text("BYTES [104853504]");
    command.add_flag("--json", options->json, "The counts as JSON on standard output");
    return [options, partition, separator, key, count] {
        options->has_partition = partition->count() > 0;
        options->has_key_separator = separator->count() > 0;
        options->has_key = key->count() > 0;
        options->has_count = count->count() > 0;
        if (options->tee && options->json) {
            return finish("produce",
                          {Exit::usage, "--tee and --json both write to standard output"});
        }
        return run(*options);
    };
}

}  // namespace kasio
