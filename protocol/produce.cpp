// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/produce.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{0, "Produce", {3, 13}, 9, Listener::broker};

template <>
struct Schema<ProduceRequest::PartitionProduceData> {
    using T = ProduceRequest::PartitionProduceData;
    static constexpr const char* name = "PartitionProduceData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("index", index),
        KAFKA_FIELD("records", records, nullable()),
    };
};
template <>
struct Schema<ProduceRequest::TopicProduceData> {
    using T = ProduceRequest::TopicProduceData;
    static constexpr const char* name = "TopicProduceData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 12).ignorable().map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(13).ignorable().map_key()),
        KAFKA_FIELD("partitionData", partition_data),
    };
};
template <>
struct Schema<ProduceRequest> {
    using T = ProduceRequest;
    static constexpr const char* name = "ProduceRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id,
                    since(3).nullable(3).entity("transactionalId")),
        KAFKA_FIELD("acks", acks),
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("topicData", topic_data),
    };
};
constexpr MessageInfo ProduceRequest::info = request_of<ProduceRequest>(api);

template <>
struct Schema<ProduceResponse::BatchIndexAndErrorMessage> {
    using T = ProduceResponse::BatchIndexAndErrorMessage;
    static constexpr const char* name = "BatchIndexAndErrorMessage";
    static constexpr Field fields[] = {
        KAFKA_FIELD("batchIndex", batch_index, since(8)),
        KAFKA_FIELD("batchIndexErrorMessage", batch_index_error_message, since(8).nullable(8)),
    };
};
template <>
struct Schema<ProduceResponse::LeaderIdAndEpoch> {
    using T = ProduceResponse::LeaderIdAndEpoch;
    static constexpr const char* name = "LeaderIdAndEpoch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("leaderId", leader_id, since(10).entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch, since(10)),
    };
};
template <>
struct Schema<ProduceResponse::PartitionProduceResponse> {
    using T = ProduceResponse::PartitionProduceResponse;
    static constexpr const char* name = "PartitionProduceResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("index", index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("baseOffset", base_offset),
        KAFKA_FIELD("logAppendTimeMs", log_append_time_ms, since(2).ignorable()),
        KAFKA_FIELD("logStartOffset", log_start_offset, since(5).ignorable()),
        KAFKA_FIELD("recordErrors", record_errors, since(8).ignorable()),
        KAFKA_FIELD("errorMessage", error_message, since(8).nullable(8).ignorable()),
        KAFKA_FIELD("currentLeader", current_leader, since(10).tag(0)),
    };
};
template <>
struct Schema<ProduceResponse::TopicProduceResponse> {
    using T = ProduceResponse::TopicProduceResponse;
    static constexpr const char* name = "TopicProduceResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 12).ignorable().map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(13).ignorable().map_key()),
        KAFKA_FIELD("partitionResponses", partition_responses),
    };
};
template <>
struct Schema<ProduceResponse::NodeEndpoint> {
    using T = ProduceResponse::NodeEndpoint;
    static constexpr const char* name = "NodeEndpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("nodeId", node_id, since(10).map_key().entity("brokerId")),
        KAFKA_FIELD("host", host, since(10)),
        KAFKA_FIELD("port", port, since(10)),
        KAFKA_FIELD("rack", rack, since(10).nullable(10)),
    };
};
template <>
struct Schema<ProduceResponse> {
    using T = ProduceResponse;
    static constexpr const char* name = "ProduceResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("responses", responses),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("nodeEndpoints", node_endpoints, since(10).tag(0)),
    };
};
constexpr MessageInfo ProduceResponse::info = response_of<ProduceResponse>(api);

}  // namespace kafka::protocol
