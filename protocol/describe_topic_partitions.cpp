// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_topic_partitions.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{75, "DescribeTopicPartitions", {0, 0}, 0, Listener::broker};

template <>
struct Schema<DescribeTopicPartitionsRequest::TopicRequest> {
    using T = DescribeTopicPartitionsRequest::TopicRequest;
    static constexpr const char* name = "TopicRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
    };
};
template <>
struct Schema<DescribeTopicPartitionsRequest::Cursor> {
    using T = DescribeTopicPartitionsRequest::Cursor;
    static constexpr const char* name = "Cursor";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitionIndex", partition_index),
    };
};
template <>
struct Schema<DescribeTopicPartitionsRequest> {
    using T = DescribeTopicPartitionsRequest;
    static constexpr const char* name = "DescribeTopicPartitionsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("responsePartitionLimit", response_partition_limit),
        KAFKA_FIELD("cursor", cursor, nullable()),
    };
};
constexpr MessageInfo DescribeTopicPartitionsRequest::info =
    request_of<DescribeTopicPartitionsRequest>(api);

template <>
struct Schema<DescribeTopicPartitionsResponse::Partition> {
    using T = DescribeTopicPartitionsResponse::Partition;
    static constexpr const char* name = "DescribeTopicPartitionsResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch, ignorable()),
        KAFKA_FIELD("replicaNodes", replica_nodes, entity("brokerId")),
        KAFKA_FIELD("isrNodes", isr_nodes, entity("brokerId")),
        KAFKA_FIELD("eligibleLeaderReplicas", eligible_leader_replicas,
                    nullable().entity("brokerId")),
        KAFKA_FIELD("lastKnownElr", last_known_elr, nullable().entity("brokerId")),
        KAFKA_FIELD("offlineReplicas", offline_replicas, ignorable().entity("brokerId")),
    };
};
template <>
struct Schema<DescribeTopicPartitionsResponse::Topic> {
    using T = DescribeTopicPartitionsResponse::Topic;
    static constexpr const char* name = "DescribeTopicPartitionsResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("name", name, nullable().map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, ignorable()),
        KAFKA_FIELD("isInternal", is_internal, ignorable()),
        KAFKA_FIELD("partitions", partitions),
        KAFKA_FIELD("topicAuthorizedOperations", topic_authorized_operations),
    };
};
template <>
struct Schema<DescribeTopicPartitionsResponse::Cursor> {
    using T = DescribeTopicPartitionsResponse::Cursor;
    static constexpr const char* name = "Cursor";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitionIndex", partition_index),
    };
};
template <>
struct Schema<DescribeTopicPartitionsResponse> {
    using T = DescribeTopicPartitionsResponse;
    static constexpr const char* name = "DescribeTopicPartitionsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, ignorable()),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("nextCursor", next_cursor, nullable()),
    };
};
constexpr MessageInfo DescribeTopicPartitionsResponse::info =
    response_of<DescribeTopicPartitionsResponse>(api);

}  // namespace kafka::protocol
