// SPDX-License-Identifier: Apache-2.0
#include "partitioner.hpp"

#include <string_view>

#include <doctest/doctest.h>

#include <kafka/slice.hpp>

using kafka::as_bytes;
using kasio::murmur2;
using kasio::partition_of;

TEST_CASE("murmur2 gives what Java's clients compute") {
    // From the tests of Apache Kafka's Utils.murmur2.
    CHECK(static_cast<std::int32_t>(murmur2(as_bytes("21"))) == -973932308);
    CHECK(static_cast<std::int32_t>(murmur2(as_bytes("foobar"))) == -790332482);
    CHECK(static_cast<std::int32_t>(murmur2(as_bytes("a-little-bit-long-string"))) == -985981536);
    CHECK(static_cast<std::int32_t>(murmur2(as_bytes("a-little-bit-longer-string"))) ==
          -1486304829);
    CHECK(static_cast<std::int32_t>(
              murmur2(as_bytes("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"))) == -58897971);
    CHECK(static_cast<std::int32_t>(murmur2(as_bytes("abc"))) == 479470107);
}

TEST_CASE("a key's partition is its hash without the sign, modulo the number of partitions") {
    CHECK(partition_of(as_bytes("21"), 1) == 0);
    CHECK(partition_of(as_bytes("21"), 6) == (-973932308 & 0x7fffffff) % 6);
    CHECK(partition_of({}, 7) == static_cast<std::int32_t>((murmur2({}) & 0x7fffffffU) % 7));
}
