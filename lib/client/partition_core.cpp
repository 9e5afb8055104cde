// SPDX-License-Identifier: Apache-2.0
#include "client/partition_core.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "client/partition_operation.hpp"
#include "client/read_turns.hpp"

namespace kafka::client {

using Clock = std::chrono::steady_clock;

PartitionCore::PartitionCore(std::shared_ptr<io::Session> of, std::chrono::milliseconds timeout,
                             std::string topic_name, std::int32_t number, BrokerMetadata leader)
    : session(std::move(of)),
      topic(std::move(topic_name)),
      partition(number),
      broker(std::move(leader)),
      turns(std::make_unique<ReadTurns>()),
      request_timeout_(timeout) {}

PartitionCore::~PartitionCore() = default;

std::optional<Uuid> PartitionCore::topic_id() const {
    const std::lock_guard lock(mutex_);
    return topic_id_;
}
void PartitionCore::set_topic_id(const Uuid& id) {
    const std::lock_guard lock(mutex_);
    topic_id_ = id;
}

core::Time PartitionCore::read_end(std::optional<std::chrono::milliseconds> timeout) const {
    return std::min(read_deadline_.load(),
                    core::after(Clock::now(), timeout.value_or(request_timeout_)));
}
core::Time PartitionCore::write_end(std::optional<std::chrono::milliseconds> timeout) const {
    return std::min(write_deadline_.load(),
                    core::after(Clock::now(), timeout.value_or(request_timeout_)));
}

std::string PartitionCore::name() const {
    return "topic " + escaped(topic, 255) + " partition " + std::to_string(partition);
}

protocol::ListOffsetsRequest ask_for_offset(const PartitionCore& core, std::int64_t timestamp,
                                            Isolation isolation, std::chrono::milliseconds share) {
    protocol::ListOffsetsRequest request;
    request.replica_id = -1;
    // Version 1 is of brokers without transactions.
    const auto* peer = core.session->peer();
    const auto version = peer
                             ? core::choose_version(protocol::ListOffsetsRequest::info, peer->table)
                             : Result<std::int16_t>(Failure(errc::not_connected));
    if (!version || *version >= 2) request.isolation_level = static_cast<std::int8_t>(isolation);
    request.timeout_ms = static_cast<std::int32_t>(share.count());
    auto& topic = request.topics.emplace_back();
    topic.name = core.topic;
    topic.partitions.push_back({.partition_index = core.partition, .timestamp = timestamp});
    return request;
}

Result<std::int64_t> offset_in(const protocol::ListOffsetsResponse& response,
                               const PartitionCore& core) {
    const auto* part = part_of(response.topics, core);
    if (!part) return Failure(errc::malformed_message, core.name() + " is not in the answer");
    if (part->error_code != 0) return Failure(broker_error(part->error_code), core.name());
    return part->offset;
}

}  // namespace kafka::client
