// SPDX-License-Identifier: Apache-2.0
// Text from elsewhere, made fit for a message: one line, printable, bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kafka {

/// `text` with every byte of a control character and of invalid UTF-8 as \xNN. Control characters
/// are C0, DEL, C1 (some terminals obey them), line and paragraph separators and the marks that
/// turn the direction of writing, with which a name could pass for another. Backslashes stay as
/// they are, so escaping twice changes nothing. The result has at most `max` bytes; where it had
/// to be cut, never inside a character or an escape, its last three are "...".
[[nodiscard]] std::string escaped(std::string_view text, std::size_t max = 512);

}  // namespace kafka
