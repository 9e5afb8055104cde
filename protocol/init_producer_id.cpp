// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/init_producer_id.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{22, "InitProducerId", {0, 6}, 2, Listener::broker, true};

template <>
struct Schema<InitProducerIdRequest> {
    using T = InitProducerIdRequest;
    static constexpr const char* name = "InitProducerIdRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id, nullable().entity("transactionalId")),
        KAFKA_FIELD("transactionTimeoutMs", transaction_timeout_ms),
        KAFKA_FIELD("producerId", producer_id, since(3).entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch, since(3)),
        KAFKA_FIELD("enable2Pc", enable2_pc, since(6)),
        KAFKA_FIELD("keepPreparedTxn", keep_prepared_txn, since(6)),
    };
};
constexpr MessageInfo InitProducerIdRequest::info = request_of<InitProducerIdRequest>(api);

template <>
struct Schema<InitProducerIdResponse> {
    using T = InitProducerIdResponse;
    static constexpr const char* name = "InitProducerIdResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("ongoingTxnProducerId", ongoing_txn_producer_id, since(6).entity("producerId")),
        KAFKA_FIELD("ongoingTxnProducerEpoch", ongoing_txn_producer_epoch, since(6)),
    };
};
constexpr MessageInfo InitProducerIdResponse::info = response_of<InitProducerIdResponse>(api);

}  // namespace kafka::protocol
