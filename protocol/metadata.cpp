// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/metadata.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{3, "Metadata", {0, 13}, 9, Listener::broker};

template <>
struct Schema<MetadataRequest::Topic> {
    using T = MetadataRequest::Topic;
    static constexpr const char* name = "MetadataRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, since(10).ignorable()),
        KAFKA_FIELD("name", name, nullable(10).entity("topicName")),
    };
};
template <>
struct Schema<MetadataRequest> {
    using T = MetadataRequest;
    static constexpr const char* name = "MetadataRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics, nullable(1)),
        KAFKA_FIELD("allowAutoTopicCreation", allow_auto_topic_creation, since(4)),
        KAFKA_FIELD("includeClusterAuthorizedOperations", include_cluster_authorized_operations,
                    between(8, 10)),
        KAFKA_FIELD("includeTopicAuthorizedOperations", include_topic_authorized_operations,
                    since(8)),
    };
};
constexpr MessageInfo MetadataRequest::info = request_of<MetadataRequest>(api);

template <>
struct Schema<MetadataResponse::Broker> {
    using T = MetadataResponse::Broker;
    static constexpr const char* name = "MetadataResponseBroker";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, map_key().entity("brokerId")),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
        KAFKA_FIELD("rack", rack, since(1).nullable(1).ignorable()),
    };
};
template <>
struct Schema<MetadataResponse::Partition> {
    using T = MetadataResponse::Partition;
    static constexpr const char* name = "MetadataResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch, since(7).ignorable()),
        KAFKA_FIELD("replicaNodes", replica_nodes, entity("brokerId")),
        KAFKA_FIELD("isrNodes", isr_nodes, entity("brokerId")),
        KAFKA_FIELD("offlineReplicas", offline_replicas, since(5).ignorable().entity("brokerId")),
    };
};
template <>
struct Schema<MetadataResponse::Topic> {
    using T = MetadataResponse::Topic;
    static constexpr const char* name = "MetadataResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("name", name, nullable(12).map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(10).ignorable()),
        KAFKA_FIELD("isInternal", is_internal, since(1).ignorable()),
        KAFKA_FIELD("partitions", partitions),
        KAFKA_FIELD("topicAuthorizedOperations", topic_authorized_operations, since(8)),
    };
};
template <>
struct Schema<MetadataResponse> {
    using T = MetadataResponse;
    static constexpr const char* name = "MetadataResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(3).ignorable()),
        KAFKA_FIELD("brokers", brokers),
        KAFKA_FIELD("clusterId", cluster_id, since(2).nullable(2).ignorable()),
        KAFKA_FIELD("controllerId", controller_id, since(1).ignorable().entity("brokerId")),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("clusterAuthorizedOperations", cluster_authorized_operations, between(8, 10)),
        KAFKA_FIELD("errorCode", error_code, since(13).ignorable()),
    };
};
constexpr MessageInfo MetadataResponse::info = response_of<MetadataResponse>(api);

}  // namespace kafka::protocol
