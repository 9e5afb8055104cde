// SPDX-License-Identifier: Apache-2.0
#include "base/ring.hpp"

#include <memory>
#include <ostream>
#include <vector>

#include <doctest/doctest.h>

using kafka::Ring;

namespace {

std::vector<int> values(const Ring<std::unique_ptr<int>>& ring) {
    std::vector<int> all;
    for (const auto& value : ring)
        all.push_back(*value);
    return all;
}

// One whose first element does not stand in the first slot.
void fill(Ring<std::unique_ptr<int>>& ring, int from, int to) {
    for (int i = 0; i < 5; ++i)
        ring.push_back(std::make_unique<int>(-1));
    for (int i = 0; i < 5; ++i)
        ring.pop_front();
    for (int i = from; i < to; ++i)
        ring.push_back(std::make_unique<int>(i));
}

}  // namespace

TEST_CASE("a ring gives its elements in the order they came, across growth and wrap-around") {
    Ring<std::unique_ptr<int>> ring;
    int next_in = 0;
    int next_out = 0;
    for (int round = 1; round < 40; ++round) {
        for (int i = 0; i < round; ++i)
            ring.push_back(std::make_unique<int>(next_in++));
        for (int i = 0; i < round - round % 3; ++i) {
            REQUIRE(*ring.front() == next_out++);
            ring.pop_front();
        }
        REQUIRE(ring.size() == static_cast<std::size_t>(next_in - next_out));
        CHECK(*ring.back() == next_in - 1);
    }
    ring.clear();
    CHECK(ring.empty());
}

TEST_CASE("a ring that was drained keeps its memory") {
    Ring<int> ring;
    for (int i = 0; i < 8; ++i)
        ring.push_back(i);
    const auto* first = &ring.front();
    ring.clear();
    ring.push_back(1);
    for (int i = 0; i < 7; ++i) {
        ring.push_back(1);
        ring.pop_front();
    }
    ring.push_back(9);
    CHECK(&ring.front() >= first);
    CHECK(&ring.front() < first + 8);
}

TEST_CASE("an element is taken out of a ring's middle, and the next one is where it was") {
    Ring<std::unique_ptr<int>> ring;
    fill(ring, 0, 7);
    auto at = ring.begin();
    ++at;
    at = ring.erase(at);
    CHECK(**at == 2);
    CHECK(values(ring) == std::vector{0, 2, 3, 4, 5, 6});
    while (at != ring.end())
        at = ring.erase(at);
    CHECK(values(ring) == std::vector{0});
}

TEST_CASE("what a predicate names goes from a ring, the rest keeps its order") {
    Ring<std::unique_ptr<int>> ring;
    fill(ring, 0, 8);
    ring.erase_if([](const auto& value) { return *value % 3 == 0; });
    CHECK(values(ring) == std::vector{1, 2, 4, 5, 7});
    ring.erase_if([](const auto&) { return true; });
    CHECK(ring.empty());
}
