// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/expire_delegation_token.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{40, "ExpireDelegationToken", {1, 2}, 2, Listener::both};

template <>
struct Schema<ExpireDelegationTokenRequest> {
    using T = ExpireDelegationTokenRequest;
    static constexpr const char* name = "ExpireDelegationTokenRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("hmac", hmac),
        KAFKA_FIELD("expiryTimePeriodMs", expiry_time_period_ms),
    };
};
constexpr MessageInfo ExpireDelegationTokenRequest::info =
    request_of<ExpireDelegationTokenRequest>(api);

template <>
struct Schema<ExpireDelegationTokenResponse> {
    using T = ExpireDelegationTokenResponse;
    static constexpr const char* name = "ExpireDelegationTokenResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("expiryTimestampMs", expiry_timestamp_ms),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
    };
};
constexpr MessageInfo ExpireDelegationTokenResponse::info =
    response_of<ExpireDelegationTokenResponse>(api);

}  // namespace kafka::protocol
