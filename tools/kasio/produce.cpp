// SPDX-License-Identifier: Apache-2.0
// kasio produce: lines to records.
#include <algorithm>
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

#include "common.hpp"
#include "escape.hpp"
#include "format.hpp"
#include "lines.hpp"
#include "output.hpp"
#include "produce_options.hpp"
#include "producer.hpp"
#include "progress.hpp"

namespace kasio {

namespace {

using kafka::protocol::BytesView;
using kafka::protocol::RecordHeaderView;
using kafka::protocol::RecordRef;

// What --tee may be held back for, in the hope of more.
constexpr int idle_milliseconds = 5;

struct Options : ProduceOptions {
    std::vector<std::string> files;
    std::string delimiter = "\\n";
    std::string key_separator;
    std::string key;
    std::vector<std::string> headers;
    std::int32_t partition = -1;
    std::uint64_t count = 0;
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
struct Plan : ProducePlan {
    std::string delimiter;
    std::optional<std::string> key_separator;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

Problem usage(std::string sentence) {
    return {Exit::usage, std::move(sentence)};
}

Problem plan_delimiter(std::string_view option, const std::string& text, std::string& out) {
    auto plain = unescape(text);
    if (!plain) return usage(std::string(option) + ": " + plain.failure().detail);
    if (plain->empty()) return usage(std::string(option) + ": it is empty");
    out = *std::move(plain);
    return {};
}

Problem make_plan(Options& options, Plan& plan) {
    if (auto problem = make_produce_plan(options, plan)) return problem;
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
    return {};
}

std::int64_t now_in_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Reads inputs, makes records, waits for their delivery.
class Job {
public:
    Job(const Options& options, const Plan& plan, Runtime& runtime, Producer& producer)
        : options_(options),
          plan_(plan),
          runtime_(runtime),
          producer_(producer),
          progress_("produced", !options.common.quiet) {
        for (const auto& [name, value] : plan.headers) {
            headers_.push_back({name, value ? BytesView(*value) : BytesView()});
        }
        producer.on_wait([this] { show_progress(); });
    }

    Problem run() {
        Problem problem;
        if (options_.files.empty()) problem = read(0, "standard input");
        for (const auto& file : options_.files) {
            if (problem || stopped()) break;
            problem = read_file(file);
        }
        // What was read before a bad line or a signal is delivered all the same.
        const bool delivered = producer_.finish();
        static_cast<void>(tee_.flush());
        progress_.clear();
        if (!problem && tee_.problem()) problem = tee_.problem();
        if (!delivered) problem = producer_.problem();
        return problem;
    }

    [[nodiscard]] double seconds() const { return progress_.seconds(); }

    // Where a record stood, if there are several files.
    [[nodiscard]] std::string place(std::uint64_t number) const {
        const auto after = std::find_if(inputs_.begin(), inputs_.end(),
                                        [number](const Input& one) { return one.first > number; });
        if (options_.files.empty() || after == inputs_.begin()) return {};
        const auto& input = *(after - 1);
        return "line " + std::to_string(number - input.first + 1) + " of " + input.name;
    }

private:
    struct Input {
        std::string name;
        std::uint64_t first;  // the number of its first record
    };

