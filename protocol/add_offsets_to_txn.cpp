// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/add_offsets_to_txn.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{25, "AddOffsetsToTxn", {0, 4}, 3, Listener::broker};

template <>
struct Schema<AddOffsetsToTxnRequest> {
    using T = AddOffsetsToTxnRequest;
    static constexpr const char* name = "AddOffsetsToTxnRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("transactionalId", transactional_id, entity("transactionalId")),
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
    };
};
constexpr MessageInfo AddOffsetsToTxnRequest::info = request_of<AddOffsetsToTxnRequest>(api);

template <>
struct Schema<AddOffsetsToTxnResponse> {
    using T = AddOffsetsToTxnResponse;
    static constexpr const char* name = "AddOffsetsToTxnResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
    };
};
constexpr MessageInfo AddOffsetsToTxnResponse::info = response_of<AddOffsetsToTxnResponse>(api);

}  // namespace kafka::protocol
