// SPDX-License-Identifier: Apache-2.0
#include "offsets.hpp"

#include <cstddef>

#include <kafka/error.hpp>

#include "times.hpp"

namespace kasio {

namespace {

using Kind = Position::Kind;

kafka::Failure bad_value(std::string_view value, std::string_view why) {
    std::string detail = "offset '" + std::string(value) + "'";
    if (!why.empty()) detail += ": " + std::string(why);
    return {kafka::errc::invalid_argument, std::move(detail)};
}

// A position without a colon and without a time in it.
std::optional<Position> parse_position(std::string_view text) {
    if (text == "start" || text == "beginning" || text == "earliest") return Position{};
    if (text == "end" || text == "latest") return Position{Kind::end, 0};
    if (text.starts_with('+')) {
        const auto count = parse_integer(text.substr(1));
        if (!count || *count < 0) return {};
        return Position{Kind::from_start, *count};
    }
    const bool back = text.starts_with('-');
    const auto number = parse_integer(back ? text.substr(1) : text);
    if (!number || *number < 0) return {};
    return Position{back ? Kind::from_end : Kind::offset, *number};
}

// What follows "s@" and "e@": kcat's milliseconds, or any other time.
std::optional<Position> parse_instant(std::string_view text, std::int64_t now) {
    if (const auto number = parse_integer(text); number && *number >= 0) {
        return Position{Kind::time, *number};
    }
    std::size_t used = 0;
    const auto time = parse_time(text, now, used);
    if (!time || used != text.size()) return {};
    return Position{Kind::time, *time};
}

// "@TIME", "@TIME:", "@TIME:TIME", "@TIME:end".
kafka::Result<OffsetRange> parse_times(std::string_view value, std::int64_t now) {
    auto rest = value.substr(1);
    std::size_t used = 0;
    const auto from = parse_time(rest, now, used);
    if (!from) return bad_value(value, "there must be a time after @");
    OffsetRange range;
    range.from = {Kind::time, *from};
    rest.remove_prefix(used);
    if (rest.empty() || rest == ":") return range;
    if (rest.front() != ':') return bad_value(value, "this is not a time");
    rest.remove_prefix(1);
    if (rest == "end" || rest == "latest") {
        range.until = Position{Kind::end, 0};
        return range;
    }
    const auto until = parse_time(rest, now, used);
    if (!until || used != rest.size()) return bad_value(value, "this is not a time");
    range.until = Position{Kind::time, *until};
    return range;
}

kafka::Result<OffsetRange> parse_range(std::string_view value) {
    const auto colon = value.find(':');
    const auto left = value.substr(0, colon);
    OffsetRange range;
    if (!left.empty() || colon == std::string_view::npos) {
        const auto from = parse_position(left);
        if (!from) return bad_value(value, "see --help for what can stand here");
        range.from = *from;
    }
    if (colon == std::string_view::npos) return range;
    const auto right = value.substr(colon + 1);
    if (right.empty()) {
        if (left.empty()) return bad_value(value, "both sides of the colon are empty");
        return range;
    }
    const auto until = parse_position(right);
    if (!until) return bad_value(value, "see --help for what can stand here");
    if (range.from.kind == Kind::offset && until->kind == Kind::offset &&
        until->value < range.from.value) {
        return bad_value(value, "it ends before it begins");
    }
    range.until = until;
    return range;
}

}  // namespace

kafka::Result<OffsetRange> parse_offsets(std::span<const std::string> values, std::int64_t now) {
    std::optional<Position> from, until;
    for (const std::string_view value : values) {
        OffsetRange range;
        bool sets_from = true;
        if (value == "stored") {
            return bad_value(value, "there is no consumer group whose offsets could be stored");
        }
        if (value.starts_with("s@") || value.starts_with("e@")) {
            const auto instant = parse_instant(value.substr(2), now);
            if (!instant) return bad_value(value, "there must be a time after @");
            sets_from = value.front() == 's';
            if (sets_from) {
                range.from = *instant;
            } else {
                range.until = instant;
            }
        } else {
            auto parsed = value.starts_with('@') ? parse_times(value, now) : parse_range(value);
            if (!parsed) return parsed.take_failure();
            range = *parsed;
        }
        if ((sets_from && from) || (range.until && until)) {
            return bad_value(value, "it says again what another -o has said");
        }
        if (sets_from) from = range.from;
        if (range.until) until = range.until;
    }
    return OffsetRange{from.value_or(Position{}), until};
}

std::string_view offsets_help() noexcept {
    return "Offsets (-o):\n"
           "  start, beginning, earliest   the first record there is (the default)\n"
           "  end, latest                  behind the last one: only what comes from now on\n"
           "  N, -N, +N                    an offset; the last N; N after the first\n"
           "  FROM:UNTIL                   until is not included; either side may be left out\n"
           "  s@TIME, e@TIME               from the first record at TIME; until it\n"
           "  @TIME, @TIME:TIME            the same in one\n"
           "TIME is milliseconds (13 digits; any number after s@ and e@) or seconds (9 or 10\n"
           "digits) since 1970, 2026-11-21, 2026-11-21T10:00:00Z, or a time before now: -1h30m.\n"
           "An offset outside of a partition's log counts as the nearer end of it.\n";
}

}  // namespace kasio
