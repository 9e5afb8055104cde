// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_transactions.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{65, "DescribeTransactions", {0, 0}, 0, Listener::broker};

template <>
struct Schema<DescribeTransactionsRequest> {
    using T = DescribeTransactionsRequest;
    static constexpr const char* name = "DescribeTransactionsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalIds", transactional_ids, entity("transactionalId")),
    };
};
constexpr MessageInfo DescribeTransactionsRequest::info =
    request_of<DescribeTransactionsRequest>(api);

template <>
struct Schema<DescribeTransactionsResponse::TopicData> {
    using T = DescribeTransactionsResponse::TopicData;
    static constexpr const char* name = "TopicData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeTransactionsResponse::TransactionState> {
    using T = DescribeTransactionsResponse::TransactionState;
    static constexpr const char* name = "TransactionState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("transactionalId", transactional_id, entity("transactionalId")),
        KAFKA_FIELD("transactionState", transaction_state),
        KAFKA_FIELD("transactionTimeoutMs", transaction_timeout_ms),
        KAFKA_FIELD("transactionStartTimeMs", transaction_start_time_ms),
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("topics", topics),
    };
};
template <>
struct Schema<DescribeTransactionsResponse> {
    using T = DescribeTransactionsResponse;
    static constexpr const char* name = "DescribeTransactionsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("transactionStates", transaction_states),
    };
};
constexpr MessageInfo DescribeTransactionsResponse::info =
    response_of<DescribeTransactionsResponse>(api);

}  // namespace kafka::protocol
