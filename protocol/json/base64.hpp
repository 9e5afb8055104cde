// SPDX-License-Identifier: Apache-2.0
// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kafka::protocol {

void append_base64(std::string& out, std::span<const std::uint8_t> bytes);
/// Nothing when the text is not base64 or its padding is missing.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text);

}  // namespace kafka::protocol
