// SPDX-License-Identifier: Apache-2.0
#include "log_offsets.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <kafka/protocol/list_offsets.hpp>

namespace kasio {

using kafka::Failure;
using kafka::protocol::ListOffsetsRequest;

namespace {

constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;

ListOffsetsRequest request_for(const Cluster& cluster, const std::vector<std::int32_t>& partitions,
                               std::int64_t time, Isolation isolation) {
    ListOffsetsRequest request;
    request.replica_id = -1;
    request.isolation_level = static_cast<std::int8_t>(isolation);
    ListOffsetsRequest::Topic topic;
    topic.name = cluster.topic()->name.value_or("");
    for (const auto partition : partitions) {
        ListOffsetsRequest::Partition each;
        each.partition_index = partition;
        each.timestamp = time;
        topic.partitions.push_back(std::move(each));
    }
    request.topics.push_back(std::move(topic));
    return request;
}

std::string name_of(const Cluster& cluster, std::int32_t partition) {
    return "topic " + cluster.topic()->name.value_or("") + " partition " +
           std::to_string(partition);
}

// Asks one leader. What it answers without an error is added to `offsets`; otherwise the last
// error is returned.
asio::awaitable<Failure> list_from(Cluster& cluster, std::int32_t leader,
                                   std::vector<std::int32_t> partitions, std::int64_t time,
                                   Isolation isolation, OffsetsByPartition& offsets) {
    auto conn = co_await cluster.broker(leader);
    if (!conn) co_return conn.take_failure();
    auto request = request_for(cluster, partitions, time, isolation);
    auto response = co_await cluster.call(*conn, std::move(request));
    if (!response) co_return response.take_failure();
    Failure failure;
    for (const auto& topic : response->topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code == 0) {
                offsets[partition.partition_index] = partition.offset;
            } else {
                failure = Failure(kafka::broker_error(partition.error_code),
                                  name_of(cluster, partition.partition_index) + ", broker " +
                                      cluster.broker_name(leader));
            }
        }
    }
    co_return failure;
}

std::int64_t plus(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

// The offsets of one position; a time has been looked up.
std::int64_t place(const Position& position, std::int64_t start, std::int64_t end,
                   std::int64_t of_time) noexcept {
    switch (position.kind) {
        case Position::Kind::start:
            return start;
        case Position::Kind::end:
            return end;
        case Position::Kind::offset:
            return position.value;
        case Position::Kind::from_start:
            return plus(start, position.value);
        case Position::Kind::from_end:
            return std::max(start, end - position.value);
        case Position::Kind::time:
            return of_time < 0 ? end : of_time;
    }
    return start;
}

}  // namespace

asio::awaitable<Failure> list_offsets(Cluster& cluster, std::vector<std::int32_t> partitions,
                                      std::int64_t time, Isolation isolation,
                                      OffsetsByPartition& offsets) {
    offsets.clear();
    Retries retries(cluster.options().patience);
    while (true) {
        Failure failure;
        std::map<std::int32_t, std::vector<std::int32_t>> by_leader;
        for (const auto partition : partitions) {
            if (!offsets.contains(partition)) {
                by_leader[cluster.leader_of(partition)].push_back(partition);
            }
        }
        for (const auto& [leader, wanted] : by_leader) {
            if (leader < 0) {
                failure = Failure(kafka::broker_errc::leader_not_available,
                                  name_of(cluster, wanted.front()));
                continue;
            }
            auto refused = co_await list_from(cluster, leader, wanted, time, isolation, offsets);
            if (refused && !kafka::is_retriable(refused.code)) co_return refused;
            if (refused) failure = refused;
        }
        const bool complete = offsets.size() == partitions.size();
        if (complete) co_return Failure();
        if (!failure) {
            co_return Failure(kafka::errc::malformed_message,
                              "a broker left partitions out of its answer to ListOffsets");
        }
        const bool again = co_await retries.next();
        if (!again) co_return failure;
        const auto ignored = co_await cluster.refresh();
        static_cast<void>(ignored);
    }
}

asio::awaitable<Failure> resolve_offsets(Cluster& cluster, std::vector<std::int32_t> partitions,
                                         OffsetRange range, bool to_the_end, Isolation isolation,
                                         std::vector<Assignment>& assignments) {
    OffsetsByPartition starts, ends, from_times, until_times;
    auto failure = co_await list_offsets(cluster, partitions, earliest, isolation, starts);
    if (failure) co_return failure;
    failure = co_await list_offsets(cluster, partitions, latest, isolation, ends);
    if (failure) co_return failure;
    if (range.from.kind == Position::Kind::time) {
        const auto time = range.from.value;
        failure = co_await list_offsets(cluster, partitions, time, isolation, from_times);
        if (failure) co_return failure;
    }
    if (range.until && range.until->kind == Position::Kind::time) {
        const auto time = range.until->value;
        failure = co_await list_offsets(cluster, partitions, time, isolation, until_times);
        if (failure) co_return failure;
    }
    assignments.clear();
    for (const auto partition : partitions) {
        Assignment each;
        each.partition = partition;
        const auto start = starts[partition];
        const auto end = std::max(start, ends[partition]);
        const auto looked_up = [&](OffsetsByPartition& times) {
            return times.contains(partition) ? times[partition] : -1;
        };
        const auto from = place(range.from, start, end, looked_up(from_times));
        each.from = std::clamp(from, start, end);
        each.clamped = each.from != from;
        if (range.until) each.until = place(*range.until, start, end, looked_up(until_times));
        if (to_the_end) each.until = std::min(each.until.value_or(end), end);
        assignments.push_back(each);
    }
    co_return Failure();
}

}  // namespace kasio
