// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/offset_for_leader_epoch.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{23, "OffsetForLeaderEpoch", {2, 4}, 4, Listener::broker};

template <>
struct Schema<OffsetForLeaderEpochRequest::OffsetForLeaderPartition> {
    using T = OffsetForLeaderEpochRequest::OffsetForLeaderPartition;
    static constexpr const char* name = "OffsetForLeaderPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("currentLeaderEpoch", current_leader_epoch, since(2).ignorable()),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<OffsetForLeaderEpochRequest::OffsetForLeaderTopic> {
    using T = OffsetForLeaderEpochRequest::OffsetForLeaderTopic;
    static constexpr const char* name = "OffsetForLeaderTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<OffsetForLeaderEpochRequest> {
    using T = OffsetForLeaderEpochRequest;
    static constexpr const char* name = "OffsetForLeaderEpochRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("replicaId", replica_id, since(3).ignorable().entity("brokerId")),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo OffsetForLeaderEpochRequest::info =
    request_of<OffsetForLeaderEpochRequest>(api);

template <>
struct Schema<OffsetForLeaderEpochResponse::EpochEndOffset> {
    using T = OffsetForLeaderEpochResponse::EpochEndOffset;
    static constexpr const char* name = "EpochEndOffset";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("leaderEpoch", leader_epoch, since(1).ignorable()),
        KAFKA_FIELD("endOffset", end_offset),
    };
};
template <>
struct Schema<OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult> {
    using T = OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult;
    static constexpr const char* name = "OffsetForLeaderTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<OffsetForLeaderEpochResponse> {
    using T = OffsetForLeaderEpochResponse;
    static constexpr const char* name = "OffsetForLeaderEpochResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(2).ignorable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo OffsetForLeaderEpochResponse::info =
    response_of<OffsetForLeaderEpochResponse>(api);

}  // namespace kafka::protocol
