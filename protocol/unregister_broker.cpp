// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/unregister_broker.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{64, "UnregisterBroker", {0, 0}, 0, Listener::both};

template <>
struct Schema<UnregisterBrokerRequest> {
    using T = UnregisterBrokerRequest;
    static constexpr const char* name = "UnregisterBrokerRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, entity("brokerId")),
    };
};
constexpr MessageInfo UnregisterBrokerRequest::info = request_of<UnregisterBrokerRequest>(api);

template <>
struct Schema<UnregisterBrokerResponse> {
    using T = UnregisterBrokerResponse;
    static constexpr const char* name = "UnregisterBrokerResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
constexpr MessageInfo UnregisterBrokerResponse::info = response_of<UnregisterBrokerResponse>(api);

}  // namespace kafka::protocol
