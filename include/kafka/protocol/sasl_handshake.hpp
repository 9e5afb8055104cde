// SPDX-License-Identifier: Apache-2.0
// SaslHandshake, API key 17, v0-1.
// Chooses a SASL mechanism (KIP-43); v1 wraps the exchange in SaslAuthenticate (KIP-152).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct SaslHandshakeResponse;

struct SaslHandshakeRequest {
    using response_type = SaslHandshakeResponse;
    KAFKA_API static const MessageInfo info;

    std::string mechanism{};
};

struct SaslHandshakeResponse {
    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::vector<std::string> mechanisms{};
};

}  // namespace kafka::protocol
