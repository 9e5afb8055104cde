// SPDX-License-Identifier: Apache-2.0
// DescribeDelegationToken, API key 41, v1-3, flexible from v2.
// Lists delegation tokens by owner (KIP-48).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeDelegationTokenResponse;

struct DescribeDelegationTokenRequest {
    struct Owner {
        std::string principal_type{};
        std::string principal_name{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeDelegationTokenResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::vector<Owner>> owners = std::vector<Owner>{};
    UnknownTags unknown_tags{};
};

struct DescribeDelegationTokenResponse {
    struct DescribedDelegationTokenRenewer {
        std::string principal_type{};
        std::string principal_name{};
        UnknownTags unknown_tags{};
    };

    struct DescribedDelegationToken {
        std::string principal_type{};
        std::string principal_name{};
        std::string token_requester_principal_type{};
        std::string token_requester_principal_name{};
        std::int64_t issue_timestamp = 0;
        std::int64_t expiry_timestamp = 0;
        std::int64_t max_timestamp = 0;
        std::string token_id{};
        Secret hmac{};
        std::vector<DescribedDelegationTokenRenewer> renewers{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::vector<DescribedDelegationToken> tokens{};
    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
