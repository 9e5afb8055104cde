// SPDX-License-Identifier: Apache-2.0
#include "core/balancer/candidates.hpp"

#include <map>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace kafka::core;
using Ids = std::vector<std::int32_t>;

Ids ids(const Candidates& candidates) {
    return {candidates.partitions().begin(), candidates.partitions().end()};
}

Candidates made(std::int32_t count, std::vector<PartitionState> available,
                CandidateRules rules = {}) {
    Candidates candidates;
    candidates.assign(count, available, rules);
    return candidates;
}

constexpr CandidateRules adaptive{.adaptive = true};

}  // namespace

TEST_CASE("partitions without a leader are no candidates") {
    const auto some = made(4, {{.partition = 1}, {.partition = 3}});
    CHECK(ids(some) == Ids{1, 3});
    CHECK(some.count() == 4);
    CHECK(!some.everyone());
    CHECK(some.contains(3));
    CHECK(!some.contains(2));
    CHECK(!some.contains(-1));
}

TEST_CASE("all partitions are candidates when none has a leader") {
    const auto all = made(3, {});
    CHECK(ids(all) == Ids{0, 1, 2});
    CHECK(all.everyone());
    CHECK(all.contains(2));
    CHECK(!all.contains(3));
    CHECK(!all.contains(-1));
}

TEST_CASE("a topic without partitions has no candidate") {
    for (const std::int32_t count : {0, -1}) {
        const auto none = made(count, {{.partition = 0}});
        CHECK(none.size() == 0);
        CHECK(none.count() == 0);
        CHECK(none.pick(17) == -1);
        CHECK(none.pick_other(17, 0) == -1);
        CHECK(!none.contains(0));
    }
}

TEST_CASE("what is out of order, out of range or given twice does no harm") {
    const auto some = made(4, {{.partition = 3},
                               {.partition = -1},
                               {.partition = 0},
                               {.partition = 4},
                               {.partition = 3}});
    CHECK(ids(some) == Ids{0, 3});
}

TEST_CASE("a candidate's weight is by how much its queue is shorter than one above the longest") {
    // Weights 3, 1 and 4, as in KIP-794's example of queue sizes 1, 3 and 0.
    const auto some =
        made(3, {{.partition = 0, .queued = 1}, {.partition = 1, .queued = 3}, {.partition = 2}},
             adaptive);
    const Ids expected{0, 0, 0, 1, 2, 2, 2, 2};
    for (std::uint64_t random = 0; random < 24; ++random)
        CHECK(some.pick(random) == expected[random % 8]);
}

TEST_CASE("queues of one length weigh nothing") {
    const auto even =
        made(2, {{.partition = 0, .queued = 9}, {.partition = 1, .queued = 9}}, adaptive);
    CHECK(even.same_weights(made(2, {{.partition = 0}, {.partition = 1}}, adaptive)));
    CHECK(even.pick(0) == 0);
    CHECK(even.pick(1) == 1);
}

TEST_CASE("queues do not matter to who is not adaptive") {
    const auto some = made(2, {{.partition = 0, .queued = 99}, {.partition = 1, .lagging = true}});
    CHECK(some.pick(0) == 0);
    CHECK(some.pick(1) == 1);
}

TEST_CASE("weights of the longest queues do not overflow") {
    std::vector<PartitionState> states;
    for (std::int32_t i = 0; i < 1000; ++i)
        states.push_back({.partition = i, .queued = i == 0 ? UINT32_MAX : 0});
    const auto some = made(1000, states, adaptive);
    CHECK(some.pick(0) == 0);
    CHECK(some.pick(1) == 1);
    // The last weight ends at 1 + 999 * 2^32.
    CHECK(some.pick((std::uint64_t{999} << 32)) == 999);
    CHECK(some.pick((std::uint64_t{999} << 32) + 1) == 0);
}

TEST_CASE("a partition whose broker takes nothing is left out until no other is there") {
    CHECK(ids(made(3, {{.partition = 0, .lagging = true}, {.partition = 2}}, adaptive)) == Ids{2});
    // Then queues do not matter either.
    const auto lagging =
        made(3, {{.partition = 0, .queued = 9, .lagging = true}, {.partition = 2, .lagging = true}},
             adaptive);
    CHECK(ids(lagging) == Ids{0, 2});
    CHECK(lagging.pick(0) == 0);
    CHECK(lagging.pick(1) == 2);
}

TEST_CASE("partitions in the client's rack are preferred where that was asked for") {
    const std::vector<PartitionState> states{{.partition = 0},
                                             {.partition = 1, .queued = 5, .in_rack = true},
                                             {.partition = 2, .in_rack = true}};
    CHECK(ids(made(3, states, {.rack_aware = true})) == Ids{1, 2});
    CHECK(ids(made(3, states)) == Ids{0, 1, 2});
    CHECK(ids(made(3, {{.partition = 0}, {.partition = 1}}, {.rack_aware = true})) == Ids{0, 1});
    // Queues elsewhere do not count: 1 of 7 goes to partition 1.
    const auto weighed = made(3, states, {.adaptive = true, .rack_aware = true});
    std::map<std::int32_t, int> found;
    for (std::uint64_t random = 0; random < 7; ++random)
        ++found[weighed.pick(random)];
    CHECK(found == std::map<std::int32_t, int>{{1, 1}, {2, 6}});
}

TEST_CASE("another candidate is another one, each with the same chance, if there is one") {
    const auto some = made(5, {{.partition = 0}, {.partition = 2}, {.partition = 4}});
    std::map<std::int32_t, int> found;
    for (std::uint64_t random = 0; random < 10; ++random)
        ++found[some.pick_other(random, 2)];
    CHECK(found == std::map<std::int32_t, int>{{0, 5}, {4, 5}});
    // From one that is no candidate all are others.
    found.clear();
    for (std::uint64_t random = 0; random < 9; ++random)
        ++found[some.pick_other(random, 3)];
    CHECK(found == std::map<std::int32_t, int>{{0, 3}, {2, 3}, {4, 3}});
    CHECK(made(1, {}).pick_other(5, 0) == 0);
    CHECK(made(1, {}).pick_other(5, -1) == 0);
}

TEST_CASE("assigning again forgets what was there") {
    auto some = made(3, {{.partition = 0, .queued = 7}, {.partition = 1}}, adaptive);
    some.assign(2, {}, adaptive);
    CHECK(some.same_partitions(made(2, {})));
    CHECK(some.same_weights(made(2, {})));
    CHECK(!some.same_partitions(made(3, {})));
}
