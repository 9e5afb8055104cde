// SPDX-License-Identifier: Apache-2.0
#include "base/escape.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using kafka::escaped;
using namespace std::string_view_literals;

TEST_CASE("printable text passes unchanged") {
    CHECK(escaped("") == "");
    CHECK(escaped("topic 'orders' [3] \\ \"x\"") == "topic 'orders' [3] \\ \"x\"");
    CHECK(escaped("Größe 漢字 🙂") == "Größe 漢字 🙂");
}

TEST_CASE("control characters become their bytes in hexadecimal") {
    CHECK(escaped("a\nb\r\t"sv) == "a\\x0ab\\x0d\\x09");
    CHECK(escaped("\0\x1f\x7f"sv) == "\\x00\\x1f\\x7f");
    CHECK(escaped("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");             // C1: control sequence introducer
    CHECK(escaped("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");  // line separator
    CHECK(escaped("a\xe2\x80\xae"
                  "b") == "a\\xe2\\x80\\xaeb");           // right-to-left override
    CHECK(escaped("\xe2\x81\xa6") == "\\xe2\\x81\\xa6");  // left-to-right isolate
    CHECK(escaped("\xc2\xa0") == "\xc2\xa0");             // the first after C1
}

TEST_CASE("invalid UTF-8 becomes its bytes in hexadecimal, and what follows is kept") {
    CHECK(escaped("a\xff"
                  "b") == "a\\xffb");
    CHECK(escaped("\x80") == "\\x80");           // continuation without a start
    CHECK(escaped("\xc0\xaf") == "\\xc0\\xaf");  // overlong '/'
    CHECK(escaped("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");
    CHECK(escaped("\xf0\x80\x80\xaf") == "\\xf0\\x80\\x80\\xaf");
    CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
    CHECK(escaped("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
    CHECK(escaped("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
    CHECK(escaped("\xf4\x8f\xbf\xbd") == "\xf4\x8f\xbf\xbd");
    CHECK(escaped("\xe6\xbc"
                  "x") == "\\xe6\\xbcx");  // broken off in the middle
}

TEST_CASE("a character cut short at the very end is not read beyond") {
    for (const auto text : {"\xc3"sv, "\xe6\xbc"sv, "\xf0\x9f\x99"sv}) {
        const auto exact = std::make_unique<char[]>(text.size());
        text.copy(exact.get(), text.size());
        CHECK(escaped({exact.get(), text.size()}).size() == text.size() * 4);
    }
}

TEST_CASE("escaping twice changes nothing") {
    std::string every;
    for (int i = 0; i < 256; ++i)
        every.push_back(static_cast<char>(i));
    const auto once = escaped(every, 10'000);
    CHECK(escaped(once, 10'000) == once);
}

TEST_CASE("long text is cut to the maximum and says so") {
    CHECK(escaped(std::string(512, 'x')) == std::string(512, 'x'));
    CHECK(escaped(std::string(513, 'x')) == std::string(509, 'x') + "...");
    CHECK(escaped("abcdef", 6) == "abcdef");
    CHECK(escaped("abcdefg", 6) == "abc...");
    CHECK(escaped("abcdef", 3) == "...");
    CHECK(escaped("abcdef", 2) == "..");
    CHECK(escaped("abcdef", 0) == "");
    CHECK(escaped("", 0) == "");
}

TEST_CASE("text is never cut inside a character or an escape") {
    CHECK(escaped("ää", 4) == "ää");
    CHECK(escaped("äää", 5) == "ä...");
    CHECK(escaped("äää", 4) == "...");
    CHECK(escaped("\n\n", 8) == "\\x0a\\x0a");
    CHECK(escaped("\n\n", 7) == "\\x0a...");
    CHECK(escaped("\n\n", 6) == "...");
    const std::string_view mixed = "a\xffä\n漢\x01🙂z\xc2\x9b!";
    for (std::size_t max = 0; max < 60; ++max) {
        const auto text = escaped(mixed, max);
        CAPTURE(max);
        CHECK(text.size() <= max);
        CHECK(escaped(text, 1000) == text);
    }
}
