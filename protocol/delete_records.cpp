// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/delete_records.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{21, "DeleteRecords", {0, 2}, 2, Listener::broker};

template <>
struct Schema<DeleteRecordsRequest::Partition> {
    using T = DeleteRecordsRequest::Partition;
    static constexpr const char* name = "DeleteRecordsPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("offset", offset),
    };
};
template <>
struct Schema<DeleteRecordsRequest::Topic> {
    using T = DeleteRecordsRequest::Topic;
    static constexpr const char* name = "DeleteRecordsTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DeleteRecordsRequest> {
    using T = DeleteRecordsRequest;
    static constexpr const char* name = "DeleteRecordsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("timeoutMs", timeout_ms),
    };
};
constexpr MessageInfo DeleteRecordsRequest::info = request_of<DeleteRecordsRequest>(api);

template <>
struct Schema<DeleteRecordsResponse::PartitionResult> {
    using T = DeleteRecordsResponse::PartitionResult;
    static constexpr const char* name = "DeleteRecordsPartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, map_key()),
        KAFKA_FIELD("lowWatermark", low_watermark),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<DeleteRecordsResponse::TopicResult> {
    using T = DeleteRecordsResponse::TopicResult;
    static constexpr const char* name = "DeleteRecordsTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DeleteRecordsResponse> {
    using T = DeleteRecordsResponse;
    static constexpr const char* name = "DeleteRecordsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo DeleteRecordsResponse::info = response_of<DeleteRecordsResponse>(api);

}  // namespace kafka::protocol
