// SPDX-License-Identifier: Apache-2.0
#include "core/versions.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/metadata.hpp>

using namespace kafka;
using namespace kafka::core;

namespace {

VersionTable table(std::int16_t key, std::int16_t min, std::int16_t max) {
    protocol::ApiVersionsResponse response;
    response.api_keys = {{.api_key = key, .min_version = min, .max_version = max}};
    return VersionTable(response);
}
protocol::MessageInfo api(protocol::VersionRange versions, bool unstable) {
    auto info = protocol::MetadataRequest::info;
    info.versions = versions;
    info.latest_unstable = unstable;
    return info;
}

}  // namespace

TEST_CASE("the newest version that both sides have is chosen") {
    const auto info = api({3, 10}, false);
    CHECK(*choose_version(info, table(3, 0, 7)) == 7);
    CHECK(*choose_version(info, table(3, 5, 20)) == 10);
    CHECK(*choose_version(info, table(3, 3, 3)) == 3);
}

TEST_CASE("no common version is an error that names both ranges") {
    const auto chosen = choose_version(api({3, 10}, false), table(3, 0, 2));
    REQUIRE(!chosen);
    CHECK(chosen.failure().code == errc::unsupported_version);
    CHECK(chosen.failure().detail.find("v3-v10") != std::string::npos);
    CHECK(chosen.failure().detail.find("v0-v2") != std::string::npos);
    CHECK(!choose_version(api({3, 10}, false), table(3, 11, 12)));
}

TEST_CASE("an API that the broker does not list is unsupported") {
    CHECK(choose_version(api({0, 1}, false), table(99, 0, 9)).failure().code ==
          errc::unsupported_api);
}

TEST_CASE("a version that is not final is chosen only when it is asked for") {
    const auto info = api({0, 6}, true);
    CHECK(*choose_version(info, table(3, 0, 9)) == 5);
    CHECK(*choose_version(info, table(3, 0, 9), {.unstable = true}) == 6);
    CHECK(*choose_version(info, table(3, 0, 9), {.pinned = std::int16_t{6}}) == 6);
    CHECK(!choose_version(info, table(3, 6, 6)));
}

TEST_CASE("a version outside of those that mean what is wanted is never chosen") {
    const auto info = api({0, 5}, false);
    CHECK(*choose_version(info, table(3, 0, 9), {.allowed = {0, 4}}) == 4);
    CHECK(*choose_version(info, table(3, 0, 2), {.allowed = {0, 4}}) == 2);
    CHECK(*choose_version(info, table(3, 0, 9), {.allowed = {5, 9}}) == 5);
    const auto chosen = choose_version(info, table(3, 0, 3), {.allowed = {4, 9}});
    REQUIRE(!chosen);
    CHECK(chosen.failure().code == errc::unsupported_version);
    CHECK(chosen.failure().detail.find("v4-v5") != std::string::npos);
    CHECK(chosen.failure().detail.find("v0-v3") != std::string::npos);
}

TEST_CASE("a pinned version is taken or refused, never replaced") {
    const auto info = api({3, 10}, false);
    CHECK(*choose_version(info, table(3, 0, 9), {.pinned = std::int16_t{4}}) == 4);
    for (const int version : {2, 10, 11, -1})
        CHECK(choose_version(info, table(3, 0, 9), {.pinned = static_cast<std::int16_t>(version)})
                  .failure()
                  .code == errc::unsupported_version);
}
