// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/offset_commit.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{8, "OffsetCommit", {2, 10}, 8, Listener::broker};

template <>
struct Schema<OffsetCommitRequest::Partition> {
    using T = OffsetCommitRequest::Partition;
    static constexpr const char* name = "OffsetCommitRequestPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("committedOffset", committed_offset),
        KAFKA_FIELD("committedLeaderEpoch", committed_leader_epoch, since(6).ignorable()),
        KAFKA_FIELD("committedMetadata", committed_metadata, nullable()),
    };
};
template <>
struct Schema<OffsetCommitRequest::Topic> {
    using T = OffsetCommitRequest::Topic;
    static constexpr const char* name = "OffsetCommitRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 9).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(10).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<OffsetCommitRequest> {
    using T = OffsetCommitRequest;
    static constexpr const char* name = "OffsetCommitRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("generationIdOrMemberEpoch", generation_id_or_member_epoch,
                    since(1).ignorable()),
        KAFKA_FIELD("memberId", member_id, since(1).ignorable()),
        KAFKA_FIELD("groupInstanceId", group_instance_id, since(7).nullable(7)),
        KAFKA_FIELD("retentionTimeMs", retention_time_ms, between(2, 4).ignorable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo OffsetCommitRequest::info = request_of<OffsetCommitRequest>(api);

template <>
struct Schema<OffsetCommitResponse::Partition> {
    using T = OffsetCommitResponse::Partition;
    static constexpr const char* name = "OffsetCommitResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<OffsetCommitResponse::Topic> {
    using T = OffsetCommitResponse::Topic;
    static constexpr const char* name = "OffsetCommitResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 9).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(10).ignorable()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<OffsetCommitResponse> {
    using T = OffsetCommitResponse;
    static constexpr const char* name = "OffsetCommitResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(3).ignorable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo OffsetCommitResponse::info = response_of<OffsetCommitResponse>(api);

}  // namespace kafka::protocol
