// SPDX-License-Identifier: Apache-2.0
// FetchSnapshot, API key 59, v0-1, flexible from v0.
// Reads a snapshot of the metadata log in pieces (KIP-630).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct FetchSnapshotResponse;

struct FetchSnapshotRequest {
    struct SnapshotId {
        std::int64_t end_offset = 0;
        std::int32_t epoch = 0;
        UnknownTags unknown_tags{};
    };

    struct PartitionSnapshot {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = 0;  ///< -1: not checked (KIP-320)
        SnapshotId snapshot_id{};
        std::int64_t position = 0;
        Uuid replica_directory_id{};
        UnknownTags unknown_tags{};
    };

    struct TopicSnapshot {
        std::string name{};
        std::vector<PartitionSnapshot> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = FetchSnapshotResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id{};
    std::int32_t replica_id = -1;  ///< -1: a consumer
    std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
    std::vector<TopicSnapshot> topics{};
    UnknownTags unknown_tags{};
};

struct FetchSnapshotResponse {
    struct SnapshotId {
        std::int64_t end_offset = 0;
        std::int32_t epoch = 0;
        UnknownTags unknown_tags{};
    };

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct PartitionSnapshot {
        std::int32_t index = 0;
        std::int16_t error_code = 0;
        SnapshotId snapshot_id{};
        LeaderIdAndEpoch current_leader{};
        std::int64_t size = 0;
        std::int64_t position = 0;
        Slice unaligned_records{};
        UnknownTags unknown_tags{};
    };

    struct TopicSnapshot {
        std::string name{};
        std::vector<PartitionSnapshot> partitions{};
        UnknownTags unknown_tags{};
    };

    struct NodeEndpoint {
        std::int32_t node_id = 0;
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<TopicSnapshot> topics{};
    std::vector<NodeEndpoint> node_endpoints{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
