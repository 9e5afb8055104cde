// SPDX-License-Identifier: Apache-2.0
// Escapes in delimiters and formats, as people type them in a shell.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <kafka/result.hpp>

namespace kasio {

/// Reads one escape: `text[at]` is its backslash. Moves `at` behind it. Known are \n \t \r \0
/// \\ and \xNN (one or two hexadecimal digits). Errors: invalid_argument, with the place (from 1).
[[nodiscard]] kafka::Result<char> read_escape(std::string_view text, std::size_t& at);

/// The text with its escapes replaced.
[[nodiscard]] kafka::Result<std::string> unescape(std::string_view text);

}  // namespace kasio
