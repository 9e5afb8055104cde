// SPDX-License-Identifier: Apache-2.0
#include "auth/negotiation.hpp"

#include <limits>
#include <string>
#include <vector>

#include "auth/support.hpp"

using namespace std::string_literals;
using namespace kafka::auth;
using namespace kafka::auth::test;
using std::chrono::milliseconds;

TEST_CASE("BI-109: what a broker offers instead is told, whatever it claims") {
    const auto told = [](const std::vector<std::string>& offered) {
        const auto failure = mechanism_not_offered("PLAIN", offered);
        CHECK(failure.code == kafka::errc::sasl_mechanism_unsupported);
        return failure.detail;
    };
    CHECK(told({}) == "the broker does not offer PLAIN, but none at all");
    CHECK(told({"GSSAPI", "SCRAM-SHA-512"}) ==
          "the broker does not offer PLAIN, but GSSAPI, SCRAM-SHA-512");
    CHECK(told({"A\0B"s}) == "the broker does not offer PLAIN, but A\\x00B");
    const auto many = told(std::vector<std::string>(10'000, std::string(1000, 'M')));
    CHECK(many.ends_with(" and 9984 more"));
    CHECK(many.size() < 1300);
}

TEST_CASE("BI-111: re-authentication is due within the session, spread, and never at once") {
    const auto after = [](std::int64_t life, double random = 0) {
        return reauthenticate_after(life, std::nullopt, now, random);
    };
    CHECK_FALSE(after(0));
    CHECK_FALSE(after(-1));
    CHECK_FALSE(after(std::numeric_limits<std::int64_t>::min()));
    CHECK(after(100'000) == milliseconds(85'000));
    CHECK(after(100'000, 1) == milliseconds(95'000));
    CHECK(after(1) == milliseconds(850));
    const auto longest = after(std::numeric_limits<std::int64_t>::max(), 1);
    REQUIRE(longest);
    CHECK(*longest < std::chrono::hours(24 * 365));
    CHECK(*longest > std::chrono::hours(24 * 300));
}

TEST_CASE("credentials that end before the session set the time") {
    CHECK(reauthenticate_after(100'000, now + std::chrono::seconds(10), now, 0) ==
          milliseconds(8'500));
    CHECK(reauthenticate_after(100'000, now - std::chrono::seconds(10), now, 0) ==
          milliseconds(850));
    CHECK(reauthenticate_after(100'000, kafka::sasl::Time::max(), at(0), 0) ==
          milliseconds(85'000));
}
