// SPDX-License-Identifier: Apache-2.0
#include "encoding.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace kasio;

TEST_CASE("base64 gives back every byte, at every length") {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        CHECK(from_base64(to_base64(bytes)) == bytes);
        bytes += static_cast<char>(i * 7);
    }
}

TEST_CASE("base64 is that of RFC 4648") {
    CHECK(to_base64("") == "");
    CHECK(to_base64("f") == "Zg==");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(to_base64("foo") == "Zm9v");
    CHECK(to_base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("what is not base64 is refused") {
    for (const auto* text :
         {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9\n", "Zm9_", "Zh=="}) {
        CAPTURE(text);
        CHECK_FALSE(from_base64(text).has_value());
    }
}

TEST_CASE("UTF-8 is told from what only looks like it") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("plain"));
    CHECK(is_utf8("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf"));
    CHECK(is_utf8(std::string_view("\0", 1)));
    for (const auto* text : {"\x80", "\xc3", "\xc0\xaf", "\xc1\x81", "\xe0\x80\x80", "\xe0\x9f\xbf",
                             "\xed\xa0\x80",      // a surrogate
                             "\xf0\x80\x80\x80",  // overlong
                             "\xf4\x90\x80\x80",  // above U+10FFFF
                             "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xe2\x28\xa1", "a\xc3"}) {
        CHECK_FALSE(is_utf8(text));
    }
}
