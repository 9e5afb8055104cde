// SPDX-License-Identifier: Apache-2.0
// Times as people write them, to milliseconds since 1970.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kasio {

/// Reads a time at the start of `text` and sets `used` to its length: 13 digits (milliseconds), 9
/// or 10 digits (seconds), 2026-11-21, 2026-11-21T10:00:00[.5](Z|+01:00), or a duration before
/// `now` such as -1h30m. Nothing if there is none.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now,
                                                     std::size_t& used);

/// A whole number and nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

}  // namespace kasio
