// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/envelope.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{58, "Envelope", {0, 0}, 0, Listener::controller};

template <>
struct Schema<EnvelopeRequest> {
    using T = EnvelopeRequest;
    static constexpr const char* name = "EnvelopeRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("requestData", request_data),
        KAFKA_FIELD("requestPrincipal", request_principal, nullable()),
        KAFKA_FIELD("clientHostAddress", client_host_address),
    };
};
constexpr MessageInfo EnvelopeRequest::info = request_of<EnvelopeRequest>(api);

template <>
struct Schema<EnvelopeResponse> {
    using T = EnvelopeResponse;
    static constexpr const char* name = "EnvelopeResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("responseData", response_data, nullable()),
        KAFKA_FIELD("errorCode", error_code),
    };
};
constexpr MessageInfo EnvelopeResponse::info = response_of<EnvelopeResponse>(api);

}  // namespace kafka::protocol
