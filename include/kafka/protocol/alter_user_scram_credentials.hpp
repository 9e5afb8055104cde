// SPDX-License-Identifier: Apache-2.0
// AlterUserScramCredentials, API key 51, v0, flexible from v0.
// Sets and deletes SCRAM credentials (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AlterUserScramCredentialsResponse;

struct AlterUserScramCredentialsRequest {
    struct ScramCredentialDeletion {
        std::string name{};
        std::int8_t mechanism = 0;
        UnknownTags unknown_tags{};
    };

    struct ScramCredentialUpsertion {
        std::string name{};
        std::int8_t mechanism = 0;
        std::int32_t iterations = 0;
        Secret salt{};
        Secret salted_password{};
        UnknownTags unknown_tags{};
    };

    using response_type = AlterUserScramCredentialsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<ScramCredentialDeletion> deletions{};
    std::vector<ScramCredentialUpsertion> upsertions{};
    UnknownTags unknown_tags{};
};

struct AlterUserScramCredentialsResponse {
    struct Result {
        std::string user{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Result> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
