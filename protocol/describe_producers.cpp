// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_producers.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{61, "DescribeProducers", {0, 0}, 0, Listener::broker};

template <>
struct Schema<DescribeProducersRequest::TopicRequest> {
    using T = DescribeProducersRequest::TopicRequest;
    static constexpr const char* name = "TopicRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("partitionIndexes", partition_indexes),
    };
};
template <>
struct Schema<DescribeProducersRequest> {
    using T = DescribeProducersRequest;
    static constexpr const char* name = "DescribeProducersRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo DescribeProducersRequest::info = request_of<DescribeProducersRequest>(api);

template <>
struct Schema<DescribeProducersResponse::ProducerState> {
    using T = DescribeProducersResponse::ProducerState;
    static constexpr const char* name = "ProducerState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("lastSequence", last_sequence),
        KAFKA_FIELD("lastTimestamp", last_timestamp),
        KAFKA_FIELD("coordinatorEpoch", coordinator_epoch),
        KAFKA_FIELD("currentTxnStartOffset", current_txn_start_offset),
    };
};
template <>
struct Schema<DescribeProducersResponse::PartitionResponse> {
    using T = DescribeProducersResponse::PartitionResponse;
    static constexpr const char* name = "PartitionResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("activeProducers", active_producers),
    };
};
template <>
struct Schema<DescribeProducersResponse::TopicResponse> {
    using T = DescribeProducersResponse::TopicResponse;
    static constexpr const char* name = "TopicResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeProducersResponse> {
    using T = DescribeProducersResponse;
    static constexpr const char* name = "DescribeProducersResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo DescribeProducersResponse::info = response_of<DescribeProducersResponse>(api);

}  // namespace kafka::protocol
