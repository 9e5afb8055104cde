// SPDX-License-Identifier: Apache-2.0
// StreamsGroupDescribe, API key 89, v0-1, flexible from v0.
// Describes streams groups (KIP-1071).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct StreamsGroupDescribeResponse;

struct StreamsGroupDescribeRequest {
    using response_type = StreamsGroupDescribeResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> group_ids{};
    bool include_authorized_operations = false;
    bool include_topology_description = false;
    UnknownTags unknown_tags{};
};

struct StreamsGroupDescribeResponse {
    struct KeyValue {
        std::string key{};
        std::string value{};
        UnknownTags unknown_tags{};
    };

    struct TopicInfo {
        std::string name{};
        std::int32_t partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<KeyValue> topic_configs{};
        UnknownTags unknown_tags{};
    };

    struct Subtopology {
        std::string subtopology_id{};
        std::vector<std::string> source_topics{};
        std::vector<std::string> repartition_sink_topics{};
        std::vector<TopicInfo> state_changelog_topics{};
        std::vector<TopicInfo> repartition_source_topics{};
        UnknownTags unknown_tags{};
    };

    struct Topology {
        std::int32_t epoch = 0;
        std::optional<std::vector<Subtopology>> subtopologies{};
        UnknownTags unknown_tags{};
    };

    struct Endpoint {
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    struct TaskOffset {
        std::string subtopology_id{};
        std::int32_t partition = 0;
        std::int64_t offset = 0;
        UnknownTags unknown_tags{};
    };

    struct TaskIds {
        std::string subtopology_id{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Assignment {
        std::vector<TaskIds> active_tasks{};
        std::vector<TaskIds> standby_tasks{};
        std::vector<TaskIds> warmup_tasks{};
        UnknownTags unknown_tags{};
    };

    struct Member {
        std::string member_id{};
        std::int32_t member_epoch = 0;
        std::optional<std::string> instance_id{};
        std::optional<std::string> rack_id{};
        std::string client_id{};
        std::string client_host{};
        std::int32_t topology_epoch = 0;
        std::string process_id{};
        std::optional<Endpoint> user_endpoint{};
        std::vector<KeyValue> client_tags{};
        std::vector<TaskOffset> task_offsets{};
        std::vector<TaskOffset> task_end_offsets{};
        Assignment assignment{};
        Assignment target_assignment{};
        bool is_classic = false;
        UnknownTags unknown_tags{};
    };

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

    struct DescribedGroup {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::string group_id{};
        std::string group_state{};
        std::int32_t group_epoch = 0;
        std::int32_t assignment_epoch = 0;
        std::optional<Topology> topology{};
        std::vector<Member> members{};
        /// Bits by AclOperation; the minimum: not asked for (KIP-430).
        std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();
        std::optional<TopologyDescription> topology_description{};
        std::int8_t topology_description_status = 0;
        std::optional<std::string> assignor_name{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
