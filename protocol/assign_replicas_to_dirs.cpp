// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/assign_replicas_to_dirs.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{73, "AssignReplicasToDirs", {0, 0}, 0, Listener::controller};

template <>
struct Schema<AssignReplicasToDirsRequest::PartitionData> {
    using T = AssignReplicasToDirsRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
    };
};
template <>
struct Schema<AssignReplicasToDirsRequest::TopicData> {
    using T = AssignReplicasToDirsRequest::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AssignReplicasToDirsRequest::DirectoryData> {
    using T = AssignReplicasToDirsRequest::DirectoryData;
    static constexpr const char* name = "DirectoryData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("id", id),
        KAFKA_FIELD("topics", topics),
    };
};
template <>
struct Schema<AssignReplicasToDirsRequest> {
    using T = AssignReplicasToDirsRequest;
    static constexpr const char* name = "AssignReplicasToDirsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, entity("brokerId")),
        KAFKA_FIELD("brokerEpoch", broker_epoch),
        KAFKA_FIELD("directories", directories),
    };
};
constexpr MessageInfo AssignReplicasToDirsRequest::info =
    request_of<AssignReplicasToDirsRequest>(api);

template <>
struct Schema<AssignReplicasToDirsResponse::PartitionData> {
    using T = AssignReplicasToDirsResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<AssignReplicasToDirsResponse::TopicData> {
    using T = AssignReplicasToDirsResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AssignReplicasToDirsResponse::DirectoryData> {
    using T = AssignReplicasToDirsResponse::DirectoryData;
    static constexpr const char* name = "DirectoryData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("id", id),
        KAFKA_FIELD("topics", topics),
    };
};
template <>
struct Schema<AssignReplicasToDirsResponse> {
    using T = AssignReplicasToDirsResponse;
    static constexpr const char* name = "AssignReplicasToDirsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("directories", directories),
    };
};
constexpr MessageInfo AssignReplicasToDirsResponse::info =
    response_of<AssignReplicasToDirsResponse>(api);

}  // namespace kafka::protocol
