// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/list_transactions.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{66, "ListTransactions", {0, 2}, 0, Listener::broker};

template <>
struct Schema<ListTransactionsRequest> {
    using T = ListTransactionsRequest;
    static constexpr const char* name = "ListTransactionsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("stateFilters", state_filters),
        KAFKA_FIELD("producerIdFilters", producer_id_filters, entity("producerId")),
        KAFKA_FIELD("durationFilter", duration_filter, since(1)),
        KAFKA_FIELD("transactionalIdPattern", transactional_id_pattern, since(2).nullable(2)),
    };
};
constexpr MessageInfo ListTransactionsRequest::info = request_of<ListTransactionsRequest>(api);

template <>
struct Schema<ListTransactionsResponse::TransactionState> {
    using T = ListTransactionsResponse::TransactionState;
    static constexpr const char* name = "TransactionState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id, entity("transactionalId")),
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("transactionState", transaction_state),
    };
};
template <>
struct Schema<ListTransactionsResponse> {
    using T = ListTransactionsResponse;
    static constexpr const char* name = "ListTransactionsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("unknownStateFilters", unknown_state_filters),
        KAFKA_FIELD("transactionStates", transaction_states),
    };
};
constexpr MessageInfo ListTransactionsResponse::info = response_of<ListTransactionsResponse>(api);

}  // namespace kafka::protocol
