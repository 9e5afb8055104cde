// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/end_txn.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{26, "EndTxn", {0, 5}, 3, Listener::broker};

template <>
struct Schema<EndTxnRequest> {
    using T = EndTxnRequest;
    static constexpr const char* name = "EndTxnRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id, entity("transactionalId")),
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("committed", committed),
    };
};
constexpr MessageInfo EndTxnRequest::info = request_of<EndTxnRequest>(api);

template <>
struct Schema<EndTxnResponse> {
    using T = EndTxnResponse;
    static constexpr const char* name = "EndTxnResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("producerId", producer_id, since(5).ignorable().entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch, since(5).ignorable()),
    };
};
constexpr MessageInfo EndTxnResponse::info = response_of<EndTxnResponse>(api);

}  // namespace kafka::protocol
