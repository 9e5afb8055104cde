// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/end_quorum_epoch.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{54, "EndQuorumEpoch", {0, 1}, 1, Listener::controller};

template <>
struct Schema<EndQuorumEpochRequest::ReplicaInfo> {
    using T = EndQuorumEpochRequest::ReplicaInfo;
    static constexpr const char* name = "ReplicaInfo";
    static constexpr Field fields[] = {
        KAFKA_FIELD("candidateId", candidate_id, since(1).entity("brokerId")),
        KAFKA_FIELD("candidateDirectoryId", candidate_directory_id, since(1)),
    };
};
template <>
struct Schema<EndQuorumEpochRequest::PartitionData> {
    using T = EndQuorumEpochRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("preferredSuccessors", preferred_successors, between(0, 0).ignorable()),
        KAFKA_FIELD("preferredCandidates", preferred_candidates, since(1).ignorable()),
    };
};
template <>
struct Schema<EndQuorumEpochRequest::TopicData> {
    using T = EndQuorumEpochRequest::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<EndQuorumEpochRequest::LeaderEndpoint> {
    using T = EndQuorumEpochRequest::LeaderEndpoint;
    static constexpr const char* name = "LeaderEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(1).map_key()),
        KAFKA_FIELD("host", host, since(1)),
        KAFKA_FIELD("port", port, since(1)),
    };
};
template <>
struct Schema<EndQuorumEpochRequest> {
    using T = EndQuorumEpochRequest;
    static constexpr const char* name = "EndQuorumEpochRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clusterId", cluster_id, nullable()),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("leaderEndpoints", leader_endpoints, since(1).ignorable()),
    };
};
constexpr MessageInfo EndQuorumEpochRequest::info = request_of<EndQuorumEpochRequest>(api);

template <>
struct Schema<EndQuorumEpochResponse::PartitionData> {
    using T = EndQuorumEpochResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<EndQuorumEpochResponse::TopicData> {
    using T = EndQuorumEpochResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<EndQuorumEpochResponse::NodeEndpoint> {
    using T = EndQuorumEpochResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(1).map_key().entity("brokerId")),
        KAFKA_FIELD("host", host, since(1)),
        KAFKA_FIELD("port", port, since(1)),
    };
};
template <>
struct Schema<EndQuorumEpochResponse> {
    using T = EndQuorumEpochResponse;
    static constexpr const char* name = "EndQuorumEpochResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("nodeEndpoints", node_endpoints, since(1).tag(0)),
    };
};
constexpr MessageInfo EndQuorumEpochResponse::info = response_of<EndQuorumEpochResponse>(api);

}  // namespace kafka::protocol
