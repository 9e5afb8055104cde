// SPDX-License-Identifier: Apache-2.0
#include "perf_stats.hpp"

#include <chrono>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

using namespace kasio;
using namespace std::chrono_literals;

namespace {

// Records that were handed over at times, and end together.
struct Script {
    const PerfStats::Clock::time_point start = PerfStats::Clock::now();
    PerfStats stats{start};

    void end(const std::vector<std::uint64_t>& cookies, std::chrono::microseconds at,
             const std::error_code& error = {}) {
        stats.take({.topic = "t",
                    .partition = 1,
                    .cookies = cookies,
                    .error = error,
                    .detail = error ? "why" : ""},
                   start + at);
    }
    [[nodiscard]] std::uint64_t cookie(std::chrono::microseconds at, std::uint64_t bytes,
                                       bool steady = false) const {
        return stats.cookie(start + at, bytes, steady);
    }
};

}  // namespace

TEST_CASE("a record's latency runs from its cookie to its end") {
    Script s;
    s.end({s.cookie(100us, 7), s.cookie(300us, 5)}, 1000us);
    const auto total = s.stats.total(s.start + 2s);
    CHECK(total.counts.records == 2);
    CHECK(total.counts.bytes == 12);
    CHECK(total.counts.slowest == 900);
    CHECK(total.counts.latency == 1600);
    CHECK(total.latencies.count() == 2);
    CHECK(total.seconds == doctest::Approx(2));
}

TEST_CASE("a latency is right although the clock of the cookies began again") {
    Script s;
    const auto days = std::chrono::duration_cast<std::chrono::microseconds>(24h * 30);
    s.end({s.cookie(days, 1)}, days + 250us);
    CHECK(s.stats.total(s.start).counts.slowest == 250);
}

TEST_CASE("an interval has what came since the last one") {
    Script s;
    s.end({s.cookie(0us, 1)}, 10us);
    auto interval = s.stats.next_interval(s.start + 5s);
    CHECK(interval.counts.records == 1);
    CHECK(interval.seconds == doctest::Approx(5));
    CHECK_FALSE(interval.first_steady);
    s.end({s.cookie(0us, 1), s.cookie(0us, 1)}, 10us);
    interval = s.stats.next_interval(s.start + 7s);
    CHECK(interval.counts.records == 2);
    CHECK(interval.seconds == doctest::Approx(2));
    CHECK(s.stats.total(s.start + 8s).counts.records == 3);
}

TEST_CASE("after warm-up, what was handed over before counts in the first total only") {
    Script s;
    CHECK_FALSE(s.stats.steady_state(s.start));
    const auto early = s.cookie(0us, 1);
    s.stats.begin_steady_state(s.start + 1s);
    s.end({early}, 1'500'000us);
    s.end({s.cookie(2'000'000us, 10, true)}, 2'000'100us);
    auto interval = s.stats.next_interval(s.start + 3s);
    CHECK(interval.counts.records == 1);
    CHECK(interval.seconds == doctest::Approx(2));
    CHECK(interval.first_steady);
    CHECK_FALSE(s.stats.next_interval(s.start + 4s).first_steady);
    CHECK(s.stats.total(s.start + 3s).counts.records == 2);
    const auto steady = s.stats.steady_state(s.start + 3s);
    REQUIRE(steady);
    CHECK(steady->counts.records == 1);
    CHECK(steady->counts.bytes == 10);
    CHECK(steady->counts.slowest == 100);
    CHECK(steady->seconds == doctest::Approx(2));
}

TEST_CASE("records that were not delivered are no part of the rate, and have a reason") {
    Script s;
    s.end({s.cookie(0us, 4), s.cookie(0us, 4)}, 10us, kafka::errc::delivery_timed_out);
    s.stats.refused(s.cookie(0us, 9), -1, kafka::errc::buffer_full);
    CHECK(s.stats.total(s.start + 1s).counts.records == 0);
    const auto failures = s.stats.failures();
    CHECK(failures.count() == 3);
    REQUIRE(failures.groups().size() == 2);
    CHECK(failures.groups()[0].count == 2);
    CHECK(failures.groups()[0].partition == 1);
    CHECK(failures.groups()[0].detail == "why");
}
