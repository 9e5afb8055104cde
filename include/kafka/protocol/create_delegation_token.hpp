// SPDX-License-Identifier: Apache-2.0
// CreateDelegationToken, API key 38, v1-3, flexible from v2.
// Creates a delegation token (KIP-48).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct CreateDelegationTokenResponse;

struct CreateDelegationTokenRequest {
    struct CreatableRenewers {
        std::string principal_type{};
        std::string principal_name{};
        UnknownTags unknown_tags{};
    };

    using response_type = CreateDelegationTokenResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> owner_principal_type = "";
    std::optional<std::string> owner_principal_name = "";
    std::vector<CreatableRenewers> renewers{};
    std::int64_t max_lifetime_ms = 0;  ///< milliseconds
    UnknownTags unknown_tags{};
};

struct CreateDelegationTokenResponse {
    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::string principal_type{};
    std::string principal_name{};
    std::string token_requester_principal_type{};
    std::string token_requester_principal_name{};
    std::int64_t issue_timestamp_ms = 0;   ///< milliseconds
    std::int64_t expiry_timestamp_ms = 0;  ///< milliseconds
    std::int64_t max_timestamp_ms = 0;     ///< milliseconds
    std::string token_id{};
    Secret hmac{};
    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
