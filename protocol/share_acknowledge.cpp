// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/share_acknowledge.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{79, "ShareAcknowledge", {1, 2}, 0, Listener::broker};

template <>
struct Schema<ShareAcknowledgeRequest::AcknowledgementBatch> {
    using T = ShareAcknowledgeRequest::AcknowledgementBatch;
    static constexpr const char* name = "AcknowledgementBatch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("firstOffset", first_offset),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("acknowledgeTypes", acknowledge_types),
    };
};
template <>
struct Schema<ShareAcknowledgeRequest::AcknowledgePartition> {
    using T = ShareAcknowledgeRequest::AcknowledgePartition;
    static constexpr const char* name = "AcknowledgePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, map_key()),
        KAFKA_FIELD("acknowledgementBatches", acknowledgement_batches),
    };
};
template <>
struct Schema<ShareAcknowledgeRequest::AcknowledgeTopic> {
    using T = ShareAcknowledgeRequest::AcknowledgeTopic;
    static constexpr const char* name = "AcknowledgeTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, map_key()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareAcknowledgeRequest> {
    using T = ShareAcknowledgeRequest;
    static constexpr const char* name = "ShareAcknowledgeRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, nullable().entity("groupId")),
        KAFKA_FIELD("memberId", member_id, nullable()),
        KAFKA_FIELD("shareSessionEpoch", share_session_epoch),
        KAFKA_FIELD("isRenewAck", is_renew_ack, since(2)),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo ShareAcknowledgeRequest::info = request_of<ShareAcknowledgeRequest>(api);

template <>
struct Schema<ShareAcknowledgeResponse::LeaderIdAndEpoch> {
    using T = ShareAcknowledgeResponse::LeaderIdAndEpoch;
    static constexpr const char* name = "LeaderIdAndEpoch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("leaderId", leader_id),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<ShareAcknowledgeResponse::PartitionData> {
    using T = ShareAcknowledgeResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("currentLeader", current_leader),
    };
};
template <>
struct Schema<ShareAcknowledgeResponse::TopicResponse> {
    using T = ShareAcknowledgeResponse::TopicResponse;
    static constexpr const char* name = "ShareAcknowledgeTopicResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, map_key()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareAcknowledgeResponse::NodeEndpoint> {
    using T = ShareAcknowledgeResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, map_key().entity("brokerId")),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
        KAFKA_FIELD("rack", rack, nullable()),
    };
};
template <>
struct Schema<ShareAcknowledgeResponse> {
    using T = ShareAcknowledgeResponse;
    static constexpr const char* name = "ShareAcknowledgeResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("acquisitionLockTimeoutMs", acquisition_lock_timeout_ms, since(2).ignorable()),
        KAFKA_FIELD("responses", responses),
        KAFKA_FIELD("nodeEndpoints", node_endpoints),
    };
};
constexpr MessageInfo ShareAcknowledgeResponse::info = response_of<ShareAcknowledgeResponse>(api);

}  // namespace kafka::protocol
