// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/vote.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{52, "Vote", {0, 2}, 0, Listener::controller};

template <>
struct Schema<VoteRequest::PartitionData> {
    using T = VoteRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("replicaEpoch", replica_epoch),
        KAFKA_FIELD("replicaId", replica_id, entity("brokerId")),
        KAFKA_FIELD("replicaDirectoryId", replica_directory_id, since(1).ignorable()),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id, since(1).ignorable()),
        KAFKA_FIELD("lastOffsetEpoch", last_offset_epoch),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("preVote", pre_vote, since(2)),
    };
};
template <>
struct Schema<VoteRequest::TopicData> {
    using T = VoteRequest::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<VoteRequest> {
    using T = VoteRequest;
    static constexpr const char* name = "VoteRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clusterId", cluster_id, nullable()),
        KAFKA_FIELD("voterId", voter_id, since(1).ignorable().entity("brokerId")),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo VoteRequest::info = request_of<VoteRequest>(api);

template <>
struct Schema<VoteResponse::PartitionData> {
    using T = VoteResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("voteGranted", vote_granted),
    };
};
template <>
struct Schema<VoteResponse::TopicData> {
    using T = VoteResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<VoteResponse::NodeEndpoint> {
    using T = VoteResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(1).map_key().entity("brokerId")),
        KAFKA_FIELD("host", host, since(1)),
        KAFKA_FIELD("port", port, since(1)),
    };
};
template <>
struct Schema<VoteResponse> {
    using T = VoteResponse;
    static constexpr const char* name = "VoteResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("nodeEndpoints", node_endpoints, since(1).tag(0)),
    };
};
constexpr MessageInfo VoteResponse::info = response_of<VoteResponse>(api);

}  // namespace kafka::protocol
