// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include <dirent.h>
#include <dlfcn.h>
#include <sys/resource.h>

#include "clock.hpp"

namespace kafka_bench {
namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// A line of /proc/self/status such as "VmRSS:   1234 kB", in bytes; 0 when it is not there.
std::int64_t memory(const char* name) {
    std::FILE* const file = std::fopen("/proc/self/status", "re");
    if (file == nullptr) {
        return 0;
    }
    std::array<char, 256> line{};
    const std::size_t length = std::strlen(name);
    long long kilobytes = 0;
    while (std::fgets(line.data(), static_cast<int>(line.size()), file) != nullptr) {
        if (std::strncmp(line.data(), name, length) == 0 && line[length] == ':') {
            kilobytes = std::strtoll(line.data() + length + 1, nullptr, 10);
            break;
        }
    }
    std::fclose(file);
    return kilobytes * 1024;
}

int tasks() {
    DIR* const folder = opendir("/proc/self/task");
    if (folder == nullptr) {
        return 0;
    }
    int count = 0;
    while (const dirent* const entry = readdir(folder)) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    closedir(folder);
    return count;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
            result += escape.data();
        } else {
            result += c;
        }
    }
    return result + '"';
}

/// When the process was started, as bench-launch noted it; otherwise `main_ns`, when `main` began.
std::int64_t started_ns(std::int64_t main_ns) {
    const char* const noted = std::getenv("KAFKA_ASIO_BENCH_EXEC_NS");
    const std::int64_t exec_ns = noted == nullptr ? 0 : std::strtoll(noted, nullptr, 10);
    return exec_ns > 0 && exec_ns <= main_ns ? exec_ns : main_ns;
}

std::string decimal(double value, int digits) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

}  // namespace

Run::Run(const Options& options, std::int64_t started_ns)
    : options_{options}, started_ns_{started_ns} {}

Run::Clocks Run::clocks() {
    Clocks result;
    // bench/drivers/count_allocations.cpp, when it is preloaded.
    using Count = void (*)(unsigned long long*);
    if (void* const symbol = dlsym(RTLD_DEFAULT, "kafka_bench_allocations")) {
        Count count = nullptr;
        std::memcpy(&count, &symbol, sizeof count);
        count(result.allocations);
        result.counted = true;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    result.user_s = seconds(usage.ru_utime);
    result.system_s = seconds(usage.ru_stime);
    result.wall_ns = now_ns();
    return result;
}

void Run::begin() {
    idle_rss_ = memory("VmRSS");
    begun_ = clocks();
}

void Run::end() {
    ended_ = clocks();
    peak_rss_ = memory("VmHWM");
    rss_file_ = memory("RssFile");
    threads_ = tasks();
}

std::string Run::line(std::string_view client) const {
    const std::int64_t from = options_.mode == Mode::start ? started_ns_ : begun_.wall_ns;
    std::string text =
        "{\"client\": " + quoted(client) + ", \"way\": " + quoted(options_.way) +
        ", \"messages\": " + std::to_string(options_.mode == Mode::start ? 1 : options_.messages) +
        ", \"wall_s\": " + decimal(static_cast<double>(ended_.wall_ns - from) / 1e9, 6);
    text += ", \"user_s\": " + decimal(ended_.user_s - begun_.user_s, 6) +
            ", \"system_s\": " + decimal(ended_.system_s - begun_.system_s, 6) +
            ", \"threads\": " + std::to_string(threads_) +
            ", \"peak_rss\": " + std::to_string(peak_rss_) +
            ", \"idle_rss\": " + std::to_string(idle_rss_) +
            ", \"rss_file\": " + std::to_string(rss_file_);
    if (ended_.counted) {
        text +=
            ", \"allocations\": " + std::to_string(ended_.allocations[0] - begun_.allocations[0]) +
            ", \"allocated_bytes\": " +
            std::to_string(ended_.allocations[1] - begun_.allocations[1]);
    }
    if (options_.mode == Mode::latency) {
        text += ", \"latency_us\": {\"p50\": " + decimal(latency_.percentile_us(0.5), 1) +
                ", \"p90\": " + decimal(latency_.percentile_us(0.9), 1) +
                ", \"p99\": " + decimal(latency_.percentile_us(0.99), 1) +
                ", \"p99.9\": " + decimal(latency_.percentile_us(0.999), 1) +
                ", \"max\": " + decimal(latency_.max_us(), 1) +
                ", \"mean\": " + decimal(latency_.mean_us(), 1) + "}";
    }
    text += ", \"settings\": {";
    const char* separator = "";
    for (const auto& [name, value] : settings_) {
        text += separator + quoted(name) + ": " + quoted(value);
        separator = ", ";
    }
    return text + "}}";
}

int drive(int argc, char** argv, const std::string& client, std::span<const Way> ways) {
    const std::int64_t started = started_ns(now_ns());
    if (argc == 2 && std::string_view{argv[1]} == "ways") {
        for (const Way& way : ways) {
            std::printf("%.*s\t%.*s\n", static_cast<int>(way.name.size()), way.name.data(),
                        static_cast<int>(way.what.size()), way.what.data());
        }
        return 0;
    }
    const Options options = parse_options({argv + 1, static_cast<std::size_t>(argc - 1)});
    for (const Way& way : ways) {
        if (way.name == options.way) {
            Run run{options, started};
            try {
                way.run(options, run);
            } catch (const std::exception& error) {
                fail(error.what());
            }
            std::printf("%s\n", run.line(client).c_str());
            return 0;
        }
    }
    refuse("there is no way " + options.way + "; the only argument `ways` lists them");
}

}  // namespace kafka_bench
