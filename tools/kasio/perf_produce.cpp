// SPDX-License-Identifier: Apache-2.0
// kasio perf produce: how fast records get to a topic.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <poll.h>

#include <kafka/error.hpp>

#include "common.hpp"
#include "escape.hpp"
#include "output.hpp"
#include "payloads.hpp"
#include "perf_lines.hpp"
#include "perf_stats.hpp"
#include "produce_options.hpp"
#include "writer_session.hpp"

namespace kasio {

namespace {

constexpr std::string_view command_name = "perf produce";

struct Options : ProduceOptions {
    std::uint64_t records = 0;
    std::uint64_t warmup = 0;
    std::size_t record_size = 0;  // 0: not given
    std::string payload_file;
    std::string payload_delimiter = "\\n";
    double throughput = -1;
    std::uint64_t keys = 0;
    double interval = 5;  // seconds
    bool json = false;
};

Problem usage(std::string sentence) {
    return {Exit::usage, std::move(sentence)};
}

Problem make_payloads(const Options& options, Payloads& payloads) {
    if ((options.record_size > 0) != options.payload_file.empty())
        return usage("give one of --record-size and --payload-file");
    if (options.record_size > 0) {
        payloads = Payloads::of_size(options.record_size);
        return {};
    }
    auto delimiter = unescape(options.payload_delimiter);
    if (!delimiter) return usage("--payload-delimiter: " + delimiter.failure().detail);
    if (delimiter->empty()) return usage("--payload-delimiter: it is empty");
    return Payloads::of_file(options.payload_file, *delimiter,
                             static_cast<std::size_t>(PerfStats::most_bytes), payloads);
}

Problem check(const Options& options) {
    if (options.throughput == 0 || std::isnan(options.throughput))
        return usage("--throughput: a number of records per second, or -1 for no limit");
    if (options.warmup >= options.records)
        return usage("--warmup-records: fewer than --num-records");
    return {};
}

class Measurement {
public:
    using Clock = PerfStats::Clock;

    Measurement(const Options& options, const ProducePlan& plan, Runtime& runtime,
                Payloads& payloads)
        : options_(options),
          runtime_(runtime),
          payloads_(payloads),
          keys_(options.keys),
          start_(Clock::now()),
          next_line_(start_ + interval()),
          stats_(std::make_shared<PerfStats>(start_)) {
        auto writer = plan.writer;
        writer.on_records = [stats = stats_](const kafka::WrittenRecords& records) {
            stats->take(records, Clock::now());
        };
        session_ = std::make_unique<WriterSession>(runtime, plan.client, std::move(writer));
        session_->on_wait([this] { show_interval(Clock::now()); });
    }

    Problem run() {
        for (std::uint64_t i = 0; i < options_.records && going_on(); ++i) {
            const auto now = Clock::now();
            if (options_.warmup > 0 && i == options_.warmup) stats_->begin_steady_state(now);
            show_interval(now);
            write(now, options_.warmup > 0 && i >= options_.warmup);
            hold_back(i + 1);
        }
        session_->close();
        show_total(Clock::now());
        if (const auto failures = stats_->failures(); !failures.empty())
            return complain_of(failures);
        if (out_.problem()) return out_.problem();
        if (const auto signal = runtime_.interrupted(); signal != Exit::ok) return {signal, ""};
        return {};
    }

private:
    [[nodiscard]] bool going_on() const {
        return runtime_.interrupted() == Exit::ok && out_.good();
    }
    [[nodiscard]] Clock::duration interval() const {
        return std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(options_.interval));
    }

    void write(Clock::time_point now, bool steady) {
        const auto value = payloads_.next();
        kafka::Record record;
        record.value = kafka::protocol::BytesView(value);
        if (keys_.any()) record.key = kafka::protocol::BytesView(keys_.next());
        // Waiting for room counts: it is a part of what the record takes.
        const auto cookie = stats_->cookie(now, value.size(), steady);
        const auto error = session_->write(record, cookie);
        if (!error) return;
        const bool ended =
            runtime_.interrupted() != Exit::ok && error == kafka::errc::connection_closed;
        if (!ended) stats_->refused(cookie, -1, error);
    }

