// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <librdkafka/rdkafka.h>

#include "../driver.hpp"

namespace kafka_bench {

/// rd_kafka_conf_t; what is set goes to the run's line as well.
class Settings {
public:
    explicit Settings(Run& run);
    ~Settings();
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;

    /// Ends the program (`refuse`) when librdkafka does not take it.
    void set(const std::string& name, const std::string& value);
    void set(const std::string& name, std::int64_t value) { set(name, std::to_string(value)); }

    [[nodiscard]] rd_kafka_conf_t* get() { return conf_; }

    /// A client of what was set so far, which is then used up.
    [[nodiscard]] rd_kafka_t* create(rd_kafka_type_t type);

private:
    Run& run_;
    rd_kafka_conf_t* conf_;
};

/// Ends the program when nothing happened for two minutes. `check` is called when a poll came back
/// empty, so that it costs nothing while records flow.
class Watch {
public:
    void check(std::uint64_t done);

private:
    std::uint64_t done_ = 0;
    std::int64_t since_ns_ = now_ns();
};

void produce_copied(const Options& options, Run& run);
void produce_referenced(const Options& options, Run& run);
void produce_batches(const Options& options, Run& run);
void consume_one_by_one(const Options& options, Run& run);
void consume_batches(const Options& options, Run& run);

}  // namespace kafka_bench
