// SPDX-License-Identifier: Apache-2.0
// AlterPartition, API key 56, v2-3, flexible from v0.
// Tells the controller of a changed in-sync set; from leaders to the controller (KIP-497, KIP-841).
#pragma once

#include <cstdint>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterPartitionResponse;

struct AlterPartitionRequest {
    struct BrokerState {
        std::int32_t broker_id = 0;
        std::int64_t broker_epoch = -1;
        UnknownTags unknown_tags{};
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        std::vector<std::int32_t> new_isr{};
        std::vector<BrokerState> new_isr_with_epochs{};
        std::int8_t leader_recovery_state = 0;
        std::int32_t partition_epoch = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterPartitionResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
};

struct AlterPartitionResponse {
    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        std::vector<std::int32_t> isr{};
        std::int8_t leader_recovery_state = 0;
        std::int32_t partition_epoch = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
