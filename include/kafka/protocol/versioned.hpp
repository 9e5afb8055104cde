// SPDX-License-Identifier: Apache-2.0
// Messages inside `bytes` fields, which begin with their own version: the subscriptions and
// assignments of the consumer protocol, the values of control records.
#pragma once

#include <span>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

/// An int16 version, then the message in that version.
/// Errors: those of encode().
[[nodiscard]] KAFKA_API Result<Bytes> encode_versioned(const MessageInfo& info, const void* message,
                                                       int version);
/// Reads what encode_versioned writes into `message`, which must be fresh, and gives the version
/// that stood there. As in Apache's client a newer version than is known is read as the newest
/// known one, and what follows is ignored: later versions only append.
/// Errors: malformed_message (too short, a negative version, not decodable), limit_exceeded,
/// unsupported_version (older than the oldest).
[[nodiscard]] KAFKA_API Result<std::int16_t> decode_versioned(const MessageInfo& info,
                                                              void* message,
                                                              std::span<const std::uint8_t> in,
                                                              const DecodeLimits& limits = {});

template <Message M>
[[nodiscard]] Result<Bytes> encode_versioned(const M& message, int version) {
    return encode_versioned(M::info, &message, version);
}
template <Message M>
[[nodiscard]] Result<M> decode_versioned(std::span<const std::uint8_t> in,
                                         const DecodeLimits& limits = {}) {
    M message;
    auto version = decode_versioned(M::info, &message, in, limits);
    if (!version) return version.take_failure();
    return message;
}

}  // namespace kafka::protocol
