// SPDX-License-Identifier: Apache-2.0
#include "core/finalized_features.hpp"

#include <doctest/doctest.h>

namespace kafka::core {
namespace {

protocol::ApiVersionsResponse answer(std::int64_t epoch, std::int16_t level) {
    protocol::ApiVersionsResponse made;
    made.finalized_features_epoch = epoch;
    if (level > 0)
        made.finalized_features.push_back(
            {.name = "transaction.version", .max_version_level = level, .min_version_level = 1});
    return made;
}

}  // namespace

TEST_CASE("a feature has the level of the newest epoch, whichever broker tells it when") {
    FinalizedFeatures features;
    CHECK(features.level("transaction.version") == 0);
    features.take(answer(-1, 2));  // a broker that knows no epoch
    CHECK(features.level("transaction.version") == 0);
    features.take(answer(7, 2));
    features.take(answer(6, 1));
    CHECK(features.level("transaction.version") == 2);
    CHECK(features.level("group.version") == 0);
    features.take(answer(8, 0));
    CHECK(features.level("transaction.version") == 0);
}

}  // namespace kafka::core
