// SPDX-License-Identifier: Apache-2.0
#include "core/address_race.hpp"

#include <ostream>

#include <doctest/doctest.h>

using namespace kafka::core;
using namespace std::chrono_literals;

namespace {

constexpr Time start = Time{} + 1h;

std::vector<std::size_t> order_of(std::string_view families) {
    std::vector<Family> list;
    for (const char c : families)
        list.push_back(c == '6' ? Family::v6 : Family::v4);
    return racing_order(list);
}
using Order = std::vector<std::size_t>;

}  // namespace

TEST_CASE("families take turns, beginning with that of the first address") {
    CHECK(order_of("") == Order{});
    CHECK(order_of("4") == Order{0});
    CHECK(order_of("64") == Order{0, 1});
    CHECK(order_of("6644") == Order{0, 2, 1, 3});
    CHECK(order_of("4446") == Order{0, 3, 1, 2});
    CHECK(order_of("46666") == Order{0, 1, 2, 3, 4});
    CHECK(order_of("66646444") == Order{0, 3, 1, 5, 2, 6, 4, 7});
}

TEST_CASE("tries start a pause apart while none has an outcome") {
    AddressRace race(3, 250ms, start + 10s);
    CHECK(race.next(start) == 0);
    CHECK(!race.next(start));
    CHECK(race.next_start() == start + 250ms);
    CHECK(!race.next(start + 249ms));
    CHECK(race.next(start + 250ms) == 1);
    CHECK(race.next(start + 500ms) == 2);
    CHECK(race.running() == 3);
    CHECK(!race.next(start + 9s));
    CHECK(race.next_start() == never);
    CHECK(!race.lost());
}

TEST_CASE("a failure starts the next try at once, and the last one ends the race") {
    AddressRace race(2, 250ms, start + 10s);
    CHECK(race.next(start) == 0);
    race.failed();
    CHECK(race.next_start() <= start + 1ms);
    CHECK(race.next(start + 1ms) == 1);
    CHECK(!race.lost());
    race.failed();
    CHECK(race.lost());
    CHECK(!race.next(start + 2ms));
}

TEST_CASE("a failure of an earlier try does not bring the next forward twice") {
    AddressRace race(4, 250ms, start + 10s);
    CHECK(race.next(start) == 0);
    CHECK(race.next(start + 250ms) == 1);
    race.failed();
    CHECK(race.next(start + 300ms) == 2);
    CHECK(!race.next(start + 300ms));
    CHECK(race.next_start() == start + 550ms);
}

TEST_CASE("pauses shrink so that the last address has its try before the deadline") {
    AddressRace race(64, 250ms, start + 1s);
    auto now = start;
    for (std::size_t i = 0; i < 64; ++i) {
        CHECK(race.next(now) == i);
        if (i < 63) now = race.next_start();
    }
    CHECK(now < start + 1s);
}

TEST_CASE("one address after the other: a pause without end is cut to an even share") {
    AddressRace race(4, milliseconds::max(), start + 10s);
    CHECK(race.next(start) == 0);
    CHECK(race.next_start() == start + 2500ms);
    AddressRace patient(2, milliseconds::max(), never);
    CHECK(patient.next(start) == 0);
    CHECK(patient.next_start() == never);
    patient.failed();
    CHECK(patient.next(start + 1h) == 1);
}

TEST_CASE("no pause is shorter than 10 ms, also after the deadline") {
    AddressRace race(3, 0ms, start);
    CHECK(race.next(start) == 0);
    CHECK(race.next_start() == start + 10ms);
    CHECK(race.next(start + 1s) == 1);
    CHECK(race.next_start() == start + 1010ms);
}

TEST_CASE("a race without addresses is lost from the beginning") {
    AddressRace race(0, 250ms, never);
    CHECK(race.lost());
    CHECK(!race.next(start));
    CHECK(race.next_start() == never);
}
