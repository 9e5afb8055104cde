// SPDX-License-Identifier: Apache-2.0
// StreamsGroupTopologyDescriptionUpdate, API key 93, v0, flexible from v0.
// Hands the description of a streams group's topology to the broker (KIP-1071).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct StreamsGroupTopologyDescriptionUpdateResponse;

struct StreamsGroupTopologyDescriptionUpdateRequest {
    struct TopologyDescriptionNode {
        std::string name{};
        std::int8_t node_type = 0;
        std::vector<std::string> source_topics{};
        std::optional<std::string> sink_topic{};
        std::vector<std::string> stores{};
        std::vector<std::string> successors{};
        UnknownTags unknown_tags{};
    };

    struct TopologyDescriptionSubtopology {
        std::string subtopology_id{};
        std::vector<TopologyDescriptionNode> nodes{};
        UnknownTags unknown_tags{};
    };

    struct TopologyDescriptionGlobalStore {
        TopologyDescriptionNode source{};
        TopologyDescriptionNode processor{};
        UnknownTags unknown_tags{};
    };

    struct TopologyDescription {
        std::vector<TopologyDescriptionSubtopology> subtopologies{};
        std::vector<TopologyDescriptionGlobalStore> global_stores{};
        UnknownTags unknown_tags{};
    };

    using response_type = StreamsGroupTopologyDescriptionUpdateResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::string member_id{};
    std::int32_t topology_epoch = 0;
    TopologyDescription topology_description{};
    UnknownTags unknown_tags{};
};

struct StreamsGroupTopologyDescriptionUpdateResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
