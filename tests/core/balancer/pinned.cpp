// SPDX-License-Identifier: Apache-2.0
#include "core/balancer/pinned.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using kafka::core::Pinned;

TEST_CASE("who pins sees what was published last") {
    Pinned<int> number;
    CHECK(*number.pin() == 0);
    number.spare() = 1;
    CHECK(*number.pin() == 0);
    number.publish();
    CHECK(*number.pin() == 1);
    CHECK(number.current() == 1);
}

TEST_CASE("publishing without filling a spare one changes nothing") {
    Pinned<int> number;
    number.publish();
    CHECK(*number.pin() == 0);
}

TEST_CASE("a pinned value stays as it is while others are published") {
    Pinned<int> number;
    const auto pin = number.pin();
    for (int i = 1; i <= 5; ++i) {
        number.spare() = i;
        number.publish();
    }
    CHECK(*pin == 0);
    CHECK(*number.pin() == 5);
}

TEST_CASE("there are two values while nobody holds one longer") {
    Pinned<int> number;
    for (int i = 1; i <= 100; ++i) {
        number.spare() = i;
        number.publish();
    }
    CHECK(number.size() == 2);
    {
        const auto pin = number.pin();
        for (int i = 1; i <= 100; ++i) {
            number.spare() = i;
            number.publish();
        }
        CHECK(number.size() == 3);
    }
}

TEST_CASE("readers in many threads never see a value that is being filled") {
    // All elements of a whole value are the same.
    Pinned<std::vector<int>> numbers;
    std::atomic<bool> done{false};
    std::atomic<int> torn{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            int last = 0;
            while (!done) {
                const auto pin = numbers.pin();
                for (const auto number : *pin)
                    if (number != pin->front()) ++torn;
                if (!pin->empty()) {
                    if (pin->front() < last) ++torn;
                    last = pin->front();
                }
            }
        });
    }
    for (int i = 0; i < 20'000; ++i) {
        numbers.spare().assign(static_cast<std::size_t>(i % 50), i);
        numbers.publish();
    }
    done = true;
    for (auto& reader : readers)
        reader.join();
    CHECK(torn == 0);
    CHECK(numbers.size() <= 6);
}
