// SPDX-License-Identifier: Apache-2.0
// What stands before every request and response.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct RequestHeader {
    KAFKA_API static const MessageInfo info;

    std::int16_t request_api_key = 0;
    std::int16_t request_api_version = 0;
    std::int32_t correlation_id = 0;
    std::optional<std::string> client_id = "";
    UnknownTags unknown_tags{};
};

struct ResponseHeader {
    KAFKA_API static const MessageInfo info;

    std::int32_t correlation_id = 0;
    UnknownTags unknown_tags{};
};

/// The version of the header before a request of that version: 2 if it is flexible, else 1.
[[nodiscard]] constexpr std::int16_t request_header_version(const MessageInfo& request,
                                                            int version) noexcept {
    return request.flexible(version) ? 2 : 1;
}
/// The version of the header before the response to a request of that version. ApiVersions is
/// always answered with header 0, so that a client that asks with too new a version can read it
/// (KIP-511).
[[nodiscard]] constexpr std::int16_t response_header_version(const MessageInfo& response,
                                                             int version) noexcept {
    constexpr std::int16_t api_versions_key = 18;
    return response.flexible(version) && response.api_key != api_versions_key ? 1 : 0;
}

}  // namespace kafka::protocol
