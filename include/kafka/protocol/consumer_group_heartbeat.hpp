// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupHeartbeat, API key 68, v0-1, flexible from v0.
// Joins, keeps alive, leaves and reconciles assignments in a consumer group (KIP-848).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ConsumerGroupHeartbeatResponse;

struct ConsumerGroupHeartbeatRequest {
    struct TopicPartitions {
        Uuid topic_id{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ConsumerGroupHeartbeatResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::string member_id{};
    std::int32_t member_epoch = 0;
    std::optional<std::string> instance_id{};
    std::optional<std::string> rack_id{};
    std::int32_t rebalance_timeout_ms = -1;  ///< milliseconds
    std::optional<std::vector<std::string>> subscribed_topic_names{};
    std::optional<std::string> subscribed_topic_regex{};
    std::optional<std::string> server_assignor{};
    std::optional<std::vector<TopicPartitions>> topic_partitions{};
    UnknownTags unknown_tags{};
};

struct ConsumerGroupHeartbeatResponse {
    struct TopicPartitions {
        Uuid topic_id{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::optional<std::string> member_id{};
    std::int32_t member_epoch = 0;
    std::int32_t heartbeat_interval_ms = 0;  ///< milliseconds
    std::optional<Assignment> assignment{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
