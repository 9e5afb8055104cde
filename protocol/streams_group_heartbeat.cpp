// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/streams_group_heartbeat.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{88, "StreamsGroupHeartbeat", {0, 1}, 0, Listener::broker};

template <>
struct Schema<StreamsGroupHeartbeatRequest::KeyValue> {
    using T = StreamsGroupHeartbeatRequest::KeyValue;
    static constexpr const char* name = "KeyValue";
    static constexpr Field fields[] = {
        KAFKA_FIELD("key", key),
        KAFKA_FIELD("value", value),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::TopicInfo> {
    using T = StreamsGroupHeartbeatRequest::TopicInfo;
    static constexpr const char* name = "TopicInfo";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
        KAFKA_FIELD("replicationFactor", replication_factor),
        KAFKA_FIELD("topicConfigs", topic_configs),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::CopartitionGroup> {
    using T = StreamsGroupHeartbeatRequest::CopartitionGroup;
    static constexpr const char* name = "CopartitionGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("sourceTopics", source_topics),
        KAFKA_FIELD("sourceTopicRegex", source_topic_regex),
        KAFKA_FIELD("repartitionSourceTopics", repartition_source_topics),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::Subtopology> {
    using T = StreamsGroupHeartbeatRequest::Subtopology;
    static constexpr const char* name = "Subtopology";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("sourceTopics", source_topics, entity("topicName")),
        KAFKA_FIELD("sourceTopicRegex", source_topic_regex),
        KAFKA_FIELD("stateChangelogTopics", state_changelog_topics),
        KAFKA_FIELD("repartitionSinkTopics", repartition_sink_topics, entity("topicName")),
        KAFKA_FIELD("repartitionSourceTopics", repartition_source_topics),
        KAFKA_FIELD("copartitionGroups", copartition_groups),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::Topology> {
    using T = StreamsGroupHeartbeatRequest::Topology;
    static constexpr const char* name = "Topology";
    static constexpr Field fields[] = {
        KAFKA_FIELD("epoch", epoch),
        KAFKA_FIELD("subtopologies", subtopologies),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::TaskIds> {
    using T = StreamsGroupHeartbeatRequest::TaskIds;
    static constexpr const char* name = "TaskIds";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::Endpoint> {
    using T = StreamsGroupHeartbeatRequest::Endpoint;
    static constexpr const char* name = "Endpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest::TaskOffset> {
    using T = StreamsGroupHeartbeatRequest::TaskOffset;
    static constexpr const char* name = "TaskOffset";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("offset", offset),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatRequest> {
    using T = StreamsGroupHeartbeatRequest;
    static constexpr const char* name = "StreamsGroupHeartbeatRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("endpointInformationEpoch", endpoint_information_epoch),
        KAFKA_FIELD("instanceId", instance_id, nullable()),
        KAFKA_FIELD("rackId", rack_id, nullable()),
        KAFKA_FIELD("rebalanceTimeoutMs", rebalance_timeout_ms),
        KAFKA_FIELD("topology", topology, nullable()),
        KAFKA_FIELD("activeTasks", active_tasks, nullable()),
        KAFKA_FIELD("standbyTasks", standby_tasks, nullable()),
        KAFKA_FIELD("warmupTasks", warmup_tasks, nullable()),
        KAFKA_FIELD("processId", process_id, nullable()),
        KAFKA_FIELD("userEndpoint", user_endpoint, nullable()),
        KAFKA_FIELD("clientTags", client_tags, nullable()),
        KAFKA_FIELD("taskOffsets", task_offsets, nullable()),
        KAFKA_FIELD("taskEndOffsets", task_end_offsets, nullable()),
        KAFKA_FIELD("shutdownApplication", shutdown_application),
    };
};
constexpr MessageInfo StreamsGroupHeartbeatRequest::info =
    request_of<StreamsGroupHeartbeatRequest>(api);

template <>
struct Schema<StreamsGroupHeartbeatResponse::Status> {
    using T = StreamsGroupHeartbeatResponse::Status;
    static constexpr const char* name = "Status";
    static constexpr Field fields[] = {
        KAFKA_FIELD("statusCode", status_code),
        KAFKA_FIELD("statusDetail", status_detail),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatResponse::TaskIds> {
    using T = StreamsGroupHeartbeatResponse::TaskIds;
    static constexpr const char* name = "TaskIds";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatResponse::Endpoint> {
    using T = StreamsGroupHeartbeatResponse::Endpoint;
    static constexpr const char* name = "Endpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatResponse::TopicPartition> {
    using T = StreamsGroupHeartbeatResponse::TopicPartition;
    static constexpr const char* name = "TopicPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatResponse::EndpointToPartitions> {
    using T = StreamsGroupHeartbeatResponse::EndpointToPartitions;
    static constexpr const char* name = "EndpointToPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("userEndpoint", user_endpoint),
        KAFKA_FIELD("activePartitions", active_partitions),
        KAFKA_FIELD("standbyPartitions", standby_partitions),
    };
};
template <>
struct Schema<StreamsGroupHeartbeatResponse> {
    using T = StreamsGroupHeartbeatResponse;
    static constexpr const char* name = "StreamsGroupHeartbeatResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("heartbeatIntervalMs", heartbeat_interval_ms),
        KAFKA_FIELD("acceptableRecoveryLagLegacy", acceptable_recovery_lag_legacy, between(0, 0)),
        KAFKA_FIELD("taskOffsetIntervalMs", task_offset_interval_ms),
        KAFKA_FIELD("acceptableRecoveryLag", acceptable_recovery_lag, since(1).ignorable()),
        KAFKA_FIELD("status", status, nullable()),
        KAFKA_FIELD("activeTasks", active_tasks, nullable()),
        KAFKA_FIELD("standbyTasks", standby_tasks, nullable()),
        KAFKA_FIELD("warmupTasks", warmup_tasks, nullable()),
        KAFKA_FIELD("topologyDescriptionRequired", topology_description_required, since(1)),
        KAFKA_FIELD("endpointInformationEpoch", endpoint_information_epoch),
        KAFKA_FIELD("partitionsByUserEndpoint", partitions_by_user_endpoint, nullable()),
    };
};
constexpr MessageInfo StreamsGroupHeartbeatResponse::info =
    response_of<StreamsGroupHeartbeatResponse>(api);

}  // namespace kafka::protocol
