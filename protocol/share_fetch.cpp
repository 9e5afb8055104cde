// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/share_fetch.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{78, "ShareFetch", {1, 2}, 0, Listener::broker};

template <>
struct Schema<ShareFetchRequest::AcknowledgementBatch> {
    using T = ShareFetchRequest::AcknowledgementBatch;
    static constexpr const char* name = "AcknowledgementBatch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("firstOffset", first_offset),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("acknowledgeTypes", acknowledge_types),
    };
};
template <>
struct Schema<ShareFetchRequest::FetchPartition> {
    using T = ShareFetchRequest::FetchPartition;
    static constexpr const char* name = "FetchPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, map_key()),
        KAFKA_FIELD("partitionMaxBytes", partition_max_bytes, between(0, 0)),
        KAFKA_FIELD("acknowledgementBatches", acknowledgement_batches),
    };
};
template <>
struct Schema<ShareFetchRequest::FetchTopic> {
    using T = ShareFetchRequest::FetchTopic;
    static constexpr const char* name = "FetchTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, map_key()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareFetchRequest::ForgottenTopic> {
    using T = ShareFetchRequest::ForgottenTopic;
    static constexpr const char* name = "ForgottenTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareFetchRequest> {
    using T = ShareFetchRequest;
    static constexpr const char* name = "ShareFetchRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, nullable().entity("groupId")),
        KAFKA_FIELD("memberId", member_id, nullable()),
        KAFKA_FIELD("shareSessionEpoch", share_session_epoch),
        KAFKA_FIELD("maxWaitMs", max_wait_ms),
        KAFKA_FIELD("minBytes", min_bytes),
        KAFKA_FIELD("maxBytes", max_bytes),
        KAFKA_FIELD("maxRecords", max_records, since(1)),
        KAFKA_FIELD("batchSize", batch_size, since(1)),
        KAFKA_FIELD("shareAcquireMode", share_acquire_mode, since(2).ignorable()),
        KAFKA_FIELD("isRenewAck", is_renew_ack, since(2)),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("forgottenTopicsData", forgotten_topics_data),
    };
};
constexpr MessageInfo ShareFetchRequest::info = request_of<ShareFetchRequest>(api);

template <>
struct Schema<ShareFetchResponse::LeaderIdAndEpoch> {
    using T = ShareFetchResponse::LeaderIdAndEpoch;
    static constexpr const char* name = "LeaderIdAndEpoch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("leaderId", leader_id),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<ShareFetchResponse::AcquiredRecords> {
    using T = ShareFetchResponse::AcquiredRecords;
    static constexpr const char* name = "AcquiredRecords";
    static constexpr Field fields[] = {
        KAFKA_FIELD("firstOffset", first_offset),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("deliveryCount", delivery_count),
    };
};
template <>
struct Schema<ShareFetchResponse::PartitionData> {
    using T = ShareFetchResponse::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("acknowledgeErrorCode", acknowledge_error_code),
        KAFKA_FIELD("acknowledgeErrorMessage", acknowledge_error_message, nullable()),
        KAFKA_FIELD("currentLeader", current_leader),
        KAFKA_FIELD("records", records, nullable(0, 0)),
        KAFKA_FIELD("acquiredRecords", acquired_records),
    };
};
template <>
struct Schema<ShareFetchResponse::ShareFetchableTopicResponse> {
    using T = ShareFetchResponse::ShareFetchableTopicResponse;
    static constexpr const char* name = "ShareFetchableTopicResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id, map_key()),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareFetchResponse::NodeEndpoint> {
    using T = ShareFetchResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, map_key().entity("brokerId")),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
        KAFKA_FIELD("rack", rack, nullable()),
    };
};
template <>
struct Schema<ShareFetchResponse> {
    using T = ShareFetchResponse;
    static constexpr const char* name = "ShareFetchResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("acquisitionLockTimeoutMs", acquisition_lock_timeout_ms, since(1)),
        KAFKA_FIELD("responses", responses),
        KAFKA_FIELD("nodeEndpoints", node_endpoints),
    };
};
constexpr MessageInfo ShareFetchResponse::info = response_of<ShareFetchResponse>(api);

}  // namespace kafka::protocol
