// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <kafka/compression.hpp>

using kafka::Compression;
using kafka::compression_from_name;

TEST_CASE("each codec is found by its name") {
    for (int number = 0; number <= 4; ++number) {
        const auto codec = static_cast<Compression>(number);
        CAPTURE(number);
        CHECK(compression_from_name(to_string(codec)) == codec);
    }
    CHECK(to_string(Compression::zstd) == "zstd");
    CHECK(static_cast<int>(Compression::lz4) == 3);
}

TEST_CASE("other names and numbers are no codecs") {
    CHECK_FALSE(compression_from_name(""));
    CHECK_FALSE(compression_from_name("GZIP"));
    CHECK_FALSE(compression_from_name("lz4 "));
    CHECK_FALSE(compression_from_name("unknown"));
    CHECK(to_string(static_cast<Compression>(5)) == "unknown");
    CHECK(to_string(static_cast<Compression>(-1)) == "unknown");
}
