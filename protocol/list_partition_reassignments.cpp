// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/list_partition_reassignments.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{46, "ListPartitionReassignments", {0, 0}, 0, Listener::both};

template <>
struct Schema<ListPartitionReassignmentsRequest::Topics> {
    using T = ListPartitionReassignmentsRequest::Topics;
    static constexpr const char* name = "ListPartitionReassignmentsTopics";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitionIndexes", partition_indexes),
    };
};
template <>
struct Schema<ListPartitionReassignmentsRequest> {
    using T = ListPartitionReassignmentsRequest;
    static constexpr const char* name = "ListPartitionReassignmentsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("topics", topics, nullable()),
    };
};
constexpr MessageInfo ListPartitionReassignmentsRequest::info =
    request_of<ListPartitionReassignmentsRequest>(api);

template <>
struct Schema<ListPartitionReassignmentsResponse::OngoingPartitionReassignment> {
    using T = ListPartitionReassignmentsResponse::OngoingPartitionReassignment;
    static constexpr const char* name = "OngoingPartitionReassignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("replicas", replicas, entity("brokerId")),
        KAFKA_FIELD("addingReplicas", adding_replicas, entity("brokerId")),
        KAFKA_FIELD("removingReplicas", removing_replicas, entity("brokerId")),
    };
};
template <>
struct Schema<ListPartitionReassignmentsResponse::OngoingTopicReassignment> {
    using T = ListPartitionReassignmentsResponse::OngoingTopicReassignment;
    static constexpr const char* name = "OngoingTopicReassignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ListPartitionReassignmentsResponse> {
    using T = ListPartitionReassignmentsResponse;
    static constexpr const char* name = "ListPartitionReassignmentsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo ListPartitionReassignmentsResponse::info =
    response_of<ListPartitionReassignmentsResponse>(api);

}  // namespace kafka::protocol
