// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_partition.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{56, "AlterPartition", {2, 3}, 0, Listener::controller};

template <>
struct Schema<AlterPartitionRequest::BrokerState> {
    using T = AlterPartitionRequest::BrokerState;
    static constexpr const char* name = "BrokerState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, since(3).entity("brokerId")),
        KAFKA_FIELD("brokerEpoch", broker_epoch, since(3)),
    };
};
template <>
struct Schema<AlterPartitionRequest::PartitionData> {
    using T = AlterPartitionRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("newIsr", new_isr, between(0, 2).entity("brokerId")),
        KAFKA_FIELD("newIsrWithEpochs", new_isr_with_epochs, since(3)),
        KAFKA_FIELD("leaderRecoveryState", leader_recovery_state, since(1)),
        KAFKA_FIELD("partitionEpoch", partition_epoch),
    };
};
template <>
struct Schema<AlterPartitionRequest::TopicData> {
    using T = AlterPartitionRequest::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, since(2).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterPartitionRequest> {
    using T = AlterPartitionRequest;
    static constexpr const char* name = "AlterPartitionRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, entity("brokerId")),
        KAFKA_FIELD("brokerEpoch", broker_epoch),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo AlterPartitionRequest::info = request_of<AlterPartitionRequest>(api);

template <>
struct Schema<AlterPartitionResponse::PartitionData> {
    using T = AlterPartitionResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("isr", isr, entity("brokerId")),
        KAFKA_FIELD("leaderRecoveryState", leader_recovery_state, since(1).ignorable()),
        KAFKA_FIELD("partitionEpoch", partition_epoch),
    };
};
template <>
struct Schema<AlterPartitionResponse::TopicData> {
    using T = AlterPartitionResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, since(2).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterPartitionResponse> {
    using T = AlterPartitionResponse;
    static constexpr const char* name = "AlterPartitionResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo AlterPartitionResponse::info = response_of<AlterPartitionResponse>(api);

}  // namespace kafka::protocol