    // Until the next record is due, if there is a limit.
    void hold_back(std::uint64_t sent) {
        if (options_.throughput < 0) return;
        const auto due =
            start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                         static_cast<double>(sent) / options_.throughput));
        for (auto now = Clock::now(); now < due && going_on(); now = Clock::now()) {
            show_interval(now);
            const auto left = std::min(due, next_line_) - now;
            const auto nanoseconds =
                std::max<std::int64_t>(std::chrono::nanoseconds(left).count(), 0);
            const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
            pollfd wake{runtime_.wake_descriptor(), POLLIN, 0};
            ::ppoll(&wake, 1, &time, nullptr);
        }
    }

    void show_interval(Clock::time_point now) {
        if (now < next_line_) return;
        next_line_ = now + interval();
        const auto interval = stats_->next_interval(now);
        if (options_.common.quiet) return;
        auto& text = out_.text();
        if (options_.json) {
            text += interval_json(interval.counts, interval.seconds);
        } else {
            if (interval.first_steady) text += "In steady state.\n";
            text += interval_line(interval.counts, interval.seconds);
        }
        static_cast<void>(out_.flush());
    }

    void show_total(Clock::time_point now) {
        const auto show = [&](const PerfStats::Total& total, const char* what, const char* type) {
            out_.text() += options_.json
                               ? total_json(total.counts, total.latencies, total.seconds,
                                            stats_->failures().count(), type)
                               : total_line(total.counts, total.latencies, total.seconds, what);
        };
        show(stats_->total(now), "", "total");
        if (const auto steady = stats_->steady_state(now))
            show(*steady, " steady state", "steady_state");
        static_cast<void>(out_.flush());
    }

    Problem complain_of(const DeliveryFailures& failures) {
        Problem first;
        for (const auto& group : failures.groups()) {
            auto problem = problem_of(group, options_.topic);
            complain(command_name, problem.sentence);
            if (!first) first = {problem.status, ""};
        }
        if (failures.further() > 0)
            complain(command_name, "and " + std::to_string(failures.further()) +
                                       " further records could not be delivered");
        const auto signal = runtime_.interrupted();
        return signal == Exit::ok ? first : Problem(signal, "");
    }

    const Options& options_;
    Runtime& runtime_;
    Payloads& payloads_;
    Keys keys_;
    const Clock::time_point start_;
    Clock::time_point next_line_;
    std::shared_ptr<PerfStats> stats_;
    std::unique_ptr<WriterSession> session_;
    Output out_;
};

int run(Options& options) {
    ProducePlan plan;
    Payloads payloads;
    if (const auto problem = make_produce_plan(options, plan)) return finish(command_name, problem);
    if (const auto problem = check(options)) return finish(command_name, problem);
    if (const auto problem = make_payloads(options, payloads)) return finish(command_name, problem);
    Runtime runtime;
    std::int32_t partitions = 0;
    if (const auto problem = ensure_topic(options, runtime, plan.cluster, partitions))
        return finish(command_name, problem);
    runtime.be_graceful();
    if (options.warmup > 0 && !options.json && !options.common.quiet) {
        Output out;
        out.text() = "Warmup first " + std::to_string(options.warmup) +
                     " records. Steady state results will print after the complete test summary.\n";
        static_cast<void>(out.flush());
    }
    Measurement measurement(options, plan, runtime, payloads);
    return finish(command_name, measurement.run());
}

constexpr std::string_view help =
    "Writes records as fast as the cluster takes them, or at a rate, and prints what\n"
    "kafka-producer-perf-test.sh prints, on standard output: a line for each interval, and at the\n"
    "end one over all, with percentiles.\n\n"
    "A record's latency runs from the moment it is handed over, waiting for room included, until\n"
    "its acknowledgement is reported; with -a 0 until it was handed to the system. Percentiles\n"
    "come from a histogram of fixed size over all records, and are off by less than 1 %, before\n"
    "they are rounded to milliseconds (--json does not round). A MB is 1,048,576 bytes of values.\n"
    "Records that are not delivered are not counted, but named at the end, with their reasons.\n\n"
    "Settings of producers are taken by their names in Kafka: -X linger.ms=5. The defaults are\n"
    "those of kasio produce, not Java's.\n";

Run add_perf_produce(CLI::App& perf) {
    auto options = std::make_shared<Options>();
    auto& command = *perf.add_subcommand("produce", "How fast records get to a topic");
    command.footer(std::string(help) + "\n" + std::string(exit_status_help()));
    add_produce_options(command, *options);
    command.add_option("-n,--num-records", options->records, "How many records")
        ->required()
        ->check(CLI::Range(std::uint64_t{1}, ~std::uint64_t{0} >> 1))
        ->option_text("N");
    command
        .add_option("-s,--record-size", options->record_size,
                    "Bytes of a value: capital letters by chance")
        ->check(CLI::Range(std::size_t{1}, static_cast<std::size_t>(PerfStats::most_bytes)))
        ->option_text("BYTES");
    command.add_option("--payload-file", options->payload_file,
                       "Instead: a file with values, of which each record gets one by chance");
    command
        .add_option("--payload-delimiter", options->payload_delimiter,
                    "What ends a value in the file; with escapes like \\x00")
        ->option_text("TEXT [\\n]");
    command
        .add_option("--throughput", options->throughput, "Records per second at most; -1: no limit")
        ->option_text("N [-1]");
    command
        .add_option("--keys", options->keys,
                    "How many different keys records have; by default they have none")
        ->check(CLI::Range(std::uint64_t{1}, ~std::uint64_t{0} >> 1))
        ->option_text("N");
    command
        .add_option("--warmup-records", options->warmup,
                    "The first so many are left out of a second total")
        ->option_text("N [0]");
    command.add_option("--print-interval", options->interval, "How often to print a line")
        ->check(CLI::Range(0.1, 86'400.0))
        ->option_text("SECONDS [5]");
    command.add_flag("--json", options->json, "Lines as JSON objects, for programs");
    return [options] { return run(*options); };
}

}  // namespace

Run add_perf(CLI::App& program) {
    auto& perf = *program.add_subcommand("perf", "Measurements");
    perf.require_subcommand(1);
    return add_perf_produce(perf);
}

}  // namespace kasio
