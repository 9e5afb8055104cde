// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/add_partitions_to_txn.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{24, "AddPartitionsToTxn", {0, 5}, 3, Listener::broker};

template <>
struct Schema<AddPartitionsToTxnRequest::Topic> {
    using T = AddPartitionsToTxnRequest::Topic;
    static constexpr const char* name = "AddPartitionsToTxnTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AddPartitionsToTxnRequest::Transaction> {
    using T = AddPartitionsToTxnRequest::Transaction;
    static constexpr const char* name = "AddPartitionsToTxnTransaction";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id,
                    since(4).map_key().entity("transactionalId")),
        KAFKA_FIELD("producerId", producer_id, since(4).entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch, since(4)),
        KAFKA_FIELD("verifyOnly", verify_only, since(4)),
        KAFKA_FIELD("topics", topics, since(4)),
    };
};
template <>
struct Schema<AddPartitionsToTxnRequest> {
    using T = AddPartitionsToTxnRequest;
    static constexpr const char* name = "AddPartitionsToTxnRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactions", transactions, since(4)),
        KAFKA_FIELD("v3AndBelowTransactionalId", v3_and_below_transactional_id,
                    between(0, 3).entity("transactionalId")),
        KAFKA_FIELD("v3AndBelowProducerId", v3_and_below_producer_id,
                    between(0, 3).entity("producerId")),
        KAFKA_FIELD("v3AndBelowProducerEpoch", v3_and_below_producer_epoch, between(0, 3)),
        KAFKA_FIELD("v3AndBelowTopics", v3_and_below_topics, between(0, 3)),
    };
};
constexpr MessageInfo AddPartitionsToTxnRequest::info = request_of<AddPartitionsToTxnRequest>(api);

template <>
struct Schema<AddPartitionsToTxnResponse::PartitionResult> {
    using T = AddPartitionsToTxnResponse::PartitionResult;
    static constexpr const char* name = "AddPartitionsToTxnPartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, map_key()),
        KAFKA_FIELD("partitionErrorCode", partition_error_code),
    };
};
template <>
struct Schema<AddPartitionsToTxnResponse::TopicResult> {
    using T = AddPartitionsToTxnResponse::TopicResult;
    static constexpr const char* name = "AddPartitionsToTxnTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("resultsByPartition", results_by_partition),
    };
};
template <>
struct Schema<AddPartitionsToTxnResponse::Result> {
    using T = AddPartitionsToTxnResponse::Result;
    static constexpr const char* name = "AddPartitionsToTxnResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id,
                    since(4).map_key().entity("transactionalId")),
        KAFKA_FIELD("topicResults", topic_results, since(4)),
    };
};
template <>
struct Schema<AddPartitionsToTxnResponse> {
    using T = AddPartitionsToTxnResponse;
    static constexpr const char* name = "AddPartitionsToTxnResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code, since(4).ignorable()),
        KAFKA_FIELD("resultsByTransaction", results_by_transaction, since(4)),
        KAFKA_FIELD("resultsByTopicV3AndBelow", results_by_topic_v3_and_below, between(0, 3)),
    };
};
constexpr MessageInfo AddPartitionsToTxnResponse::info =
    response_of<AddPartitionsToTxnResponse>(api);

}  // namespace kafka::protocol
