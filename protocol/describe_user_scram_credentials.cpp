// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_user_scram_credentials.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{50, "DescribeUserScramCredentials", {0, 0}, 0, Listener::both};

template <>
struct Schema<DescribeUserScramCredentialsRequest::UserName> {
    using T = DescribeUserScramCredentialsRequest::UserName;
    static constexpr const char* name = "UserName";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name),
    };
};
template <>
struct Schema<DescribeUserScramCredentialsRequest> {
    using T = DescribeUserScramCredentialsRequest;
    static constexpr const char* name = "DescribeUserScramCredentialsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("users", users, nullable()),
    };
};
constexpr MessageInfo DescribeUserScramCredentialsRequest::info =
    request_of<DescribeUserScramCredentialsRequest>(api);

template <>
struct Schema<DescribeUserScramCredentialsResponse::CredentialInfo> {
    using T = DescribeUserScramCredentialsResponse::CredentialInfo;
    static constexpr const char* name = "CredentialInfo";
    static constexpr Field fields[] = {
        KAFKA_FIELD("mechanism", mechanism),
        KAFKA_FIELD("iterations", iterations),
    };
};
template <>
struct Schema<DescribeUserScramCredentialsResponse::Result> {
    using T = DescribeUserScramCredentialsResponse::Result;
    static constexpr const char* name = "DescribeUserScramCredentialsResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("user", user),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("credentialInfos", credential_infos),
    };
};
template <>
struct Schema<DescribeUserScramCredentialsResponse> {
    using T = DescribeUserScramCredentialsResponse;
    static constexpr const char* name = "DescribeUserScramCredentialsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo DescribeUserScramCredentialsResponse::info =
    response_of<DescribeUserScramCredentialsResponse>(api);

}  // namespace kafka::protocol