    [[nodiscard]] bool stopped() const {
        return failed_ || enough() || runtime_.interrupted() != Exit::ok;
    }
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
        inputs_.push_back({name, records_ + 1});
        LineReader reader(fd, name, plan_.delimiter, options_.max_line, runtime_.wake_descriptor());
        while (!stopped()) {
            show_progress();
            switch (reader.next(tee_.text().empty() ? -1 : idle_milliseconds)) {
                case LineReader::Status::line:
                    failed_ = !add(reader.line());
                    break;
                case LineReader::Status::idle:
                    failed_ = !flush_tee();
                    break;
                case LineReader::Status::failed:
                    return reader.problem();
                case LineReader::Status::end:
                    return {};
                case LineReader::Status::interrupted:
                    failed_ = true;
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
        if (!producer_.add(record, ++records_, partition)) return false;
        if (options_.tee) {
            tee_.text().append(line).append(plan_.delimiter);
            return tee_.write_if_large() || tee_.closed();
        }
        return true;
    }

    bool flush_tee() { return !options_.tee || tee_.flush() || tee_.closed(); }

    void show_progress() {
        if (!progress_.due()) return;
        const auto counters = producer_.counters();
        progress_.update(counters.records, counters.bytes);
    }

    const Options& options_;
    const Plan& plan_;
    Runtime& runtime_;
    Producer& producer_;
    Progress progress_;
    Output tee_;
    std::vector<RecordHeaderView> headers_;
    std::vector<Input> inputs_;
    std::uint64_t records_ = 0;
    bool failed_ = false;  // no more is to be read
};

// The summary: for people on standard error, for programs on standard output.
Problem report(const Options& options, const Producer& producer, bool idempotent, double seconds) {
    const auto counters = producer.counters();
    if (options.json) {
        Output out;
        auto& text = out.text();
        text += "{\"topic\":";
        append_json_string(options.topic, text);
        text += ",\"records\":" + std::to_string(counters.records) +
                ",\"bytes\":" + std::to_string(counters.bytes) +
                ",\"batch_bytes\":" + std::to_string(counters.batch_bytes) +
                ",\"seconds\":" + std::to_string(seconds) + "}\n";
        if (!out.flush()) return out.problem();
    }
    if (options.common.quiet) return {};
    if (counters.repeated > 0 && !idempotent) {
        complain("produce", std::to_string(counters.repeated) +
                                " batches were sent again: their records may be there twice, "
                                "since only acks=all with idempotence tells repetitions");
    }
    complain("produce", std::to_string(counters.records) + " records, " +
                            std::to_string(counters.bytes) + " bytes; " +
                            rate_line(counters.records, counters.bytes, seconds));
    return {};
}

int run(Options& options) {
    Plan plan;
    if (const auto problem = make_plan(options, plan)) return finish("produce", problem);
    Runtime runtime;
    std::int32_t partitions = 0;
    if (const auto problem = ensure_topic(options, runtime, plan.cluster, partitions)) {
        return finish("produce", problem);
    }
    if (options.has_partition && options.partition >= partitions) {
        return finish("produce", {Exit::refused, "topic " + options.topic + " has " +
                                                     std::to_string(partitions) +
                                                     " partitions, and none with number " +
                                                     std::to_string(options.partition)});
    }
    Producer producer(runtime, plan.client, plan.writer);
    runtime.be_graceful();
    Job job(options, plan, runtime, producer);
    auto problem = job.run();
    const auto reported = report(options, producer, plan.writer.enable_idempotence, job.seconds());
    for (const auto& sentence :
         producer.complaints([&job](std::uint64_t number) { return job.place(number); })) {
        complain("produce", sentence);
        problem.sentence.clear();  // it is one of these
    }
    if (!problem) problem = reported;
    return finish("produce", problem);
}

constexpr std::string_view help =
    "Each line of standard input, or of the files, becomes a record.\n\n"
    "With -a all (the default) a record that was sent again after a failure is stored once, and\n"
    "the records of a partition keep their order. The first record that is not delivered ends\n"
    "the reading; what was read before it is delivered all the same, and each record that is not\n"
    "is named with the reason. Ctrl-C does the same, and gives what was read 8 seconds.\n\n"
    "Settings of producers (linger.ms, delivery.timeout.ms, buffer.memory, ...) are taken by\n"
    "their names in Kafka, like all others; --timeout stands for delivery.timeout.ms.\n";

}  // namespace

Run add_produce(CLI::App& program) {
    auto options = std::make_shared<Options>();
    auto& command = *program.add_subcommand("produce", "Lines to records");
    command.footer(std::string(help) + "\n" + std::string(exit_status_help()));
    add_produce_options(command, *options);
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
    command.add_flag("-Z,--empty-as-null", options->empty_is_null,
                     "Records without a value are tombstones (null)");
    command.add_flag("-T,--tee", options->tee, "Copy the input to standard output");
    auto* count = command.add_option("-c,--count", options->count, "End after this many records");
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
