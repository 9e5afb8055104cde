// SPDX-License-Identifier: Apache-2.0
// SaslAuthenticate, API key 36, v0-2, flexible from v2.
// Carries one round of a SASL exchange (KIP-152), and re-authenticates (KIP-368).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct SaslAuthenticateResponse;

struct SaslAuthenticateRequest {
    using response_type = SaslAuthenticateResponse;
    KAFKA_API static const MessageInfo info;

    Secret auth_bytes{};
    UnknownTags unknown_tags{};
};

struct SaslAuthenticateResponse {
    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    Secret auth_bytes{};
    std::int64_t session_lifetime_ms = 0;  ///< milliseconds
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
