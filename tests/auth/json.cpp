// SPDX-License-Identifier: Apache-2.0
#include "auth/json.hpp"

#include <string>

#include "auth/support.hpp"

using namespace std::string_literals;
using kafka::auth::JsonWriter;
using kafka::auth::read_json_object;
using kafka::auth::test::contains;

TEST_CASE("an object's texts and numbers are found by name and kind") {
    const auto object = read_json_object(
        " { \"a\" : \"x\" , \"n\":-12.5e1,\"t\":true,\"z\":null, \"o\":{\"a\":[1,{\"b\":[]},{}]},"
        "\"l\":[], \"e\":\"\" } ");
    REQUIRE(object);
    CHECK(object->text("a")->reveal_text() == "x");
    CHECK(*object->number("n") == -125.0);
    CHECK_FALSE(object->number("a"));
    CHECK_FALSE(object->text("n"));
    CHECK_FALSE(object->text("b"));
    CHECK(object->has("o"));
    CHECK(object->has("z"));
    CHECK_FALSE(object->has("b"));
    CHECK(object->text("e")->empty());
    CHECK(read_json_object("{}"));
}

TEST_CASE("escapes are decoded") {
    const auto object =
        read_json_object(R"({"t":"\"\\\/\b\f\n\r\t\u0041\u00e4\u20ac\ud83d\ude00"})");
    REQUIRE(object);
    CHECK(object->text("t")->reveal_text() ==
          "\"\\/\b\f\n\r\tA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST_CASE("what is no JSON object is refused with its place and without its text") {
    for (const auto& text : {""s,
                             " "s,
                             "canary"s,
                             "[]"s,
                             "\"x\""s,
                             "{"s,
                             "{\"a\"}"s,
                             "{\"a\":}"s,
                             "{\"a\":1,}"s,
                             "{,}"s,
                             "{\"a\":1 \"b\":2}"s,
                             "{\"a\":1}}"s,
                             "{\"a\":1} x"s,
                             "{a:1}"s,
                             "{\"a\":01}"s,
                             "{\"a\":1.}"s,
                             "{\"a\":.5}"s,
                             "{\"a\":+1}"s,
                             "{\"a\":1e}"s,
                             "{\"a\":-}"s,
                             "{\"a\":tru}"s,
                             "{\"a\":NaN}"s,
                             "{\"a\":\"\\x\"}"s,
                             "{\"a\":\"\\u12\"}"s,
                             "{\"a\":\"\\ud800\"}"s,
                             "{\"a\":\"\\udc00\"}"s,
                             "{\"a\":\"\\ud800\\u0041\"}"s,
                             "{\"a\":\"\n\"}"s,
                             "{\"a\":\"canary}"s,
                             "{\"a\":\"\\"s,
                             "{\"a\":[1,]}"s,
                             "{\"a\":[1 2]}"s,
                             "{\"a\":{1:2}}"s,
                             "{\"a\":[}"s,
                             "{\"a\":[{]}"s,
                             "{\"a\":\"\xff\"}"s,
                             "{\"a\":\"\0\"}"s,
                             "{\"a\":[\"b]}"s,
                             "{\"a\":{\"b\":1,}}"s,
                             "{\"a\":1e999}"s,
                             "\x1f\x8b\x08"s,
                             "<html></html>"s}) {
        CAPTURE(text);
        const auto object = read_json_object(text);
        REQUIRE_FALSE(object);
        CHECK(object.failure().code == kafka::errc::malformed_message);
        CHECK(contains(object.failure().detail, " @ "));
        CHECK_FALSE(contains(object.failure().detail, "canary"));
    }
}

TEST_CASE("BI-124: repeated names are refused: readers would disagree on which counts") {
    CHECK_FALSE(read_json_object(R"({"exp":1,"exp":2})"));
    CHECK_FALSE(read_json_object(R"({"exp":1,"\u0065xp":2})"));
}

TEST_CASE("depth and number of members are bounded") {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    CHECK(read_json_object(nested(32)));
    CHECK_FALSE(read_json_object(nested(33)));
    CHECK_FALSE(read_json_object(nested(100'000)));
    CHECK_FALSE(read_json_object("{\"a\":" + std::string(100'000, '[')));
    std::string many = "{";
    for (int i = 0; i < 1001; ++i)
        many += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
    CHECK_FALSE(read_json_object(many + "}"));
}

TEST_CASE("what is written reads back") {
    const auto text =
        JsonWriter().add("a\"b", "x\\\n\x1f\x7f\xc3\xa4").add("n", std::int64_t{-5}).take();
    const auto object = read_json_object(text.reveal_text());
    REQUIRE(object);
    CHECK(object->text("a\"b")->reveal_text() == "x\\\n\x1f\x7f\xc3\xa4");
    CHECK(*object->number("n") == -5);
    CHECK(JsonWriter().take().reveal_text() == "{}");
}
