// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/streams_group_topology_description_update.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{93, "StreamsGroupTopologyDescriptionUpdate", {0, 0}, 0, Listener::broker};

template <>
struct Schema<StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionNode> {
    using T = StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionNode;
    static constexpr const char* name = "TopologyDescriptionNode";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name),
        KAFKA_FIELD("nodeType", node_type),
        KAFKA_FIELD("sourceTopics", source_topics, entity("topicName")),
        KAFKA_FIELD("sinkTopic", sink_topic, nullable().entity("topicName")),
        KAFKA_FIELD("stores", stores),
        KAFKA_FIELD("successors", successors),
    };
};
template <>
struct Schema<StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionSubtopology> {
    using T = StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionSubtopology;
    static constexpr const char* name = "TopologyDescriptionSubtopology";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologyId", subtopology_id),
        KAFKA_FIELD("nodes", nodes),
    };
};
template <>
struct Schema<StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionGlobalStore> {
    using T = StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescriptionGlobalStore;
    static constexpr const char* name = "TopologyDescriptionGlobalStore";
    static constexpr Field fields[] = {
        KAFKA_FIELD("source", source),
        KAFKA_FIELD("processor", processor),
    };
};
template <>
struct Schema<StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescription> {
    using T = StreamsGroupTopologyDescriptionUpdateRequest::TopologyDescription;
    static constexpr const char* name = "TopologyDescription";
    static constexpr Field fields[] = {
        KAFKA_FIELD("subtopologies", subtopologies),
        KAFKA_FIELD("globalStores", global_stores),
    };
};
template <>
struct Schema<StreamsGroupTopologyDescriptionUpdateRequest> {
    using T = StreamsGroupTopologyDescriptionUpdateRequest;
    static constexpr const char* name = "StreamsGroupTopologyDescriptionUpdateRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("topologyEpoch", topology_epoch),
        KAFKA_FIELD("topologyDescription", topology_description),
    };
};
constexpr MessageInfo StreamsGroupTopologyDescriptionUpdateRequest::info =
    request_of<StreamsGroupTopologyDescriptionUpdateRequest>(api);

template <>
struct Schema<StreamsGroupTopologyDescriptionUpdateResponse> {
    using T = StreamsGroupTopologyDescriptionUpdateResponse;
    static constexpr const char* name = "StreamsGroupTopologyDescriptionUpdateResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
constexpr MessageInfo StreamsGroupTopologyDescriptionUpdateResponse::info =
    response_of<StreamsGroupTopologyDescriptionUpdateResponse>(api);

}  // namespace kafka::protocol
