// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648) as authentication needs it: the standard alphabet with padding in SCRAM and in
// HTTP, the URL's alphabet without padding in tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/secret.hpp>

namespace kafka::auth {

enum class Base64 : std::uint8_t { standard, url };

void append_base64(std::string& out, std::span<const std::uint8_t> bytes,
                   Base64 form = Base64::standard);
void append_base64(Secret& out, std::span<const std::uint8_t> bytes,
                   Base64 form = Base64::standard);
[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes,
                                 Base64 form = Base64::standard);

/// Nothing when the text is not base64 of that form. Strict: `standard` has its padding, `url` has
/// none, and the bits that carry nothing are zero, so that bytes have one form only.
[[nodiscard]] std::optional<Secret> read_base64(std::string_view text,
                                                Base64 form = Base64::standard);

}  // namespace kafka::auth
