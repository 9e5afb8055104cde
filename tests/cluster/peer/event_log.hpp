// SPDX-License-Identifier: Apache-2.0
// EventLog: a file of JSON lines, one an event, written by any thread. A pipe to the test would
// hold up the event loop whenever the test is slow to read.
#pragma once

#include <fstream>
#include <mutex>
#include <string>

#include <kafka/hooks.hpp>
#include <kafka/log.hpp>

#include "json_line.hpp"

namespace kafka::peer {

class EventLog {
public:
    explicit EventLog(const std::string& path);

    void write(const JsonLine& line);
    void flush();
    /// What a client does to connections and metadata.
    [[nodiscard]] Hooks hooks();
    /// What it logs, but for the steps of a fault's search.
    [[nodiscard]] LogSink sink();

private:
    std::mutex mutex_;
    std::ofstream file_;
};

}  // namespace kafka::peer
