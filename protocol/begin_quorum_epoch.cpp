// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/begin_quorum_epoch.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{53, "BeginQuorumEpoch", {0, 1}, 1, Listener::controller};

template <>
struct Schema<BeginQuorumEpochRequest::PartitionData> {
    using T = BeginQuorumEpochRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id, since(1).ignorable()),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<BeginQuorumEpochRequest::TopicData> {
    using T = BeginQuorumEpochRequest::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<BeginQuorumEpochRequest::LeaderEndpoint> {
    using T = BeginQuorumEpochRequest::LeaderEndpoint;
    static constexpr const char* name = "LeaderEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(1).map_key()),
        KAFKA_FIELD("host", host, since(1)),
        KAFKA_FIELD("port", port, since(1)),
    };
};
template <>
struct Schema<BeginQuorumEpochRequest> {
    using T = BeginQuorumEpochRequest;
    static constexpr const char* name = "BeginQuorumEpochRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clusterId", cluster_id, nullable()),
        KAFKA_FIELD("voterId", voter_id, since(1).ignorable().entity("brokerId")),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("leaderEndpoints", leader_endpoints, since(1).ignorable()),
    };
};
constexpr MessageInfo BeginQuorumEpochRequest::info = request_of<BeginQuorumEpochRequest>(api);

template <>
struct Schema<BeginQuorumEpochResponse::PartitionData> {
    using T = BeginQuorumEpochResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<BeginQuorumEpochResponse::TopicData> {
    using T = BeginQuorumEpochResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<BeginQuorumEpochResponse::NodeEndpoint> {
    using T = BeginQuorumEpochResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(1).map_key().entity("brokerId")),
        KAFKA_FIELD("host", host, since(1)),
        KAFKA_FIELD("port", port, since(1)),
    };
};
template <>
struct Schema<BeginQuorumEpochResponse> {
    using T = BeginQuorumEpochResponse;
    static constexpr const char* name = "BeginQuorumEpochResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("nodeEndpoints", node_endpoints, since(1).tag(0)),
    };
};
constexpr MessageInfo BeginQuorumEpochResponse::info = response_of<BeginQuorumEpochResponse>(api);

}  // namespace kafka::protocol
