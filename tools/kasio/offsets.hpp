// SPDX-License-Identifier: Apache-2.0
// The grammar of `kasio consume -o`: where to begin in each partition, and where to stop.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/result.hpp>

namespace kasio {

/// A place in a partition, before the partition's own bounds are known.
struct Position {
    enum class Kind : std::uint8_t {
        start,       ///< the first record that is still there
        end,         ///< behind the last one there is now
        offset,      ///< `value` is the offset
        from_start,  ///< `value` offsets after the start
        from_end,    ///< `value` offsets before the end
        time,        ///< the first record at or after `value`, milliseconds since 1970
    };
    Kind kind = Kind::start;
    std::int64_t value = 0;

    friend bool operator==(const Position&, const Position&) = default;
};

/// What to read: from `from` (included) to `until` (not included; absent: without an end).
struct OffsetRange {
    Position from;
    std::optional<Position> until;

    friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

/// Reads the values of -o; several are combined, as with kcat (-o s@MS -o e@MS). `now` is in
/// milliseconds since 1970; durations count from it. Errors: invalid_argument, naming the value.
///
///     start beginning earliest | end latest | N | -N (the last N) | +N (N after the start)
///     FROM:UNTIL  with either side left out: N:M  N:  :M  :end
///     s@TIME (from) | e@TIME (until)
///     @TIME | @TIME:TIME | @TIME:end
///
/// TIME is a number of milliseconds (13 digits; any number after s@ and e@) or seconds (9 or 10
/// digits) since 1970, a date (2026-11-21, UTC), a date and time as in RFC 3339, or a duration
/// before now (-1h30m; units ms s m h d).
[[nodiscard]] kafka::Result<OffsetRange> parse_offsets(std::span<const std::string> values,
                                                       std::int64_t now);

/// The same for --help.
[[nodiscard]] std::string_view offsets_help() noexcept;

}  // namespace kasio
