// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "histogram.hpp"
#include "options.hpp"

namespace kafka_bench {

/// What one run cost. A way calls `begin` after its warm-up and `end` at the last acknowledgement
/// or record; both once, from any one thread.
class Run {
public:
    /// `started_ns`: where mode start counts from.
    Run(const Options& options, std::int64_t started_ns);

    [[nodiscard]] const Options& options() const { return options_; }

    /// Everything that was set, by the client's own names.
    void setting(const std::string& name, const std::string& value) { settings_[name] = value; }
    void setting(const std::string& name, std::int64_t value) {
        settings_[name] = std::to_string(value);
    }

    /// The measured part begins: takes the memory at rest, then the clocks.
    void begin();
    /// It has ended: takes the clocks, then memory and threads.
    void end();

    /// Latencies of mode latency.
    Histogram& latency() { return latency_; }

    /// The last line of standard output.
    [[nodiscard]] std::string line(std::string_view client) const;

private:
    struct Clocks {
        std::int64_t wall_ns = 0;
        double user_s = 0;
        double system_s = 0;
        unsigned long long allocations[2] = {};
        bool counted = false;
    };

    [[nodiscard]] static Clocks clocks();

    const Options& options_;
    std::int64_t started_ns_;
    Clocks begun_;
    Clocks ended_;
    std::int64_t idle_rss_ = 0;
    std::int64_t peak_rss_ = 0;
    std::int64_t rss_file_ = 0;
    int threads_ = 0;
    Histogram latency_;
    std::map<std::string, std::string> settings_;
};

/// With `clients=`, each of them gets so many records before the next one does.
inline constexpr std::uint64_t records_a_turn = 1000;

/// One use of the client. `run` does it all, warm-up included, and ends the program with `refuse`
/// when it cannot honour an option, with `fail` when a delivery fails.
struct Way {
    std::string_view name;
    std::string_view what;  ///< a few words
    void (*run)(const Options& options, Run& run);
};

/// The whole `main` of a driver. `client`: name and version.
int drive(int argc, char** argv, const std::string& client, std::span<const Way> ways);

}  // namespace kafka_bench
