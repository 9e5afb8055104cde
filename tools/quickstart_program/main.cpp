// SPDX-License-Identifier: Apache-2.0
// The program behind tools/quickstart: every line of a file to a topic of six partitions, back
// again, and compared with the file byte for byte. Over real sockets in any case: to the brokers
// that KAFKA_BROKERS names, or to a development broker inside this process.
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <kafka/testing/broker.hpp>

#include "cluster.hpp"
#include "decoder.hpp"
#include "fetcher.hpp"
#include "format.hpp"
#include "lines.hpp"
#include "log_offsets.hpp"
#include "output.hpp"
#include "producer.hpp"
#include "progress.hpp"
#include "runtime.hpp"

namespace {

using namespace kasio;
using kafka::protocol::BytesView;
using kafka::protocol::RecordHeaderView;
using kafka::protocol::RecordRef;
using kafka::protocol::RecordView;

constexpr std::int32_t partition_count = 6;
constexpr std::size_t sample_count = 5;
constexpr milliseconds stalled{30'000};
// Says of the last line that the file does not end it with a newline.
constexpr std::string_view no_newline = "no-newline";

// The file with the places of its lines.
struct File {
    std::string path;
    std::string content;
    std::vector<std::size_t> starts;  // of each line, and one behind the last

    [[nodiscard]] std::size_t lines() const noexcept { return starts.size() - 1; }
    // With its newline, if it has one.
    [[nodiscard]] std::string_view line(std::size_t index) const noexcept {
        return std::string_view(content).substr(starts[index], starts[index + 1] - starts[index]);
    }
};

struct Timing {
    double produce = 0;
    double consume = 0;
};

Problem read_file(File& file) {
    const int fd = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return file_problem(file.path, errno);
    Problem problem;
    std::vector<char> buffer(std::size_t{1} << 20);
    while (true) {
        const auto count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) problem = file_problem(file.path, errno);
        if (count <= 0) break;
        file.content.append(buffer.data(), static_cast<std::size_t>(count));
    }
    ::close(fd);
    file.starts.push_back(0);
    while (file.starts.back() < file.content.size()) {
        const auto newline = file.content.find('\n', file.starts.back());
        file.starts.push_back(newline == std::string::npos ? file.content.size() : newline + 1);
    }
    if (!problem && file.lines() == 0) problem = {Exit::bad_data, file.path + " is empty"};
    return problem;
}

std::string seconds_text(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f s", seconds);
    return text;
}

// The time, and a number that no other run at the same time has.
std::string topic_name() {
    std::random_device device;
    using namespace std::chrono;
    const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    return "quickstart-" + std::to_string(now) + "-" + std::to_string(device() % 1'000'000);
}

std::int64_t now_in_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Each line is a record whose key is the line's number, from 1; partitions take turns.
Problem write_lines(const File& file, Producer& producer) {
    Progress progress("written", true);
    const RecordHeaderView mark{no_newline, BytesView("")};
    for (std::size_t i = 0; i < file.lines(); ++i) {
        auto line = file.line(i);
        const auto number = std::to_string(i + 1);
        RecordRef record;
        if (line.ends_with('\n')) {
            line.remove_suffix(1);
        } else {
            record.headers = {&mark, 1};
        }
        record.key = BytesView(number);
        record.value = BytesView(line);
        record.timestamp = now_in_milliseconds();
        const auto partition = static_cast<std::int32_t>(i % partition_count);
        if (!producer.add(record, i + 1, partition)) break;
        if (i % 4096 == 0 && progress.due()) {
            const auto counters = producer.counters();
            progress.update(counters.records, counters.bytes);
        }
    }
    return producer.finish() ? Problem() : producer.problem();
}

std::string where(const RecordView& record, std::int32_t partition) {
    return "partition " + std::to_string(partition) + " offset " + std::to_string(record.offset);
}

// What comes back, held against the file.
class Comparison {
public:
    explicit Comparison(const File& file) : file_(file), seen_(file.lines()) {}

