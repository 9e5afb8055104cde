// SPDX-License-Identifier: Apache-2.0
#include "auth/base64.hpp"

#include <string>

#include <doctest/doctest.h>

using kafka::as_bytes;
using kafka::auth::Base64;
using kafka::auth::base64;
using kafka::auth::read_base64;

TEST_CASE("base64 is that of RFC 4648, in both forms") {
    struct Row {
        std::string_view plain;
        std::string_view standard;
        std::string_view url;
    };
    constexpr Row rows[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/", "-_-_"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.plain);
        CHECK(base64(as_bytes(row.plain)) == row.standard);
        CHECK(base64(as_bytes(row.plain), Base64::url) == row.url);
        REQUIRE(read_base64(row.standard));
        CHECK(read_base64(row.standard)->reveal_text() == row.plain);
        REQUIRE(read_base64(row.url, Base64::url));
        CHECK(read_base64(row.url, Base64::url)->reveal_text() == row.plain);
    }
}

TEST_CASE("what is no base64 is refused, and so is a second form of the same bytes") {
    for (const std::string_view text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=",
                                        "Zg==Zg==", "Zm 9v", "Zm9v\n", "-_-_", "=Zg="}) {
        CAPTURE(text);
        CHECK_FALSE(read_base64(text));
    }
    for (const std::string_view text : {"Z", "Zg==", "Zh", "+/+/", "Zm9v="}) {
        CAPTURE(text);
        CHECK_FALSE(read_base64(text, Base64::url));
    }
}
