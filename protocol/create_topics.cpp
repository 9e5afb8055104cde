// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/create_topics.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{19, "CreateTopics", {2, 7}, 5, Listener::both};

template <>
struct Schema<CreateTopicsRequest::CreatableReplicaAssignment> {
    using T = CreateTopicsRequest::CreatableReplicaAssignment;
    static constexpr const char* name = "CreatableReplicaAssignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, map_key()),
        KAFKA_FIELD("brokerIds", broker_ids, entity("brokerId")),
    };
};
template <>
struct Schema<CreateTopicsRequest::CreatableTopicConfig> {
    using T = CreateTopicsRequest::CreatableTopicConfig;
    static constexpr const char* name = "CreatableTopicConfig";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("value", value, nullable()),
    };
};
template <>
struct Schema<CreateTopicsRequest::CreatableTopic> {
    using T = CreateTopicsRequest::CreatableTopic;
    static constexpr const char* name = "CreatableTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("numPartitions", num_partitions),
        KAFKA_FIELD("replicationFactor", replication_factor),
        KAFKA_FIELD("assignments", assignments),
        KAFKA_FIELD("configs", configs),
    };
};
template <>
struct Schema<CreateTopicsRequest> {
    using T = CreateTopicsRequest;
    static constexpr const char* name = "CreateTopicsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("validateOnly", validate_only, since(1)),
    };
};
constexpr MessageInfo CreateTopicsRequest::info = request_of<CreateTopicsRequest>(api);

template <>
struct Schema<CreateTopicsResponse::CreatableTopicConfigs> {
    using T = CreateTopicsResponse::CreatableTopicConfigs;
    static constexpr const char* name = "CreatableTopicConfigs";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(5)),
        KAFKA_FIELD("value", value, since(5).nullable(5)),
        KAFKA_FIELD("readOnly", read_only, since(5)),
        KAFKA_FIELD("configSource", config_source, since(5).ignorable()),
        KAFKA_FIELD("isSensitive", is_sensitive, since(5)),
    };
};
template <>
struct Schema<CreateTopicsResponse::CreatableTopicResult> {
    using T = CreateTopicsResponse::CreatableTopicResult;
    static constexpr const char* name = "CreatableTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(7).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, since(1).nullable().ignorable()),
        KAFKA_FIELD("numPartitions", num_partitions, since(5).ignorable()),
        KAFKA_FIELD("replicationFactor", replication_factor, since(5).ignorable()),
        KAFKA_FIELD("configs", configs, since(5).nullable(5).ignorable()),
        KAFKA_FIELD("topicConfigErrorCode", topic_config_error_code, since(5).tag(0).ignorable()),
    };
};
template <>
struct Schema<CreateTopicsResponse> {
    using T = CreateTopicsResponse;
    static constexpr const char* name = "CreateTopicsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(2).ignorable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo CreateTopicsResponse::info = response_of<CreateTopicsResponse>(api);

}  // namespace kafka::protocol
