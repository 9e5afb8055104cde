// SPDX-License-Identifier: Apache-2.0
#include "probe_release.hpp"

#include <doctest/doctest.h>

using namespace kasio;

namespace {

struct Api {
    std::int16_t key, min, max;
};

kafka::protocol::ApiVersionsResponse with(std::initializer_list<Api> apis) {
    kafka::protocol::ApiVersionsResponse response;
    for (const auto& api : apis) {
        auto& entry = response.api_keys.emplace_back();
        entry.api_key = api.key;
        entry.min_version = api.min;
        entry.max_version = api.max;
    }
    return response;
}

}  // namespace

TEST_CASE("the release is the newest whose versions are all there") {
    // The newest versions of brokers as each release's message definitions have them.
    CHECK(guess_release(with({{0, 0, 7}, {1, 0, 10}, {2, 0, 4}, {9, 0, 5}})) == "Apache Kafka 2.1");
    CHECK(guess_release(with({{0, 0, 9}, {1, 0, 12}, {2, 0, 6}, {10, 0, 3}})) ==
          "Apache Kafka 2.8");
    CHECK(guess_release(with({{0, 0, 9}, {1, 0, 13}, {2, 0, 7}, {10, 0, 4}, {35, 0, 4}})) ==
          "Apache Kafka 3.3 or 3.4");
    CHECK(guess_release(with({{0, 0, 11}, {1, 0, 17}, {2, 0, 9}, {18, 0, 4}, {24, 0, 5}})) ==
          "Apache Kafka 3.9");
    CHECK(guess_release(with({{0, 3, 13}, {1, 4, 18}, {2, 1, 11}, {35, 1, 5}, {18, 0, 4}})) ==
          "Apache Kafka 4.3");
    CHECK(guess_release(with({{0, 3, 13}, {1, 4, 18}, {2, 1, 11}, {35, 1, 5}, {18, 0, 5}})) ==
          "Apache Kafka 4.4 or newer");
}

TEST_CASE("versions of no release, and those before all, are said to be that") {
    CHECK(guess_release(with({{0, 0, 11}, {1, 0, 11}, {2, 0, 4}})) ==
          "no release of Apache Kafka; all of 2.1 is there, some of 3.8");
    CHECK(guess_release(with({{0, 0, 5}, {1, 0, 6}})) == "older than Apache Kafka 2.1");
    CHECK(guess_release({}) == "older than Apache Kafka 2.1");
}

TEST_CASE("an API is usable where a version is in common") {
    CHECK(count_apis(with({{0, 3, 13}, {3, 0, 13}})) == "2 APIs, all of them usable");
    CHECK(count_apis(with({{0, 100, 101}, {3, 0, 13}, {30000, 0, 1}})) ==
          "3 APIs, 1 of them usable");
}
