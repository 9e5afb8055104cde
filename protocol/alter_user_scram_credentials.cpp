// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_user_scram_credentials.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{51, "AlterUserScramCredentials", {0, 0}, 0, Listener::both};

template <>
struct Schema<AlterUserScramCredentialsRequest::ScramCredentialDeletion> {
    using T = AlterUserScramCredentialsRequest::ScramCredentialDeletion;
    static constexpr const char* name = "ScramCredentialDeletion";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name),
        KAFKA_FIELD("mechanism", mechanism),
    };
};
template <>
struct Schema<AlterUserScramCredentialsRequest::ScramCredentialUpsertion> {
    using T = AlterUserScramCredentialsRequest::ScramCredentialUpsertion;
    static constexpr const char* name = "ScramCredentialUpsertion";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name),
        KAFKA_FIELD("mechanism", mechanism),
        KAFKA_FIELD("iterations", iterations),
        KAFKA_FIELD("salt", salt),
        KAFKA_FIELD("saltedPassword", salted_password),
    };
};
template <>
struct Schema<AlterUserScramCredentialsRequest> {
    using T = AlterUserScramCredentialsRequest;
    static constexpr const char* name = "AlterUserScramCredentialsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("deletions", deletions),
        KAFKA_FIELD("upsertions", upsertions),
    };
};
constexpr MessageInfo AlterUserScramCredentialsRequest::info =
    request_of<AlterUserScramCredentialsRequest>(api);

template <>
struct Schema<AlterUserScramCredentialsResponse::Result> {
    using T = AlterUserScramCredentialsResponse::Result;
    static constexpr const char* name = "AlterUserScramCredentialsResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("user", user),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<AlterUserScramCredentialsResponse> {
    using T = AlterUserScramCredentialsResponse;
    static constexpr const char* name = "AlterUserScramCredentialsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo AlterUserScramCredentialsResponse::info =
    response_of<AlterUserScramCredentialsResponse>(api);

}  // namespace kafka::protocol
