// SPDX-License-Identifier: Apache-2.0
#include "auth/text.hpp"

#include <string>

#include "auth/support.hpp"

using namespace std::string_literals;
using namespace kafka::auth;
using kafka::Secret;

TEST_CASE("what a peer sent is quoted without the secret, escaped and cut") {
    CHECK(quotable("it is hunter2, hunter2!", Secret("hunter2")) == "it is ****, ****!");
    CHECK(quotable("a\nb", Secret()) == "a\\x0ab");
    CHECK(quotable(std::string(100'000, 'x')).size() == 512);
}

TEST_CASE("text of SASL is UTF-8 without a NUL") {
    CHECK(is_sasl_text(""));
    CHECK(is_sasl_text("plain"));
    CHECK(is_sasl_text("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"));
    for (const auto& text : {"\0"s, "a\0b"s, "\x80"s, "\xc3"s, "\xc0\x80"s, "\xe0\x80\x80"s,
                             "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xf0\x80\x80\x80"s, "\xff"s}) {
        CAPTURE(text);
        CHECK_FALSE(is_sasl_text(text));
    }
}
