// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/sasl_handshake.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{17, "SaslHandshake", {0, 1}, never_flexible, Listener::both};

template <>
struct Schema<SaslHandshakeRequest> {
    using T = SaslHandshakeRequest;
    static constexpr const char* name = "SaslHandshakeRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("mechanism", mechanism),
    };
};
constexpr MessageInfo SaslHandshakeRequest::info = request_of<SaslHandshakeRequest>(api);

template <>
struct Schema<SaslHandshakeResponse> {
    using T = SaslHandshakeResponse;
    static constexpr const char* name = "SaslHandshakeResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("mechanisms", mechanisms),
    };
};
constexpr MessageInfo SaslHandshakeResponse::info = response_of<SaslHandshakeResponse>(api);

}  // namespace kafka::protocol
