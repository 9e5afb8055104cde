// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_delegation_token.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{41, "DescribeDelegationToken", {1, 3}, 2, Listener::both};

template <>
struct Schema<DescribeDelegationTokenRequest::Owner> {
    using T = DescribeDelegationTokenRequest::Owner;
    static constexpr const char* name = "DescribeDelegationTokenOwner";
    static constexpr Field fields[] = {
        KAFKA_FIELD("principalType", principal_type),
        KAFKA_FIELD("principalName", principal_name),
    };
};
template <>
struct Schema<DescribeDelegationTokenRequest> {
    using T = DescribeDelegationTokenRequest;
    static constexpr const char* name = "DescribeDelegationTokenRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("owners", owners, nullable()),
    };
};
constexpr MessageInfo DescribeDelegationTokenRequest::info =
    request_of<DescribeDelegationTokenRequest>(api);

template <>
struct Schema<DescribeDelegationTokenResponse::DescribedDelegationTokenRenewer> {
    using T = DescribeDelegationTokenResponse::DescribedDelegationTokenRenewer;
    static constexpr const char* name = "DescribedDelegationTokenRenewer";
    static constexpr Field fields[] = {
        KAFKA_FIELD("principalType", principal_type),
        KAFKA_FIELD("principalName", principal_name),
    };
};
template <>
struct Schema<DescribeDelegationTokenResponse::DescribedDelegationToken> {
    using T = DescribeDelegationTokenResponse::DescribedDelegationToken;
    static constexpr const char* name = "DescribedDelegationToken";
    static constexpr Field fields[] = {
        KAFKA_FIELD("principalType", principal_type),
        KAFKA_FIELD("principalName", principal_name),
        KAFKA_FIELD("tokenRequesterPrincipalType", token_requester_principal_type, since(3)),
        KAFKA_FIELD("tokenRequesterPrincipalName", token_requester_principal_name, since(3)),
        KAFKA_FIELD("issueTimestamp", issue_timestamp),
        KAFKA_FIELD("expiryTimestamp", expiry_timestamp),
        KAFKA_FIELD("maxTimestamp", max_timestamp),
        KAFKA_FIELD("tokenId", token_id),
        KAFKA_FIELD("hmac", hmac),
        KAFKA_FIELD("renewers", renewers),
    };
};
template <>
struct Schema<DescribeDelegationTokenResponse> {
    using T = DescribeDelegationTokenResponse;
    static constexpr const char* name = "DescribeDelegationTokenResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("tokens", tokens),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
    };
};
constexpr MessageInfo DescribeDelegationTokenResponse::info =
    response_of<DescribeDelegationTokenResponse>(api);

}  // namespace kafka::protocol
