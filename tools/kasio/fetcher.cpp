// SPDX-License-Identifier: Apache-2.0
#include "fetcher.hpp"

#include <algorithm>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>

#include <kafka/protocol/record_batch.hpp>

namespace kasio {

using kafka::broker_errc;
using kafka::Failure;
using kafka::protocol::FetchRequest;

namespace {

constexpr milliseconds look_around{100};  // how often waiting threads look for a signal
// How long a broker may hold a request while other partitions of it wait for the user.
constexpr milliseconds short_wait{10};

}  // namespace

Fetcher::Fetcher(Runtime& runtime, Cluster& cluster, std::string topic,
                 const std::vector<Assignment>& assignments, FetchOptions options)
    : runtime_(runtime),
      cluster_(cluster),
      topic_(std::move(topic)),
      options_(options),
      changed_(runtime.context()) {
    for (const auto& each : assignments) {
        partitions_[each.partition] = {each.from, each.until};
    }
    asio::post(runtime_.context(), [this] {
        ++running_;
        asio::co_spawn(runtime_.context(), supervise(), asio::detached);
    });
}

Fetcher::~Fetcher() {
    const auto finish = [](Fetcher& self) -> asio::awaitable<bool> {
        self.stopping_ = true;
        self.changed_.notify();
        // Requests that brokers hold would take their time.
        if (!self.loops_.empty()) self.cluster_.close();
        while (self.running_ > 0)
            co_await self.changed_.wait();
        co_return true;
    };
    runtime_.run(finish(*this));
}

Fetcher::Status Fetcher::next(Chunk& chunk, milliseconds timeout) {
    if (const auto taken = std::exchange(taken_, {})) {
        chunk.records = {};
        asio::post(runtime_.context(), [this, taken] { released(taken->first, taken->second); });
    }
    const auto deadline = Clock::now() + timeout;
    std::unique_lock lock(mutex_);
    while (true) {
        if (problem_) return Status::failed;
        if (runtime_.interrupted() != Exit::ok) return Status::interrupted;
        if (!chunks_.empty()) {
            chunk = std::move(chunks_.front());
            chunks_.pop_front();
            taken_ = {chunk.partition, chunk.records.size()};
            return Status::chunk;
        }
        if (done_) return Status::done;
        const auto now = Clock::now();
        if (now >= deadline) return Status::idle;
        arrived_.wait_until(lock, std::min(deadline, now + look_around));
    }
}

Problem Fetcher::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

std::vector<std::string> Fetcher::take_warnings() {
    const std::lock_guard lock(mutex_);
    return std::exchange(warnings_, {});
}

// --- on the loop ---

bool Fetcher::readable(const Partition& partition) const noexcept {
    return partition.unread < options_.prefetch &&
           (partition.unread == 0 || unread_bytes_ < options_.memory);
}

std::vector<std::int32_t> Fetcher::ready(std::int32_t leader) const {
    std::vector<std::int32_t> found;
    for (const auto& [index, partition] : partitions_) {
        if (!partition.done() && cluster_.leader_of(index) == leader && readable(partition)) {
            found.push_back(index);
        }
    }
    return found;
}

bool Fetcher::holds_back(std::int32_t leader) const {
    return std::any_of(partitions_.begin(), partitions_.end(), [&](const auto& each) {
        return !each.second.done() && cluster_.leader_of(each.first) == leader &&
               !readable(each.second);
    });
}

bool Fetcher::leads_any(std::int32_t leader) const {
    return std::any_of(partitions_.begin(), partitions_.end(), [&](const auto& each) {
        return !each.second.done() && cluster_.leader_of(each.first) == leader;
    });
}

bool Fetcher::leaderless() const {
    return leads_any(-1);
}

std::string Fetcher::name_of(std::int32_t partition) const {
    return "topic " + topic_ + " partition " + std::to_string(partition);
}

void Fetcher::start_loops() {
    for (const auto& [index, partition] : partitions_) {
        const auto leader = cluster_.leader_of(index);
        if (partition.done() || leader < 0 || !loops_.insert(leader).second) continue;
        ++running_;
        asio::co_spawn(runtime_.context(), fetch_from(leader), asio::detached);
    }
}

// Sees to it that each leader is fetched from, and looks for leaders where there are none.
asio::awaitable<void> Fetcher::supervise() {
    Retries retries(cluster_.options().patience);
    while (!stopping_) {
        check_done();
        start_loops();
        if (!leaderless()) {
            retries.reset();
            co_await changed_.wait();
            continue;
        }
        const bool again = co_await retries.next();
        if (stopping_) break;
        if (!again) {
            stop_with(Failure(broker_errc::leader_not_available, "topic " + topic_));
            break;
        }
        const auto ignored = co_await cluster_.refresh();
        static_cast<void>(ignored);
        changed_.notify();
    }
    --running_;
    changed_.notify();
}

asio::awaitable<void> Fetcher::fetch_from(std::int32_t leader) {
    Retries retries(cluster_.options().patience);
    while (!stopping_ && leads_any(leader)) {
        auto wanted = ready(leader);
        if (wanted.empty()) {
            co_await changed_.wait();
            continue;
        }
        auto failure = co_await fetch_once(leader, std::move(wanted));
        if (stopping_) break;
        if (!failure) {
            retries.reset();
            continue;
        }
        bool again = kafka::is_retriable(failure.code);
        if (again) again = co_await retries.next();
        if (stopping_) break;
        if (!again) {
            stop_with(failure);
            break;
        }
        const auto ignored = co_await cluster_.refresh();
        static_cast<void>(ignored);
        changed_.notify();
    }
    loops_.erase(leader);
    --running_;
    changed_.notify();
}

FetchRequest Fetcher::request_for(std::int32_t leader,
                                  const std::vector<std::int32_t>& wanted) const {
    FetchRequest request;
    const auto wait = holds_back(leader) ? short_wait : options_.max_wait;
    request.max_wait_ms = static_cast<std::int32_t>(wait.count());
    request.min_bytes = 1;
    request.max_bytes = options_.max_bytes;
    request.isolation_level = static_cast<std::int8_t>(options_.isolation);
    FetchRequest::Topic topic;
    topic.topic = topic_;
    if (const auto* known = cluster_.topic()) topic.topic_id = known->topic_id;
    for (const auto index : wanted) {
        FetchRequest::Partition partition;
        partition.partition = index;
        partition.fetch_offset = partitions_.at(index).position;
        partition.partition_max_bytes = options_.max_partition_bytes;
        topic.partitions.push_back(std::move(partition));
    }
    request.topics.push_back(std::move(topic));
    return request;
}

asio::awaitable<Failure> Fetcher::fetch_once(std::int32_t leader,
                                             std::vector<std::int32_t> wanted) {
    const auto of_broker = "broker " + cluster_.broker_name(leader);
    auto conn = co_await cluster_.broker(leader);
    if (!conn) {
        auto failure = conn.take_failure();
        failure.detail = name_of(wanted.front()) + ", " + of_broker +
                         (failure.detail.empty() ? "" : ", ") + failure.detail;
        co_return failure;
    }
    auto request = request_for(leader, wanted);
    auto response = co_await cluster_.call(*conn, std::move(request));
    if (stopping_) co_return Failure();
    if (!response) co_return response.take_failure();
    if (response->error_code != 0) {
        co_return Failure(kafka::broker_error(response->error_code),
                          "topic " + topic_ + ", " + of_broker);
    }
    Failure failure;
    for (auto& topic : response->responses) {
        for (auto& data : topic.partitions) {
            if (!partitions_.contains(data.partition_index)) continue;
            auto refused = take(leader, data);
            if (refused.code == broker_errc::offset_out_of_range) {
                refused = co_await move_into_log(data.partition_index);
            }
            // What cannot be mended counts more than what may pass.
            if (refused && (!failure || !kafka::is_retriable(refused.code))) failure = refused;
        }
    }
    check_done();
    co_return failure;
}

Failure Fetcher::take(std::int32_t leader, Response::PartitionData& data) {
    auto& partition = partitions_.at(data.partition_index);
    const auto place = [&] {
        return name_of(data.partition_index) + " at offset " + std::to_string(partition.position) +
               ", broker " + cluster_.broker_name(leader);
    };
    if (data.error_code != 0) return {kafka::broker_error(data.error_code), place()};
    if (data.records.empty()) return {};
    auto next = kafka::protocol::offset_after(data.records.bytes(), partition.position);
    if (!next) {
        return {next.failure().code, place() + ", " + next.failure().detail};
    }
    if (*next <= partition.position) {
        return {kafka::errc::malformed_records, place() + ": the answer brings no whole batch"};
    }
    Chunk chunk;
    chunk.partition = data.partition_index;
    chunk.broker = leader;
    chunk.from = partition.position;
    chunk.records = std::move(data.records);
    if (data.aborted_transactions) chunk.aborted = *std::move(data.aborted_transactions);
    partition.position = *next;
    ++partition.unread;
    unread_bytes_ += chunk.records.size();
    const std::lock_guard lock(mutex_);
    chunks_.push_back(std::move(chunk));
    arrived_.notify_one();
    return {};
}

// The position is not in the log: its first records were deleted meanwhile (retention), or its
// last ones got lost.
asio::awaitable<Failure> Fetcher::move_into_log(std::int32_t index) {
    OffsetsByPartition starts;
    const std::vector<std::int32_t> one{index};
    auto failure = co_await list_offsets(cluster_, one, -2, options_.isolation, starts);
    if (failure) co_return failure;
    auto& partition = partitions_.at(index);
    const auto start = starts[index];
    if (start <= partition.position) {
        co_return Failure(broker_errc::offset_out_of_range,
                          name_of(index) + ": offset " + std::to_string(partition.position) +
                              " is behind the end of the log: records were lost");
    }
    warn(name_of(index) + ": records " + std::to_string(partition.position) + " to " +
         std::to_string(start - 1) + " were deleted before they were read");
    partition.position = start;
    co_return Failure();
}

void Fetcher::released(std::int32_t partition, std::size_t bytes) {
    --partitions_.at(partition).unread;
    unread_bytes_ -= bytes;
    changed_.notify();
}

void Fetcher::check_done() {
    for (const auto& [index, partition] : partitions_) {
        if (!partition.done()) return;
    }
    stopping_ = true;
    const std::lock_guard lock(mutex_);
    done_ = true;
    arrived_.notify_one();
}

void Fetcher::stop_with(const Failure& failure) {
    stopping_ = true;
    changed_.notify();
    const std::lock_guard lock(mutex_);
    if (!problem_) problem_ = problem_of(failure, "reading");
    arrived_.notify_one();
}

void Fetcher::warn(std::string warning) {
    const std::lock_guard lock(mutex_);
    warnings_.push_back(std::move(warning));
}

}  // namespace kasio
