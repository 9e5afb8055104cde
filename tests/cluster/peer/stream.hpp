// SPDX-License-Identifier: Apache-2.0
// Stream: calls of several kinds from several callers side by side, each call with a deadline and
// a line in the log; the next when the last is done.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kafka/client.hpp>

#include "event_log.hpp"
#include "runtime.hpp"

namespace kafka::peer {

struct StreamOptions {
    std::string topic;
    std::int32_t partitions = 1;
    std::vector<std::string> kinds;  ///< of produce, fetch, list_offsets, metadata, commit, find
    std::size_t callers = 6;
    std::chrono::milliseconds deadline{5'000};
    std::chrono::milliseconds pause{50};  ///< between a caller's calls
    std::string name;                     ///< in front of all records, and of groups
};

class Caller;

class Stream {
public:
    Stream(Runtime& runtime, Client& client, StreamOptions options, EventLog& log);
    ~Stream();

    void start();
    /// Each caller ends with the call that it is in.
    void stop();
    /// Returns when all have. False if that took too long.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit);

    /// Calls that are under way.
    [[nodiscard]] int under_way() const { return under_way_; }

private:
    friend class Caller;

    Client& client_;
    const StreamOptions options_;
    EventLog& log_;
    std::atomic<bool> stopping_{false};
    std::atomic<int> under_way_{0};
    std::atomic<int> running_{0};
    std::vector<std::shared_ptr<Caller>> callers_;
};

}  // namespace kafka::peer
