// SPDX-License-Identifier: Apache-2.0
#include "core/produce/indexed_heap.hpp"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "core/produce/produce_script.hpp"
#include "growth.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

namespace {

struct Element {
    int value = 0;
    std::size_t place = 0;
};
struct Less {
    bool operator()(const Element& a, const Element& b) const noexcept { return a.value < b.value; }
};

}  // namespace

TEST_CASE("a heap has the first of its elements at hand, whichever come and go") {
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        IndexedHeap<Element, &Element::place, Less> heap;
        std::vector<Element> elements(100);
        std::vector<Element*> inside;
        const auto check = [&] {
            CHECK((heap.front() == nullptr) == inside.empty());
            if (inside.empty()) return;
            const auto* first = *std::min_element(inside.begin(), inside.end(),
                                                  [](auto* a, auto* b) { return Less()(*a, *b); });
            REQUIRE(heap.front());
            CHECK(heap.front()->value == first->value);
        };
        check();
        for (auto& element : elements) {
            element.value = static_cast<int>(random() % 40);
            heap.push(element);
            inside.push_back(&element);
            check();
            if (random() % 3 > 0) continue;
            std::swap(inside[random() % inside.size()], inside.back());
            heap.erase(*inside.back());
            inside.pop_back();
            check();
        }
        while (!inside.empty()) {
            auto* first = heap.front();
            heap.erase(*first);
            inside.erase(std::find(inside.begin(), inside.end(), first));
            check();
        }
    }
}

TEST_CASE("however the deadlines of batches come, each costs the same") {
    const auto batches = [](std::size_t count) { return count; };
    const auto grown = test::growth(1000, batches, [](std::size_t count) {
        Script s(plain());
        for (std::size_t i = 0; i < count; ++i)
            s.queue(0, 0, {"v"}, milliseconds(count - i));
        CHECK(s.core.next_deadline() == at_time(1ms));
    });
    CHECK(grown < test::most_growth);
}
