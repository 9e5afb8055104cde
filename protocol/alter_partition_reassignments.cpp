// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_partition_reassignments.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{45, "AlterPartitionReassignments", {0, 1}, 0, Listener::both};

template <>
struct Schema<AlterPartitionReassignmentsRequest::ReassignablePartition> {
    using T = AlterPartitionReassignmentsRequest::ReassignablePartition;
    static constexpr const char* name = "ReassignablePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("replicas", replicas, nullable().entity("brokerId")),
    };
};
template <>
struct Schema<AlterPartitionReassignmentsRequest::ReassignableTopic> {
    using T = AlterPartitionReassignmentsRequest::ReassignableTopic;
    static constexpr const char* name = "ReassignableTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterPartitionReassignmentsRequest> {
    using T = AlterPartitionReassignmentsRequest;
    static constexpr const char* name = "AlterPartitionReassignmentsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("allowReplicationFactorChange", allow_replication_factor_change, since(1)),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo AlterPartitionReassignmentsRequest::info =
    request_of<AlterPartitionReassignmentsRequest>(api);

template <>
struct Schema<AlterPartitionReassignmentsResponse::ReassignablePartitionResponse> {
    using T = AlterPartitionReassignmentsResponse::ReassignablePartitionResponse;
    static constexpr const char* name = "ReassignablePartitionResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<AlterPartitionReassignmentsResponse::ReassignableTopicResponse> {
    using T = AlterPartitionReassignmentsResponse::ReassignableTopicResponse;
    static constexpr const char* name = "ReassignableTopicResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterPartitionReassignmentsResponse> {
    using T = AlterPartitionReassignmentsResponse;
    static constexpr const char* name = "AlterPartitionReassignmentsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("allowReplicationFactorChange", allow_replication_factor_change,
                    since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("responses", responses),
    };
};
constexpr MessageInfo AlterPartitionReassignmentsResponse::info =
    response_of<AlterPartitionReassignmentsResponse>(api);

}  // namespace kafka::protocol
