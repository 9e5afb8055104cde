// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/txn_offset_commit.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{28, "TxnOffsetCommit", {0, 6}, 3, Listener::broker};

template <>
struct Schema<TxnOffsetCommitRequest::Partition> {
    using T = TxnOffsetCommitRequest::Partition;
    static constexpr const char* name = "TxnOffsetCommitRequestPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("committedOffset", committed_offset),
        KAFKA_FIELD("committedLeaderEpoch", committed_leader_epoch, since(2).ignorable()),
        KAFKA_FIELD("committedMetadata", committed_metadata, nullable()),
    };
};
template <>
struct Schema<TxnOffsetCommitRequest::Topic> {
    using T = TxnOffsetCommitRequest::Topic;
    static constexpr const char* name = "TxnOffsetCommitRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 5).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(6).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<TxnOffsetCommitRequest> {
    using T = TxnOffsetCommitRequest;
    static constexpr const char* name = "TxnOffsetCommitRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id, entity("transactionalId")),
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("generationIdOrMemberEpoch", generation_id_or_member_epoch, since(3)),
        KAFKA_FIELD("memberId", member_id, since(3)),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(3).nullable(3)),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo TxnOffsetCommitRequest::info = request_of<TxnOffsetCommitRequest>(api);

template <>
struct Schema<TxnOffsetCommitResponse::Partition> {
    using T = TxnOffsetCommitResponse::Partition;
    static constexpr const char* name = "TxnOffsetCommitResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<TxnOffsetCommitResponse::Topic> {
    using T = TxnOffsetCommitResponse::Topic;
    static constexpr const char* name = "TxnOffsetCommitResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 5).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(6).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<TxnOffsetCommitResponse> {
    using T = TxnOffsetCommitResponse;
    static constexpr const char* name = "TxnOffsetCommitResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo TxnOffsetCommitResponse::info = response_of<TxnOffsetCommitResponse>(api);

}  // namespace kafka::protocol
