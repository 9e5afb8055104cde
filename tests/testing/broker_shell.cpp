// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <kafka/testing/broker.hpp>

TEST_CASE("a broker starts and tells where it listens") {
    kafka::testing::Broker broker({.topics = {{"t", 3}}});
    CHECK(broker.ports().size() == 3);
}
