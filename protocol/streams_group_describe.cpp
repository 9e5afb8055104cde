// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/streams_group_describe.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{89, "StreamsGroupDescribe", {0, 1}, 0, Listener::broker};

template <>
struct Schema<StreamsGroupDescribeRequest> {
    using T = StreamsGroupDescribeRequest;
    static constexpr const char* name = "StreamsGroupDescribeRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupIds", group_ids, entity("groupId")),
        KAFKA_FIELD("includeAuthorizedOperations", include_authorized_operations),
        KAFKA_FIELD("includeTopologyDescription", include_topology_description, since(1)),
    };
};
constexpr MessageInfo StreamsGroupDescribeRequest::info =
    request_of<StreamsGroupDescribeRequest>(api);

template <>
struct Schema<StreamsGroupDescribeResponse::KeyValue> {
    using T = StreamsGroupDescribeResponse::KeyValue;
    static constexpr const char* name = "KeyValue";
    static constexpr Field fields[] = {
        KAFKA_FIELD("key", key),
        KAFKA_FIELD("value", value),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TopicInfo> {
    using T = StreamsGroupDescribeResponse::TopicInfo;
    static constexpr const char* name = "TopicInfo";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
        KAFKA_FIELD("replicationFactor", replication_factor),
        KAFKA_FIELD("topicConfigs", topic_configs),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::Subtopology> {
    using T = StreamsGroupDescribeResponse::Subtopology;
    static constexpr const char* name = "Subtopology";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("sourceTopics", source_topics, entity("topicName")),
        KAFKA_FIELD("repartitionSinkTopics", repartition_sink_topics, entity("topicName")),
        KAFKA_FIELD("stateChangelogTopics", state_changelog_topics),
        KAFKA_FIELD("repartitionSourceTopics", repartition_source_topics),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::Topology> {
    using T = StreamsGroupDescribeResponse::Topology;
    static constexpr const char* name = "Topology";
    static constexpr Field fields[] = {
        KAFKA_FIELD("epoch", epoch),
        KAFKA_FIELD("subtopologies", subtopologies, nullable()),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::Endpoint> {
    using T = StreamsGroupDescribeResponse::Endpoint;
    static constexpr const char* name = "Endpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TaskOffset> {
    using T = StreamsGroupDescribeResponse::TaskOffset;
    static constexpr const char* name = "TaskOffset";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("offset", offset),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TaskIds> {
    using T = StreamsGroupDescribeResponse::TaskIds;
    static constexpr const char* name = "TaskIds";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::Assignment> {
    using T = StreamsGroupDescribeResponse::Assignment;
    static constexpr const char* name = "Assignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("activeTasks", active_tasks),
        KAFKA_FIELD("standbyTasks", standby_tasks),
        KAFKA_FIELD("warmupTasks", warmup_tasks),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::Member> {
    using T = StreamsGroupDescribeResponse::Member;
    static constexpr const char* name = "Member";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("instanceId", instance_id, nullable()),
        KAFKA_FIELD("rackId", rack_id, nullable()),
        KAFKA_FIELD("clientId", client_id),
        KAFKA_FIELD("clientHost", client_host),
        KAFKA_FIELD("topologyEpoch", topology_epoch),
        KAFKA_FIELD("processId", process_id),
        KAFKA_FIELD("userEndpoint", user_endpoint, nullable()),
        KAFKA_FIELD("clientTags", client_tags),
        KAFKA_FIELD("taskOffsets", task_offsets),
        KAFKA_FIELD("taskEndOffsets", task_end_offsets),
        KAFKA_FIELD("assignment", assignment),
        KAFKA_FIELD("targetAssignment", target_assignment),
        KAFKA_FIELD("isClassic", is_classic),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TopologyDescriptionNode> {
    using T = StreamsGroupDescribeResponse::TopologyDescriptionNode;
    static constexpr const char* name = "TopologyDescriptionNode";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(1)),
        KAFKA_FIELD("nodeType", node_type, since(1)),
        KAFKA_FIELD("sourceTopics", source_topics, since(1).entity("topicName")),
        KAFKA_FIELD("sinkTopic", sink_topic, since(1).nullable(1).entity("topicName")),
        KAFKA_FIELD("stores", stores, since(1)),
        KAFKA_FIELD("successors", successors, since(1)),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TopologyDescriptionSubtopology> {
    using T = StreamsGroupDescribeResponse::TopologyDescriptionSubtopology;
    static constexpr const char* name = "TopologyDescriptionSubtopology";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id, since(1)),
        KAFKA_FIELD("nodes", nodes, since(1)),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TopologyDescriptionGlobalStore> {
    using T = StreamsGroupDescribeResponse::TopologyDescriptionGlobalStore;
    static constexpr const char* name = "TopologyDescriptionGlobalStore";
    static constexpr Field fields[] = {
        KAFKA_FIELD("source", source, since(1)),
        KAFKA_FIELD("processor", processor, since(1)),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::TopologyDescription> {
    using T = StreamsGroupDescribeResponse::TopologyDescription;
    static constexpr const char* name = "TopologyDescription";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologies", subtopologies, since(1)),
        KAFKA_FIELD("globalStores", global_stores, since(1)),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse::DescribedGroup> {
    using T = StreamsGroupDescribeResponse::DescribedGroup;
    static constexpr const char* name = "DescribedGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("groupState", group_state),
        KAFKA_FIELD("groupEpoch", group_epoch),
        KAFKA_FIELD("assignmentEpoch", assignment_epoch),
        KAFKA_FIELD("topology", topology, nullable()),
        KAFKA_FIELD("members", members),
        KAFKA_FIELD("authorizedOperations", authorized_operations),
        KAFKA_FIELD("topologyDescription", topology_description, since(1).nullable(1)),
        KAFKA_FIELD("topologyDescriptionStatus", topology_description_status, since(1)),
        KAFKA_FIELD("assignorName", assignor_name, since(1).nullable(1).ignorable()),
    };
};
template <>
struct Schema<StreamsGroupDescribeResponse> {
    using T = StreamsGroupDescribeResponse;
    static constexpr const char* name = "StreamsGroupDescribeResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo StreamsGroupDescribeResponse::info =
    response_of<StreamsGroupDescribeResponse>(api);

}  // namespace kafka::protocol
