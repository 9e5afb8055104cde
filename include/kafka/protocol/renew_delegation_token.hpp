// SPDX-License-Identifier: Apache-2.0
// RenewDelegationToken, API key 39, v1-2, flexible from v2.
// Lengthens the life of a delegation token (KIP-48).
#pragma once

#include <cstdint>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct RenewDelegationTokenResponse;

struct RenewDelegationTokenRequest {
    using response_type = RenewDelegationTokenResponse;
    KAFKA_API static const MessageInfo info;

    Secret hmac{};
    std::int64_t renew_period_ms = 0;  ///< milliseconds
    UnknownTags unknown_tags{};
};

struct RenewDelegationTokenResponse {
    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::int64_t expiry_timestamp_ms = 0;  ///< milliseconds
    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
