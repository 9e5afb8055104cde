// SPDX-License-Identifier: Apache-2.0
// Bearer tokens and what is in them (RFC 6750, RFC 7519).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <kafka/sasl_oauth.hpp>

#include "auth/json.hpp"

namespace kafka::auth {

constexpr std::size_t max_token = 256 * 1024;

/// RFC 6750's b64token: letters, digits, "-._~+/", then '='.
[[nodiscard]] bool is_bearer_token(std::string_view text) noexcept;
/// Has three parts between two dots, as a signed JWT has.
[[nodiscard]] bool looks_like_jwt(std::string_view text) noexcept;

struct Jwt {
    JsonObject header;
    JsonObject claims;
    bool has_signature = false;
};
/// Reads without verifying. The failure (malformed_message) shows nothing of the token.
[[nodiscard]] Result<Jwt> read_jwt(std::string_view text);

/// A claim that is a time (NumericDate: seconds since 1970, perhaps with a fraction). Numbers too
/// far out become the end of the year 9999. Nothing when it is absent or no number; negative ones
/// are 1970.
[[nodiscard]] std::optional<sasl::Time> time_claim(const JsonObject& claims, std::string_view name);
[[nodiscard]] std::int64_t to_seconds(sasl::Time time) noexcept;

/// KIP-342: keys of letters, "auth" reserved; values printable or blank.
[[nodiscard]] Failure check_extensions(const std::map<std::string, std::string>& extensions);

/// Checks what a provider returned and fills in `expires` from the token itself.
[[nodiscard]] Result<sasl::Token> checked_token(sasl::Token token, sasl::Time now);
/// Calls it, with exceptions as failures.
[[nodiscard]] Result<sasl::Token> call_provider(const sasl::TokenProvider& provider,
                                                sasl::Time now);

}  // namespace kafka::auth
