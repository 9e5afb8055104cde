// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/create_delegation_token.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{38, "CreateDelegationToken", {1, 3}, 2, Listener::both};

template <>
struct Schema<CreateDelegationTokenRequest::CreatableRenewers> {
    using T = CreateDelegationTokenRequest::CreatableRenewers;
    static constexpr const char* name = "CreatableRenewers";
    static constexpr Field fields[] = {
        KAFKA_FIELD("principalType", principal_type),
        KAFKA_FIELD("principalName", principal_name),
    };
};
template <>
struct Schema<CreateDelegationTokenRequest> {
    using T = CreateDelegationTokenRequest;
    static constexpr const char* name = "CreateDelegationTokenRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("ownerPrincipalType", owner_principal_type, since(3).nullable(3)),
        KAFKA_FIELD("ownerPrincipalName", owner_principal_name, since(3).nullable(3)),
        KAFKA_FIELD("renewers", renewers),
        KAFKA_FIELD("maxLifetimeMs", max_lifetime_ms),
    };
};
constexpr MessageInfo CreateDelegationTokenRequest::info =
    request_of<CreateDelegationTokenRequest>(api);

template <>
struct Schema<CreateDelegationTokenResponse> {
    using T = CreateDelegationTokenResponse;
    static constexpr const char* name = "CreateDelegationTokenResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("principalType", principal_type),
        KAFKA_FIELD("principalName", principal_name),
        KAFKA_FIELD("tokenRequesterPrincipalType", token_requester_principal_type, since(3)),
        KAFKA_FIELD("tokenRequesterPrincipalName", token_requester_principal_name, since(3)),
        KAFKA_FIELD("issueTimestampMs", issue_timestamp_ms),
        KAFKA_FIELD("expiryTimestampMs", expiry_timestamp_ms),
        KAFKA_FIELD("maxTimestampMs", max_timestamp_ms),
        KAFKA_FIELD("tokenId", token_id),
        KAFKA_FIELD("hmac", hmac),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
    };
};
constexpr MessageInfo CreateDelegationTokenResponse::info =
    response_of<CreateDelegationTokenResponse>(api);

}  // namespace kafka::protocol
