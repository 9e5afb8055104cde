// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/allocate_producer_ids.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{67, "AllocateProducerIds", {0, 0}, 0, Listener::controller};

template <>
struct Schema<AllocateProducerIdsRequest> {
    using T = AllocateProducerIdsRequest;
    static constexpr const char* name = "AllocateProducerIdsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, entity("brokerId")),
        KAFKA_FIELD("brokerEpoch", broker_epoch),
    };
};
constexpr MessageInfo AllocateProducerIdsRequest::info =
    request_of<AllocateProducerIdsRequest>(api);

template <>
struct Schema<AllocateProducerIdsResponse> {
    using T = AllocateProducerIdsResponse;
    static constexpr const char* name = "AllocateProducerIdsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("producerIdStart", producer_id_start, entity("producerId")),
        KAFKA_FIELD("producerIdLen", producer_id_len),
    };
};
constexpr MessageInfo AllocateProducerIdsResponse::info =
    response_of<AllocateProducerIdsResponse>(api);

}  // namespace kafka::protocol
