// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_quorum.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{55, "DescribeQuorum", {0, 2}, 0, Listener::both};

template <>
struct Schema<DescribeQuorumRequest::PartitionData> {
    using T = DescribeQuorumRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
    };
};
template <>
struct Schema<DescribeQuorumRequest::TopicData> {
    using T = DescribeQuorumRequest::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeQuorumRequest> {
    using T = DescribeQuorumRequest;
    static constexpr const char* name = "DescribeQuorumRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo DescribeQuorumRequest::info = request_of<DescribeQuorumRequest>(api);

template <>
struct Schema<DescribeQuorumResponse::ReplicaState> {
    using T = DescribeQuorumResponse::ReplicaState;
    static constexpr const char* name = "ReplicaState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("replicaId", replica_id, entity("brokerId")),
        KAFKA_FIELD("replicaDirectoryId", replica_directory_id, since(2)),
        KAFKA_FIELD("logEndOffset", log_end_offset),
        KAFKA_FIELD("lastFetchTimestamp", last_fetch_timestamp, since(1).ignorable()),
        KAFKA_FIELD("lastCaughtUpTimestamp", last_caught_up_timestamp, since(1).ignorable()),
    };
};
template <>
struct Schema<DescribeQuorumResponse::PartitionData> {
    using T = DescribeQuorumResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, since(2).nullable(2).ignorable()),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("highWatermark", high_watermark),
        KAFKA_FIELD("currentVoters", current_voters),
        KAFKA_FIELD("observers", observers),
    };
};
template <>
struct Schema<DescribeQuorumResponse::TopicData> {
    using T = DescribeQuorumResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeQuorumResponse::Listener> {
    using T = DescribeQuorumResponse::Listener;
    static constexpr const char* name = "Listener";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(2).map_key()),
        KAFKA_FIELD("host", host, since(2)),
        KAFKA_FIELD("port", port, since(2)),
    };
};
template <>
struct Schema<DescribeQuorumResponse::Node> {
    using T = DescribeQuorumResponse::Node;
    static constexpr const char* name = "Node";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(2).map_key().entity("brokerId")),
        KAFKA_FIELD("listeners", listeners, since(2)),
    };
};
template <>
struct Schema<DescribeQuorumResponse> {
    using T = DescribeQuorumResponse;
    static constexpr const char* name = "DescribeQuorumResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, since(2).nullable(2).ignorable()),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("nodes", nodes, since(2)),
    };
};
constexpr MessageInfo DescribeQuorumResponse::info = response_of<DescribeQuorumResponse>(api);

}  // namespace kafka::protocol
