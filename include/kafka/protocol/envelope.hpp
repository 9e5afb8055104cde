// SPDX-License-Identifier: Apache-2.0
// Envelope, API key 58, v0, flexible from v0.
// Wraps a request that a broker forwards to the controller for a client (KIP-590).
#pragma once

#include <cstdint>
#include <optional>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct EnvelopeResponse;

struct EnvelopeRequest {
    using response_type = EnvelopeResponse;
    KAFKA_API static const MessageInfo info;

    Bytes request_data{};
    std::optional<Bytes> request_principal = Bytes{};
    Bytes client_host_address{};
    UnknownTags unknown_tags{};
};

struct EnvelopeResponse {
    KAFKA_API static const MessageInfo info;

    std::optional<Bytes> response_data{};
    std::int16_t error_code = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
