// SPDX-License-Identifier: Apache-2.0
// Fetches partitions of a topic from their leaders, all leaders at the same time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>

#include <kafka/protocol/fetch.hpp>
#include <kafka/slice.hpp>

#include "cluster.hpp"
#include "exit_status.hpp"
#include "log_offsets.hpp"
#include "runtime.hpp"

namespace kasio {

/// What one Fetch response brought of one partition.
struct Chunk {
    std::int32_t partition = 0;
    std::int32_t broker = -1;
    std::int64_t from = 0;  ///< records before this offset were not asked for
    kafka::Slice records;
    std::vector<kafka::protocol::FetchResponse::AbortedTransaction> aborted;
};

struct FetchOptions {
    Isolation isolation = Isolation::read_committed;
    milliseconds max_wait{500};
    std::int32_t max_bytes = 8 << 20;            ///< of one response
    std::int32_t max_partition_bytes = 1 << 20;  ///< of one partition in it
    /// Chunks of a partition that may lie here unread; more are not fetched.
    int prefetch = 2;
    /// Bytes of all that lies here; beyond, only partitions of which nothing does are fetched.
    std::size_t memory = std::size_t{64} << 20;
};

/// Made and used by the program's thread; fetching happens on the loop.
class Fetcher {
public:
    enum class Status { chunk, idle, done, failed, interrupted };

    /// `cluster` watches the topic and knows it.
    Fetcher(Runtime& runtime, Cluster& cluster, std::string topic,
            const std::vector<Assignment>& assignments, FetchOptions options);
    /// Drops what was not taken.
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    /// The next chunk, waiting at most `timeout` for it. Chunks of a partition come in order.
    /// `done`: every partition has reached its end.
    [[nodiscard]] Status next(Chunk& chunk, milliseconds timeout);
    [[nodiscard]] Problem problem() const;
    /// Things to tell the user that are no failures, taken out.
    [[nodiscard]] std::vector<std::string> take_warnings();

private:
    struct Partition {
        std::int64_t position = 0;
        std::optional<std::int64_t> until;
        int unread = 0;  // chunks; used on the loop only, as all here
        [[nodiscard]] bool done() const noexcept { return until && position >= *until; }
    };
    using Response = kafka::protocol::FetchResponse;

    asio::awaitable<void> supervise();
    asio::awaitable<void> fetch_from(std::int32_t leader);
    asio::awaitable<kafka::Failure> fetch_once(std::int32_t leader,
                                               std::vector<std::int32_t> wanted);
    [[nodiscard]] std::vector<std::int32_t> ready(std::int32_t leader) const;
    [[nodiscard]] bool leads_any(std::int32_t leader) const;
    [[nodiscard]] bool holds_back(std::int32_t leader) const;
    [[nodiscard]] bool leaderless() const;
    [[nodiscard]] kafka::protocol::FetchRequest request_for(
        std::int32_t leader, const std::vector<std::int32_t>& wanted) const;
    [[nodiscard]] kafka::Failure take(std::int32_t leader, Response::PartitionData& data);
    asio::awaitable<kafka::Failure> move_into_log(std::int32_t index);
    void start_loops();
    void released(std::int32_t partition, std::size_t bytes);
    void stop_with(const kafka::Failure& failure);
    void warn(std::string warning);
    void check_done();
    [[nodiscard]] std::string name_of(std::int32_t partition) const;
    [[nodiscard]] bool readable(const Partition& partition) const noexcept;

    Runtime& runtime_;
    Cluster& cluster_;
    const std::string topic_;
    const FetchOptions options_;
    std::map<std::int32_t, Partition> partitions_;  // on the loop only, as what follows
    std::set<std::int32_t> loops_;                  // leaders that are fetched from
    std::size_t unread_bytes_ = 0;
    bool stopping_ = false;
    int running_ = 0;
    Event changed_;

    std::optional<std::pair<std::int32_t, std::size_t>> taken_;  // the caller's: the last chunk

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable arrived_;
    std::deque<Chunk> chunks_;
    std::vector<std::string> warnings_;
    bool done_ = false;
    Problem problem_;
};

}  // namespace kasio
