// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/fetch_snapshot.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{59, "FetchSnapshot", {0, 1}, 0, Listener::controller};

template <>
struct Schema<FetchSnapshotRequest::SnapshotId> {
    using T = FetchSnapshotRequest::SnapshotId;
    static constexpr const char* name = "SnapshotId";
    static constexpr Field fields[] = {
        KAFKA_FIELD("endOffset", end_offset),
        KAFKA_FIELD("epoch", epoch),
    };
};
template <>
struct Schema<FetchSnapshotRequest::PartitionSnapshot> {
    using T = FetchSnapshotRequest::PartitionSnapshot;
    static constexpr const char* name = "PartitionSnapshot";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("currentLeaderEpoch", current_leader_epoch),
        KAFKA_FIELD("snapshotId", snapshot_id),
        KAFKA_FIELD("position", position),
        KAFKA_FIELD("replicaDirectoryId", replica_directory_id, since(1).tag(0).ignorable()),
    };
};
template <>
struct Schema<FetchSnapshotRequest::TopicSnapshot> {
    using T = FetchSnapshotRequest::TopicSnapshot;
    static constexpr const char* name = "TopicSnapshot";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<FetchSnapshotRequest> {
    using T = FetchSnapshotRequest;
    static constexpr const char* name = "FetchSnapshotRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("replicaId", replica_id, entity("brokerId")),
        KAFKA_FIELD("maxBytes", max_bytes),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("clusterId", cluster_id, nullable().tag(0)),
    };
};
constexpr MessageInfo FetchSnapshotRequest::info = request_of<FetchSnapshotRequest>(api);

template <>
struct Schema<FetchSnapshotResponse::SnapshotId> {
    using T = FetchSnapshotResponse::SnapshotId;
    static constexpr const char* name = "SnapshotId";
    static constexpr Field fields[] = {
        KAFKA_FIELD("endOffset", end_offset),
        KAFKA_FIELD("epoch", epoch),
    };
};
template <>
struct Schema<FetchSnapshotResponse::LeaderIdAndEpoch> {
    using T = FetchSnapshotResponse::LeaderIdAndEpoch;
    static constexpr const char* name = "LeaderIdAndEpoch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<FetchSnapshotResponse::PartitionSnapshot> {
    using T = FetchSnapshotResponse::PartitionSnapshot;
    static constexpr const char* name = "PartitionSnapshot";
    static constexpr Field fields[] = {
        KAFKA_FIELD("index", index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("snapshotId", snapshot_id),
        KAFKA_FIELD("size", size),
        KAFKA_FIELD("position", position),
        KAFKA_FIELD("unalignedRecords", unaligned_records),
        KAFKA_FIELD("currentLeader", current_leader, tag(0)),
    };
};
template <>
struct Schema<FetchSnapshotResponse::TopicSnapshot> {
    using T = FetchSnapshotResponse::TopicSnapshot;
    static constexpr const char* name = "TopicSnapshot";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<FetchSnapshotResponse::NodeEndpoint> {
    using T = FetchSnapshotResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(1).map_key().entity("brokerId")),
        KAFKA_FIELD("host", host, since(1)),
        KAFKA_FIELD("port", port, since(1)),
    };
};
template <>
struct Schema<FetchSnapshotResponse> {
    using T = FetchSnapshotResponse;
    static constexpr const char* name = "FetchSnapshotResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("nodeEndpoints", node_endpoints, since(1).tag(0)),
    };
};
constexpr MessageInfo FetchSnapshotResponse::info = response_of<FetchSnapshotResponse>(api);

}  // namespace kafka::protocol