    Problem take(const RecordView& record, std::int32_t partition) {
        const auto key = record.key.text();
        std::size_t number = 0;
        const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
        if (read.ec != std::errc{} || read.ptr != key.data() + key.size() || number == 0 ||
            number > file_.lines()) {
            return differs(where(record, partition) + " has a key that is no line of the file");
        }
        if (seen_[number - 1]) {
            return differs("line " + std::to_string(number) + " came back twice, again as " +
                           where(record, partition));
        }
        seen_[number - 1] = true;
        auto line = file_.line(number - 1);
        const bool newline = line.ends_with('\n');
        if (newline) line.remove_suffix(1);
        if (record.value.null() || record.value.text() != line) {
            return differs("line " + std::to_string(number) + " came back changed, from byte " +
                           std::to_string(first_difference(record.value.text(), line)) +
                           " on, as " + where(record, partition));
        }
        if (newline == record.headers.last(no_newline).has_value()) {
            return differs("line " + std::to_string(number) + " came back with another ending");
        }
        ++records_;
        bytes_ += line.size() + (newline ? 1 : 0);
        if (samples_.size() < sample_count && number >= next_sample_) keep(record, partition);
        return {};
    }

    // After the last record.
    [[nodiscard]] Problem complete() const {
        for (std::size_t i = 0; i < seen_.size(); ++i) {
            if (!seen_[i]) return differs("line " + std::to_string(i + 1) + " did not come back");
        }
        if (bytes_ != file_.content.size()) return differs("the number of bytes differs");
        return {};
    }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::vector<std::string>& samples() const noexcept { return samples_; }

private:
    static Problem differs(const std::string& sentence) { return {Exit::incomplete, sentence}; }

    static std::size_t first_difference(std::string_view a, std::string_view b) noexcept {
        std::size_t at = 0;
        while (at < a.size() && at < b.size() && a[at] == b[at])
            ++at;
        return at;
    }

    // Samples are spread over the file.
    void keep(const RecordView& record, std::int32_t partition) {
        constexpr std::size_t width = 100;
        std::string text = "  partition " + std::to_string(partition) + "  offset " +
                           std::to_string(record.offset) + "  key " +
                           std::string(record.key.text()) + "  value ";
        const auto value = record.value.text();
        std::string shown;
        append_json_string(value.substr(0, width), shown);
        for (auto& c : shown) {
            if (static_cast<unsigned char>(c) >= 0x80) c = '?';  // a cut may be inside a character
        }
        text += shown + (value.size() > width ? "..." : "");
        samples_.push_back(std::move(text));
        next_sample_ = file_.lines() * samples_.size() / sample_count;
    }

