// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using Row = ListOffsetsResponse::PartitionResponse;

// Timestamps that are questions of another kind, and the version that brought each.
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t largest_timestamp = -3;        // v7, KIP-734
constexpr std::int64_t earliest_local = -4;           // v8, KIP-405
constexpr std::int64_t latest_tiered = -5;            // v9, KIP-1005
constexpr std::int64_t earliest_pending_upload = -6;  // v11, KIP-1023

constexpr int first_version_with_epochs = 4;
constexpr std::int32_t debugging_replica = -2;

int first_version(std::int64_t timestamp) {
    switch (timestamp) {
        case largest_timestamp:
            return 7;
        case earliest_local:
            return 8;
        case latest_tiered:
            return 9;
        case earliest_pending_upload:
            return 11;
        default:
            return timestamp >= earliest ? 1 : 1000;
    }
}

// The first record of the batch that is at least that late.
void find_record(const PartitionLog& log, const PartitionLog::Batch& batch, std::int64_t timestamp,
                 Row& row) {
    protocol::ReadOptions options;
    options.check_crcs = false;
    options.decompress = codec::decompress;
    protocol::RecordReader reader(log.bytes_of(batch), options);
    while (const auto* record = reader.next()) {
        if (record->timestamp < timestamp) continue;
        row.timestamp = record->timestamp;
        row.offset = record->offset;
        row.leader_epoch = batch.leader_epoch;
        return;
    }
}

// `end`: where what the client may see ends.
void look_up(const Partition& partition, std::int64_t timestamp, std::int64_t end, Row& row) {
    const auto& log = partition.log;
    const auto batches = log.batches();
    switch (timestamp) {
        case latest:
            row.offset = end;
            row.leader_epoch = partition.leader_epoch;
            return;
        case earliest:
        case earliest_local:
            row.offset = log.start_offset();
            row.leader_epoch = log.epoch_at(log.start_offset());
            return;
        case latest_tiered:
        case earliest_pending_upload:
            return;  // nothing is tiered
        default:
            break;
    }
    if (batches.empty()) return;
    if (timestamp == largest_timestamp) {
        const auto at = std::max_element(
            batches.begin(), batches.end(),
            [](const auto& a, const auto& b) { return a.max_timestamp < b.max_timestamp; });
        return find_record(log, *at, at->max_timestamp, row);
    }
    const auto at = std::find_if(batches.begin(), batches.end(), [&](const auto& batch) {
        return batch.max_timestamp >= timestamp;
    });
    if (at != batches.end()) find_record(log, *at, timestamp, row);
}

broker_errc check(const Call& call, Topic* topic, const ListOffsetsRequest& request,
                  const ListOffsetsRequest::Partition& wanted) {
    auto* partition = topic ? topic->partition(wanted.partition_index) : nullptr;
    if (call.version < first_version(wanted.timestamp)) return broker_errc::unsupported_version;
    if (!partition) return broker_errc::unknown_topic_or_partition;
    if (!partition->has_replica(call.broker())) return broker_errc::not_leader_or_follower;
    if (const auto error = check_epoch(*partition, wanted.current_leader_epoch);
        error != broker_errc::none) {
        return error;
    }
    const bool leads = partition->leads(call.broker()) || request.replica_id == debugging_replica;
    return leads ? broker_errc::none : broker_errc::not_leader_or_follower;
}

}  // namespace

Done list_offsets(Call& call, const ListOffsetsRequest& request, ListOffsetsResponse& response) {
    std::map<std::pair<std::string_view, std::int32_t>, int> times;
    for (const auto& topic : request.topics) {
        for (const auto& wanted : topic.partitions)
            ++times[{topic.name, wanted.partition_index}];
    }
    for (const auto& topic : request.topics) {
        auto* found = call.cluster.find(topic.name);
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto& wanted : topic.partitions) {
            auto& count = times[{topic.name, wanted.partition_index}];
            if (count == 0) continue;  // refused already
            auto& row = answered.partitions.emplace_back();
            row.partition_index = wanted.partition_index;
            auto error = check(call, found, request, wanted);
            if (count > 1) {
                error = broker_errc::invalid_request;
                count = 0;
            }
            row.error_code = code(error);
            if (error == broker_errc::none) {
                const auto& partition = *found->partition(wanted.partition_index);
                const auto end = request.isolation_level == 1 ? partition.last_stable_offset()
                                                              : partition.log.end_offset();
                look_up(partition, wanted.timestamp, end, row);
                // A record that was found by its time and is not stable yet is none.
                const bool found_it = wanted.timestamp != latest && wanted.timestamp != earliest &&
                                      wanted.timestamp != earliest_local;
                if (found_it && row.offset >= end) {
                    row = {};
                    row.partition_index = wanted.partition_index;
                }
                if (call.version < first_version_with_epochs) row.leader_epoch = -1;
            }
        }
    }
    return Done::answered;
}

}  // namespace kafka::testing
