// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/sasl_authenticate.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{36, "SaslAuthenticate", {0, 2}, 2, Listener::both};

template <>
struct Schema<SaslAuthenticateRequest> {
    using T = SaslAuthenticateRequest;
    static constexpr const char* name = "SaslAuthenticateRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("authBytes", auth_bytes),
    };
};
constexpr MessageInfo SaslAuthenticateRequest::info = request_of<SaslAuthenticateRequest>(api);

template <>
struct Schema<SaslAuthenticateResponse> {
    using T = SaslAuthenticateResponse;
    static constexpr const char* name = "SaslAuthenticateResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("authBytes", auth_bytes),
        KAFKA_FIELD("sessionLifetimeMs", session_lifetime_ms, since(1).ignorable()),
    };
};
constexpr MessageInfo SaslAuthenticateResponse::info = response_of<SaslAuthenticateResponse>(api);

}  // namespace kafka::protocol
