// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_replica_log_dirs.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{34, "AlterReplicaLogDirs", {1, 2}, 2, Listener::broker};

template <>
struct Schema<AlterReplicaLogDirsRequest::AlterReplicaLogDirTopic> {
    using T = AlterReplicaLogDirsRequest::AlterReplicaLogDirTopic;
    static constexpr const char* name = "AlterReplicaLogDirTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterReplicaLogDirsRequest::AlterReplicaLogDir> {
    using T = AlterReplicaLogDirsRequest::AlterReplicaLogDir;
    static constexpr const char* name = "AlterReplicaLogDir";
    static constexpr Field fields[] = {
        KAFKA_FIELD("path", path, map_key()),
        KAFKA_FIELD("topics", topics),
    };
};
template <>
struct Schema<AlterReplicaLogDirsRequest> {
    using T = AlterReplicaLogDirsRequest;
    static constexpr const char* name = "AlterReplicaLogDirsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("dirs", dirs),
    };
};
constexpr MessageInfo AlterReplicaLogDirsRequest::info =
    request_of<AlterReplicaLogDirsRequest>(api);

template <>
struct Schema<AlterReplicaLogDirsResponse::AlterReplicaLogDirPartitionResult> {
    using T = AlterReplicaLogDirsResponse::AlterReplicaLogDirPartitionResult;
    static constexpr const char* name = "AlterReplicaLogDirPartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<AlterReplicaLogDirsResponse::AlterReplicaLogDirTopicResult> {
    using T = AlterReplicaLogDirsResponse::AlterReplicaLogDirTopicResult;
    static constexpr const char* name = "AlterReplicaLogDirTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterReplicaLogDirsResponse> {
    using T = AlterReplicaLogDirsResponse;
    static constexpr const char* name = "AlterReplicaLogDirsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo AlterReplicaLogDirsResponse::info =
    response_of<AlterReplicaLogDirsResponse>(api);

}  // namespace kafka::protocol
