// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/elect_leaders.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{43, "ElectLeaders", {0, 2}, 2, Listener::both};

template <>
struct Schema<ElectLeadersRequest::TopicPartitions> {
    using T = ElectLeadersRequest::TopicPartitions;
    static constexpr const char* name = "TopicPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ElectLeadersRequest> {
    using T = ElectLeadersRequest;
    static constexpr const char* name = "ElectLeadersRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("electionType", election_type, since(1)),
        KAFKA_FIELD("topicPartitions", topic_partitions, nullable()),
        KAFKA_FIELD("timeoutMs", timeout_ms),
    };
};
constexpr MessageInfo ElectLeadersRequest::info = request_of<ElectLeadersRequest>(api);

template <>
struct Schema<ElectLeadersResponse::PartitionResult> {
    using T = ElectLeadersResponse::PartitionResult;
    static constexpr const char* name = "PartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionId", partition_id),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<ElectLeadersResponse::ReplicaElectionResult> {
    using T = ElectLeadersResponse::ReplicaElectionResult;
    static constexpr const char* name = "ReplicaElectionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, entity("topicName")),
        KAFKA_FIELD("partitionResult", partition_result),
    };
};
template <>
struct Schema<ElectLeadersResponse> {
    using T = ElectLeadersResponse;
    static constexpr const char* name = "ElectLeadersResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code, since(1)),
        KAFKA_FIELD("replicaElectionResults", replica_election_results),
    };
};
constexpr MessageInfo ElectLeadersResponse::info = response_of<ElectLeadersResponse>(api);

}  // namespace kafka::protocol
