// SPDX-License-Identifier: Apache-2.0
// AlterReplicaLogDirs, API key 34, v1-2, flexible from v2.
// Moves replicas between the log directories of a broker (KIP-113).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterReplicaLogDirsResponse;

struct AlterReplicaLogDirsRequest {
    struct AlterReplicaLogDirTopic {
        std::string name{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct AlterReplicaLogDir {
        std::string path{};
        std::vector<AlterReplicaLogDirTopic> topics{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterReplicaLogDirsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<AlterReplicaLogDir> dirs{};
    UnknownTags unknown_tags{};
};

struct AlterReplicaLogDirsResponse {
    struct AlterReplicaLogDirPartitionResult {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct AlterReplicaLogDirTopicResult {
        std::string topic_name{};
        std::vector<AlterReplicaLogDirPartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<AlterReplicaLogDirTopicResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
