// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <doctest/doctest.h>

using namespace kasio;

TEST_CASE("counts have commas between thousands") {
    CHECK(readable_count(0) == "0");
    CHECK(readable_count(999) == "999");
    CHECK(readable_count(1'000) == "1,000");
    CHECK(readable_count(1'234'567) == "1,234,567");
    CHECK(readable_count(UINT64_MAX) == "18,446,744,073,709,551,615");
}

TEST_CASE("bytes are shown in powers of ten, whole below a thousand") {
    CHECK(readable_bytes(0) == "0 B");
    CHECK(readable_bytes(999) == "999 B");
    CHECK(readable_bytes(1'000) == "1.0 kB");
    CHECK(readable_bytes(12'345'678) == "12.3 MB");
    CHECK(readable_bytes(1e18) == "1000.0 PB");
}

TEST_CASE("a rate is finite, however short the time") {
    CHECK(rate_line(1'000, 2'000'000, 2) == "500 records/s, 1.0 MB/s");
    CHECK(rate_line(0, 0, 0) == "0 records/s, 0 B/s");
    CHECK(rate_line(5, 5, -1).find("inf") == std::string::npos);
}
