// SPDX-License-Identifier: Apache-2.0
#include "offsets.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

#include "times.hpp"

using kasio::OffsetRange;
using kasio::Position;
using Kind = kasio::Position::Kind;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;

OffsetRange good(const std::vector<std::string>& values) {
    auto range = kasio::parse_offsets(values, now);
    REQUIRE_MESSAGE(range.has_value(), range.failure().message());
    return *range;
}

OffsetRange range(Position from, std::optional<Position> until = {}) {
    return {from, until};
}

std::string refusal(const std::vector<std::string>& values) {
    auto parsed = kasio::parse_offsets(values, now);
    REQUIRE_FALSE(parsed.has_value());
    CHECK((parsed.failure().code == kafka::errc::invalid_argument));
    return parsed.failure().detail;
}

}  // namespace

TEST_CASE("reading begins at the start and has no end unless something is said") {
    CHECK(good({}) == range({Kind::start, 0}));
}

TEST_CASE("both ends of a log have kcat's and rpk's names") {
    for (const auto* name : {"start", "beginning", "earliest"}) {
        CHECK(good({name}) == range({Kind::start, 0}));
    }
    for (const auto* name : {"end", "latest"})
        CHECK(good({name}) == range({Kind::end, 0}));
}

TEST_CASE("numbers are offsets, or count from an end with a sign") {
    CHECK(good({"0"}) == range({Kind::offset, 0}));
    CHECK(good({"9223372036854775807"}) == range({Kind::offset, 9223372036854775807}));
    CHECK(good({"-5"}) == range({Kind::from_end, 5}));
    CHECK(good({"+5"}) == range({Kind::from_start, 5}));
}

TEST_CASE("a colon separates the two ends of a range") {
    CHECK(good({"3:7"}) == range({Kind::offset, 3}, Position{Kind::offset, 7}));
    CHECK(good({"3:3"}) == range({Kind::offset, 3}, Position{Kind::offset, 3}));
    CHECK(good({":7"}) == range({Kind::start, 0}, Position{Kind::offset, 7}));
    CHECK(good({"3:"}) == range({Kind::offset, 3}));
    CHECK(good({":end"}) == range({Kind::start, 0}, Position{Kind::end, 0}));
    CHECK(good({"-10:end"}) == range({Kind::from_end, 10}, Position{Kind::end, 0}));
    CHECK(good({"start:+2"}) == range({Kind::start, 0}, Position{Kind::from_start, 2}));
}

TEST_CASE("kcat's s@ and e@ are times in milliseconds, alone or together") {
    CHECK(good({"s@1500"}) == range({Kind::time, 1500}));
    CHECK(good({"e@1500"}) == range({Kind::start, 0}, Position{Kind::time, 1500}));
    CHECK(good({"s@1000", "e@2000"}) == range({Kind::time, 1000}, Position{Kind::time, 2000}));
    CHECK(good({"e@2000", "5"}) == range({Kind::offset, 5}, Position{Kind::time, 2000}));
    CHECK(good({"s@2023-11-14"}) == range({Kind::time, 1'699'920'000'000}));
}

TEST_CASE("times after @ are milliseconds, seconds, dates, RFC 3339 or ages, by their form") {
    CHECK(good({"@1700000000123"}) == range({Kind::time, 1'700'000'000'123}));
    CHECK(good({"@1700000000"}) == range({Kind::time, 1'700'000'000'000}));
    CHECK(good({"@100000000"}) == range({Kind::time, 100'000'000'000}));
    CHECK(good({"@2023-11-14"}) == range({Kind::time, 1'699'920'000'000}));
    CHECK(good({"@2023-11-14T22:13:20Z"}) == range({Kind::time, now}));
    CHECK(good({"@2023-11-14T23:13:20.25+01:00"}) == range({Kind::time, now + 250}));
    CHECK(good({"@1969-12-31"}) == range({Kind::time, -86'400'000}));
    CHECK(good({"@-1h30m"}) == range({Kind::time, now - 5'400'000}));
    CHECK(good({"@-1d2s3ms"}) == range({Kind::time, now - 86'402'003}));
}

TEST_CASE("two times with a colon are a range, though times have colons themselves") {
    CHECK(good({"@-2h:-1h"}) ==
          range({Kind::time, now - 7'200'000}, Position{Kind::time, now - 3'600'000}));
    CHECK(good({"@-1h:"}) == range({Kind::time, now - 3'600'000}));
    CHECK(good({"@-1h:end"}) == range({Kind::time, now - 3'600'000}, Position{Kind::end, 0}));
    CHECK(good({"@2023-11-14T22:13:20Z:2023-11-14T22:13:21Z"}) ==
          range({Kind::time, now}, Position{Kind::time, now + 1000}));
    CHECK(good({"@1700000000:1700000001"}) ==
          range({Kind::time, now}, Position{Kind::time, now + 1000}));
}

TEST_CASE("what is no offset is refused by name") {
    for (const auto* value : {"",
                              "first",
                              "--5",
                              "-",
                              "+",
                              "+-5",
                              "5x",
                              "1e3",
                              "9223372036854775808",
                              ":",
                              "5:x",
                              "x:5",
                              "1:2:3",
                              "@",
                              "@yesterday",
                              "@12345",
                              "@-1",
                              "@-1w",
                              "@-1h30",
                              "@2023-13-01",
                              "@2023-02-30",
                              "@2023-11-14T22:13Z",
                              "@2023-11-14T22:13:20",
                              "@2023-11-14T25:00:00Z",
                              "@1700000000x",
                              "@-1h:x",
                              "s@",
                              "e@x",
                              "s@-1",
                              "@-99999999999999999999d",
                              "@-999999999999999999d"}) {
        CAPTURE(value);
        CHECK(refusal({value}).find("offset '" + std::string(value) + "'") == 0);
    }
}

TEST_CASE("a range that ends before it begins is refused") {
    CHECK(refusal({"7:3"}) == "offset '7:3': it ends before it begins");
}

TEST_CASE("stored offsets are refused: they belong to a group") {
    CHECK(refusal({"stored"}).find("group") != std::string::npos);
}

TEST_CASE("an end that is given twice is refused") {
    CHECK(refusal({"5", "6"}).find("again") != std::string::npos);
    CHECK(refusal({"s@1", "5"}).find("again") != std::string::npos);
    CHECK(refusal({"e@1", "1:5"}).find("again") != std::string::npos);
}
