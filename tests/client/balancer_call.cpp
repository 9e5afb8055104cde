// SPDX-License-Identifier: Apache-2.0
#include "client/balancer_call.hpp"

#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

namespace {

using namespace kafka;

struct Topic : core::TopicBalancer {
    explicit Topic(std::int32_t count) : TopicBalancer(FunctionBalancer{}, {}) {
        std::vector<core::PartitionState> states;
        for (std::int32_t i = 0; i < count; i += 2)
            states.push_back({.partition = i});
        update(count, states);
    }
};

Result<std::int32_t> ask(std::int32_t count, std::function<std::int32_t(const BalancerCall&)> f) {
    return client::ask_balancer(FunctionBalancer{std::move(f)}, Topic(count), "orders",
                                {.key = "key", .value = "value"});
}

}  // namespace

TEST_CASE("a balancer function sees the record and the partitions, and its answer counts") {
    const auto answer = ask(5, [](const BalancerCall& call) {
        CHECK(call.topic == "orders");
        CHECK(call.record.key.text() == "key");
        CHECK(call.record.value.text() == "value");
        CHECK(call.partitions == 5);
        CHECK(std::vector(call.available.begin(), call.available.end()) ==
              std::vector<std::int32_t>{0, 2, 4});
        return 3;
    });
    REQUIRE(answer);
    CHECK(*answer == 3);
}

TEST_CASE("a balancer function may fall back on another balancer's hash") {
    const auto answer = ask(5, [](const BalancerCall& call) {
        return key_partition(Murmur2Balancer{}, call.record.key, call.partitions);
    });
    REQUIRE(answer);
    CHECK(*answer == key_partition(Balancer{}, "key", 5));
}

TEST_CASE("a partition that the topic has not is a failure that names function, topic and range") {
    for (const std::int32_t wrong : {5, -1, INT32_MIN, INT32_MAX}) {
        const auto answer = ask(5, [&](const BalancerCall&) { return wrong; });
        REQUIRE(!answer);
        CHECK(answer.failure().code == errc::invalid_argument);
        CHECK(answer.failure().detail == "the balancer's function chose partition " +
                                             std::to_string(wrong) +
                                             ", but topic orders has partitions 0 to 4");
    }
    CHECK(ask(1, [](const BalancerCall&) { return 1; }).failure().detail ==
          "the balancer's function chose partition 1, but topic orders has partition 0 only");
}

TEST_CASE("a balancer function that throws fails its record and nothing else") {
    const auto answer =
        ask(5, [](const BalancerCall&) -> std::int32_t { throw std::runtime_error("no idea"); });
    REQUIRE(!answer);
    CHECK(answer.failure().code == errc::invalid_argument);
    CHECK(answer.failure().detail == "the balancer's function threw for topic orders: no idea");
    const auto odd = ask(5, [](const BalancerCall&) -> std::int32_t { throw 1; });
    REQUIRE(!odd);
    CHECK(odd.failure().code == errc::invalid_argument);
    // An empty one throws too.
    CHECK(ask(5, {}).failure().code == errc::invalid_argument);
}

TEST_CASE("a balancer function is not asked about a topic without partitions") {
    const auto answer = ask(0, [](const BalancerCall&) -> std::int32_t {
        FAIL("asked");
        return 0;
    });
    REQUIRE(!answer);
    CHECK(answer.failure().code == broker_errc::unknown_topic_or_partition);
}
