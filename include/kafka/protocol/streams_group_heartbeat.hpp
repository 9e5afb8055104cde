// SPDX-License-Identifier: Apache-2.0
// StreamsGroupHeartbeat, API key 88, v0-1, flexible from v0.
// Joins, keeps alive and leaves a streams group, with its topology and tasks (KIP-1071).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct StreamsGroupHeartbeatResponse;

struct StreamsGroupHeartbeatRequest {
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

    struct CopartitionGroup {
        std::vector<std::int16_t> source_topics{};
        std::vector<std::int16_t> source_topic_regex{};
        std::vector<std::int16_t> repartition_source_topics{};
        UnknownTags unknown_tags{};
    };

    struct Subtopology {
        std::string subtopology_id{};
        std::vector<std::string> source_topics{};
        std::vector<std::string> source_topic_regex{};
        std::vector<TopicInfo> state_changelog_topics{};
        std::vector<std::string> repartition_sink_topics{};
        std::vector<TopicInfo> repartition_source_topics{};
        std::vector<CopartitionGroup> copartition_groups{};
        UnknownTags unknown_tags{};
    };

    struct Topology {
        std::int32_t epoch = 0;
        std::vector<Subtopology> subtopologies{};
        UnknownTags unknown_tags{};
    };

    struct TaskIds {
        std::string subtopology_id{};
        std::vector<std::int32_t> partitions{};
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

    using response_type = StreamsGroupHeartbeatResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::string member_id{};
    std::int32_t member_epoch = 0;
    std::int32_t endpoint_information_epoch = 0;
    std::optional<std::string> instance_id{};
    std::optional<std::string> rack_id{};
    std::int32_t rebalance_timeout_ms = -1;  ///< milliseconds
    std::optional<Topology> topology{};
    std::optional<std::vector<TaskIds>> active_tasks{};
    std::optional<std::vector<TaskIds>> standby_tasks{};
    std::optional<std::vector<TaskIds>> warmup_tasks{};
    std::optional<std::string> process_id{};
    std::optional<Endpoint> user_endpoint{};
    std::optional<std::vector<KeyValue>> client_tags{};
    std::optional<std::vector<TaskOffset>> task_offsets{};
    std::optional<std::vector<TaskOffset>> task_end_offsets{};
    bool shutdown_application = false;
    UnknownTags unknown_tags{};
};

struct StreamsGroupHeartbeatResponse {
    struct Status {
        std::int8_t status_code = 0;
        std::string status_detail{};
        UnknownTags unknown_tags{};
    };

    struct TaskIds {
        std::string subtopology_id{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Endpoint {
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicPartition {
        std::string topic{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct EndpointToPartitions {
        Endpoint user_endpoint{};
        std::vector<TopicPartition> active_partitions{};
        std::vector<TopicPartition> standby_partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::string member_id{};
    std::int32_t member_epoch = 0;
    std::int32_t heartbeat_interval_ms = 0;  ///< milliseconds
    std::int32_t acceptable_recovery_lag_legacy = 0;
    std::int32_t task_offset_interval_ms = 0;  ///< milliseconds
    std::int64_t acceptable_recovery_lag = -1;
    std::optional<std::vector<Status>> status = std::vector<Status>{};
    std::optional<std::vector<TaskIds>> active_tasks{};
    std::optional<std::vector<TaskIds>> standby_tasks{};
    std::optional<std::vector<TaskIds>> warmup_tasks{};
    bool topology_description_required = false;
    std::int32_t endpoint_information_epoch = 0;
    std::optional<std::vector<EndpointToPartitions>> partitions_by_user_endpoint{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
