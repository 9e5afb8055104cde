// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/list_offsets.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{2, "ListOffsets", {1, 11}, 6, Listener::broker};

template <>
struct Schema<ListOffsetsRequest::Partition> {
    using T = ListOffsetsRequest::Partition;
    static constexpr const char* name = "ListOffsetsPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("currentLeaderEpoch", current_leader_epoch, since(4).ignorable()),
        KAFKA_FIELD("timestamp", timestamp),
    };
};
template <>
struct Schema<ListOffsetsRequest::Topic> {
    using T = ListOffsetsRequest::Topic;
    static constexpr const char* name = "ListOffsetsTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ListOffsetsRequest> {
    using T = ListOffsetsRequest;
    static constexpr const char* name = "ListOffsetsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("replicaId", replica_id, entity("brokerId")),
        KAFKA_FIELD("isolationLevel", isolation_level, since(2)),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("timeoutMs", timeout_ms, since(10).ignorable()),
    };
};
constexpr MessageInfo ListOffsetsRequest::info = request_of<ListOffsetsRequest>(api);

template <>
struct Schema<ListOffsetsResponse::PartitionResponse> {
    using T = ListOffsetsResponse::PartitionResponse;
    static constexpr const char* name = "ListOffsetsPartitionResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),     KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("timestamp", timestamp, since(1)),      KAFKA_FIELD("offset", offset, since(1)),
        KAFKA_FIELD("leaderEpoch", leader_epoch, since(4)),
    };
};
template <>
struct Schema<ListOffsetsResponse::TopicResponse> {
    using T = ListOffsetsResponse::TopicResponse;
    static constexpr const char* name = "ListOffsetsTopicResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ListOffsetsResponse> {
    using T = ListOffsetsResponse;
    static constexpr const char* name = "ListOffsetsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(2).ignorable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo ListOffsetsResponse::info = response_of<ListOffsetsResponse>(api);

}  // namespace kafka::protocol
