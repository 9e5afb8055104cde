// SPDX-License-Identifier: Apache-2.0
#include "escape.hpp"

#include <string>

#include <doctest/doctest.h>

using kasio::unescape;

TEST_CASE("escapes stand for their characters") {
    const auto text = unescape(R"(a\n\t\r\0\\\x41\x7z\xff)");
    REQUIRE(text.has_value());
    CHECK(*text == std::string("a\n\t\r\0\\A\x07z\xff", 10));
}

TEST_CASE("an escape takes two hexadecimal digits at most") {
    const auto text = unescape(R"(\x414)");
    REQUIRE(text.has_value());
    CHECK(*text == "A4");
}

TEST_CASE("an escape that is cut off or unknown is refused with its place") {
    CHECK(unescape("abc\\").failure().detail == "a backslash without its character at character 4");
    CHECK(unescape("\\x").failure().detail == "\\x without hexadecimal digits at character 1");
    CHECK(unescape("ab\\xg").failure().detail == "\\x without hexadecimal digits at character 3");
    CHECK(unescape("\\q").failure().detail == "the unknown escape \\q at character 1");
}
