// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/fetch.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{1, "Fetch", {4, 18}, 12, Listener::both};

template <>
struct Schema<FetchRequest::ReplicaState> {
    using T = FetchRequest::ReplicaState;
    static constexpr const char* name = "ReplicaState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("replicaId", replica_id, since(15).entity("brokerId")),
        KAFKA_FIELD("replicaEpoch", replica_epoch, since(15)),
    };
};
template <>
struct Schema<FetchRequest::Partition> {
    using T = FetchRequest::Partition;
    static constexpr const char* name = "FetchPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("currentLeaderEpoch", current_leader_epoch, since(9).ignorable()),
        KAFKA_FIELD("fetchOffset", fetch_offset),
        KAFKA_FIELD("lastFetchedEpoch", last_fetched_epoch, since(12)),
        KAFKA_FIELD("logStartOffset", log_start_offset, since(5).ignorable()),
        KAFKA_FIELD("partitionMaxBytes", partition_max_bytes),
        KAFKA_FIELD("replicaDirectoryId", replica_directory_id, since(17).tag(0).ignorable()),
        KAFKA_FIELD("highWatermark", high_watermark, since(18).tag(1).ignorable()),
    };
};
template <>
struct Schema<FetchRequest::Topic> {
    using T = FetchRequest::Topic;
    static constexpr const char* name = "FetchTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, between(0, 12).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(13).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<FetchRequest::ForgottenTopic> {
    using T = FetchRequest::ForgottenTopic;
    static constexpr const char* name = "ForgottenTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, between(7, 12).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(13).ignorable()),
        KAFKA_FIELD("partitions", partitions, since(7)),
    };
};
template <>
struct Schema<FetchRequest> {
    using T = FetchRequest;
    static constexpr const char* name = "FetchRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("replicaId", replica_id, between(0, 14).entity("brokerId")),
        KAFKA_FIELD("maxWaitMs", max_wait_ms),
        KAFKA_FIELD("minBytes", min_bytes),
        KAFKA_FIELD("maxBytes", max_bytes, since(3).ignorable()),
        KAFKA_FIELD("isolationLevel", isolation_level, since(4).ignorable()),
        KAFKA_FIELD("sessionId", session_id, since(7).ignorable()),
        KAFKA_FIELD("sessionEpoch", session_epoch, since(7).ignorable()),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("forgottenTopicsData", forgotten_topics_data, since(7)),
        KAFKA_FIELD("rackId", rack_id, since(11).ignorable()),
        KAFKA_FIELD("clusterId", cluster_id, since(12).nullable(12).tag(0).ignorable()),
        KAFKA_FIELD("replicaState", replica_state, since(15).tag(1)),
    };
};
constexpr MessageInfo FetchRequest::info = request_of<FetchRequest>(api);

template <>
struct Schema<FetchResponse::EpochEndOffset> {
    using T = FetchResponse::EpochEndOffset;
    static constexpr const char* name = "EpochEndOffset";
    static constexpr Field fields[] = {
        KAFKA_FIELD("epoch", epoch, since(12)),
        KAFKA_FIELD("endOffset", end_offset, since(12)),
    };
};
template <>
struct Schema<FetchResponse::LeaderIdAndEpoch> {
    using T = FetchResponse::LeaderIdAndEpoch;
    static constexpr const char* name = "LeaderIdAndEpoch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("leaderId", leader_id, since(12).entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch, since(12)),
    };
};
template <>
struct Schema<FetchResponse::SnapshotId> {
    using T = FetchResponse::SnapshotId;
    static constexpr const char* name = "SnapshotId";
    static constexpr Field fields[] = {
        KAFKA_FIELD("endOffset", end_offset),
        KAFKA_FIELD("epoch", epoch),
    };
};
template <>
struct Schema<FetchResponse::AbortedTransaction> {
    using T = FetchResponse::AbortedTransaction;
    static constexpr const char* name = "AbortedTransaction";
    static constexpr Field fields[] = {
        KAFKA_FIELD("producerId", producer_id, since(4).entity("producerId")),
        KAFKA_FIELD("firstOffset", first_offset, since(4)),
    };
};
template <>
struct Schema<FetchResponse::PartitionData> {
    using T = FetchResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("highWatermark", high_watermark),
        KAFKA_FIELD("lastStableOffset", last_stable_offset, since(4).ignorable()),
        KAFKA_FIELD("logStartOffset", log_start_offset, since(5).ignorable()),
        KAFKA_FIELD("abortedTransactions", aborted_transactions, since(4).nullable(4).ignorable()),
        KAFKA_FIELD("preferredReadReplica", preferred_read_replica, since(11).entity("brokerId")),
        KAFKA_FIELD("records", records, nullable()),
        KAFKA_FIELD("divergingEpoch", diverging_epoch, since(12).tag(0)),
        KAFKA_FIELD("currentLeader", current_leader, since(12).tag(1)),
        KAFKA_FIELD("snapshotId", snapshot_id, since(12).tag(2)),
    };
};
template <>
struct Schema<FetchResponse::FetchableTopicResponse> {
    using T = FetchResponse::FetchableTopicResponse;
    static constexpr const char* name = "FetchableTopicResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, between(0, 12).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(13).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<FetchResponse::NodeEndpoint> {
    using T = FetchResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(16).map_key().entity("brokerId")),
        KAFKA_FIELD("host", host, since(16)),
        KAFKA_FIELD("port", port, since(16)),
        KAFKA_FIELD("rack", rack, since(16).nullable(16)),
    };
};
template <>
struct Schema<FetchResponse> {
    using T = FetchResponse;
    static constexpr const char* name = "FetchResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code, since(7).ignorable()),
        KAFKA_FIELD("sessionId", session_id, since(7)),
        KAFKA_FIELD("responses", responses),
        KAFKA_FIELD("nodeEndpoints", node_endpoints, since(16).tag(0)),
    };
};
constexpr MessageInfo FetchResponse::info = response_of<FetchResponse>(api);

}  // namespace kafka::protocol
