// SPDX-License-Identifier: Apache-2.0
// DescribeUserScramCredentials, API key 50, v0, flexible from v0.
// Lists which SCRAM credentials users have, never the secrets (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeUserScramCredentialsResponse;

struct DescribeUserScramCredentialsRequest {
    struct UserName {
        std::string name{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeUserScramCredentialsResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::vector<UserName>> users = std::vector<UserName>{};
    UnknownTags unknown_tags{};
};

struct DescribeUserScramCredentialsResponse {
    struct CredentialInfo {
        std::int8_t mechanism = 0;
        std::int32_t iterations = 0;
        UnknownTags unknown_tags{};
    };

    struct Result {
        std::string user{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::vector<CredentialInfo> credential_infos{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<Result> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