    const File& file_;
    std::vector<bool> seen_;
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
    std::size_t next_sample_ = 0;
    std::vector<std::string> samples_;
};

Problem read_lines(Runtime& runtime, Cluster& cluster, const std::string& topic,
                   Comparison& comparison) {
    std::vector<std::int32_t> partitions;
    for (std::int32_t p = 0; p < partition_count; ++p)
        partitions.push_back(p);
    std::vector<Assignment> assignments;
    constexpr auto isolation = Isolation::read_committed;
    const auto failure = runtime.run(
        resolve_offsets(cluster, partitions, OffsetRange{}, true, isolation, assignments));
    if (failure) return problem_of(failure, "looking up offsets");
    FetchOptions options;
    options.isolation = isolation;
    Fetcher fetcher(runtime, cluster, topic, assignments, options);
    Decoder decoder(topic, assignments, isolation);
    Progress progress("read", true);
    Chunk chunk;
    while (true) {
        switch (fetcher.next(chunk, stalled)) {
            case Fetcher::Status::chunk:
                break;
            case Fetcher::Status::done:
                return comparison.complete();
            case Fetcher::Status::failed:
                return fetcher.problem();
            case Fetcher::Status::interrupted:
                return {runtime.interrupted(), ""};
            case Fetcher::Status::idle:
                return {Exit::unreachable, "nothing came from the brokers for " +
                                               std::to_string(stalled.count() / 1000) + " s"};
        }
        decoder.open(chunk);
        while (const auto* record = decoder.next()) {
            if (auto problem = comparison.take(*record, chunk.partition)) return problem;
        }
        if (decoder.problem()) return decoder.problem();
        progress.update(comparison.records(), comparison.bytes());
    }
}

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

void report(const File& file, const Timing& timing, const Producer& producer,
            const Comparison& comparison, std::string& out) {
    const auto counters = producer.counters();
    out += "wrote " + readable_count(counters.records) + " records, " +
           readable_bytes(static_cast<double>(counters.bytes)) + " in " +
           seconds_text(timing.produce) + ": " +
           rate_line(counters.records, counters.bytes, timing.produce) + "\n";
    out += "read  " + readable_count(comparison.records()) + " records, " +
           readable_bytes(static_cast<double>(comparison.bytes())) + " in " +
           seconds_text(timing.consume) + ": " +
           rate_line(comparison.records(), comparison.bytes(), timing.consume) + "\n";
    out += "bytes per partition (keys and values):\n";
    auto bytes = producer.bytes_by_partition();
    bytes.resize(partition_count);
    for (std::size_t p = 0; p < bytes.size(); ++p) {
        out += "  partition " + std::to_string(p) + "  " + readable_count(bytes[p]) + "\n";
    }
    out += "sample records:\n";
    for (const auto& sample : comparison.samples())
        out += sample + "\n";
    out += "all " + readable_count(file.lines()) + " lines, " +
           readable_count(file.content.size()) + " bytes, came back as they are in " + file.path +
           "\n";
}

// Everything between connecting and the last comparison.
Problem round_trip(const File& file, const std::string& brokers, Runtime& runtime, Cluster& cluster,
                   const std::string& topic, Output& out) {
    Timing timing;
    auto start = Clock::now();
    kafka::ClientConfig client;
    client.bootstrap = brokers;
    client.conn = cluster.options().conn;
    kafka::WriterConfig writer;
    writer.topic = topic;
    Producer producer(runtime, std::move(client), std::move(writer));
    if (auto problem = write_lines(file, producer)) return problem;
    timing.produce = seconds_since(start);
    start = Clock::now();
    Comparison comparison(file);
    if (auto problem = read_lines(runtime, cluster, topic, comparison)) return problem;
    timing.consume = seconds_since(start);
    report(file, timing, producer, comparison, out.text());
    static_cast<void>(out.flush());
    return out.problem();
}

Problem run_against(const File& file, const std::string& brokers, Output& out) {
    auto addresses = parse_addresses(brokers);
    if (!addresses) return {Exit::usage, addresses.failure().detail};
    ClusterOptions options;
    options.bootstrap = *std::move(addresses);
    options.conn = default_conn("kafka-asio-quickstart");
    Runtime runtime;
    Cluster cluster(runtime.context(), options);
    if (auto failure = runtime.run(cluster.refresh())) return problem_of(failure, "");
    const auto broker_count = cluster.metadata().brokers.size();
    const NewTopic topic{topic_name(), partition_count,
                         static_cast<std::int16_t>(std::min<std::size_t>(3, broker_count))};
    bool there = false;
    if (auto failure = runtime.run(cluster.create_topic(topic, there))) {
        return problem_of(failure, "creating topic " + topic.name);
    }
    if (there && cluster.partition_count() != partition_count) {
        return {Exit::refused, "topic " + topic.name + " was there before"};
    }
    // A signal ends what follows, and the topic goes all the same.
    runtime.be_graceful();
    out.text() += "topic " + topic.name + " with " + std::to_string(partition_count) +
                  " partitions on " + std::to_string(broker_count) + " brokers\n";
    auto problem = round_trip(file, brokers, runtime, cluster, topic.name, out);
    // Nothing is left behind on a cluster that goes on living. The session above may have been
    // closed by what went wrong.
    Cluster cleaner(runtime.context(), options);
    const auto failure = runtime.run(cleaner.delete_topic(topic.name));
    if (failure && !problem) problem = problem_of(failure, "deleting topic " + topic.name);
    return problem;
}

Problem run(const std::string& path) {
    File file;
    file.path = path;
    if (auto problem = read_file(file)) return problem;
    Output out;
    out.text() = path + ": " + readable_count(file.lines()) + " lines, " +
                 readable_count(file.content.size()) + " bytes\n";
    const char* given = std::getenv("KAFKA_BROKERS");
    if (given && *given) {
        out.text() += "brokers " + std::string(given) + " (KAFKA_BROKERS)\n";
        return run_against(file, given, out);
    }
    kafka::testing::Broker broker;
    const auto brokers = broker.bootstrap();
    out.text() += "development brokers in this process: " + brokers + "\n";
    return run_against(file, brokers, out);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 || std::strcmp(argv[1], "--help") == 0) {
        static constexpr std::string_view usage =
            "Usage: quickstart-program FILE\n"
            "Writes each line of FILE to a topic, reads them back and compares: on the cluster at\n"
            "KAFKA_BROKERS (HOST:PORT,...), or on a development broker of its own.\n";
        Output out(argc == 2 ? 1 : 2);
        out.text() = usage;
        return out.flush() && argc == 2 ? 0 : static_cast<int>(Exit::usage);
    }
    Problem problem;
    try {
        problem = run(argv[1]);
    } catch (const std::exception& error) {
        problem = {Exit::incomplete, error.what()};
    }
    if (problem && !problem.sentence.empty()) {
        Output error(2, "standard error");
        error.text() = "quickstart: " + problem.sentence + "\n";
        static_cast<void>(error.flush());
    }
    return static_cast<int>(problem.status);
}
