// SPDX-License-Identifier: Apache-2.0
// Bytes in JSON: UTF-8 as it is, anything else in base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kasio {

/// True for well-formed UTF-8 (RFC 3629: nothing overlong, no surrogates, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// RFC 4648, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Nothing if the text is not base64 with padding.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace kasio
