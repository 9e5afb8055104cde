// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/renew_delegation_token.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{39, "RenewDelegationToken", {1, 2}, 2, Listener::both};

template <>
struct Schema<RenewDelegationTokenRequest> {
    using T = RenewDelegationTokenRequest;
    static constexpr const char* name = "RenewDelegationTokenRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("hmac", hmac),
        KAFKA_FIELD("renewPeriodMs", renew_period_ms),
    };
};
constexpr MessageInfo RenewDelegationTokenRequest::info =
    request_of<RenewDelegationTokenRequest>(api);

template <>
struct Schema<RenewDelegationTokenResponse> {
    using T = RenewDelegationTokenResponse;
    static constexpr const char* name = "RenewDelegationTokenResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("expiryTimestampMs", expiry_timestamp_ms),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
    };
};
constexpr MessageInfo RenewDelegationTokenResponse::info =
    response_of<RenewDelegationTokenResponse>(api);

}  // namespace kafka::protocol
