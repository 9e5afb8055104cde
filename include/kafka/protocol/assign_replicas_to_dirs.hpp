// SPDX-License-Identifier: Apache-2.0
// AssignReplicasToDirs, API key 73, v0, flexible from v0.
// Tells the controller in which log directory each replica lies (KIP-858).
#pragma once

#include <cstdint>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AssignReplicasToDirsResponse;

struct AssignReplicasToDirsRequest {
    struct PartitionData {
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    struct DirectoryData {
        Uuid id{};
        std::vector<TopicData> topics{};
        UnknownTags unknown_tags{};
    };

    using response_type = AssignReplicasToDirsResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::vector<DirectoryData> directories{};
    UnknownTags unknown_tags{};
};

struct AssignReplicasToDirsResponse {
    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    struct DirectoryData {
        Uuid id{};
        std::vector<TopicData> topics{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<DirectoryData> directories{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
