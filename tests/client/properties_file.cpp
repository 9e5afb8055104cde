// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <ostream>

#include <doctest/doctest.h>
#include <unistd.h>

#include <kafka/properties.hpp>

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

kafka::Properties parse(std::string_view text) {
    // Of exactly its size, so that the sanitizer sees a read past the end.
    const std::vector<char> block(text.begin(), text.end());
    auto all = kafka::parse_properties({block.data(), block.size()}, "f");
    REQUIRE(all.has_value());
    return *all;
}

Pairs pairs(std::string_view text) {
    Pairs list;
    for (const auto& property : parse(text))
        list.emplace_back(property.name, property.value);
    return list;
}

}  // namespace

TEST_CASE("a line is a name and a value, however they are parted") {
    CHECK(pairs("a=1\nb:2\nc 3\n  d \t = \t4  \ne==5\nf\n") ==
          Pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4  "}, {"e", "=5"}, {"f", ""}});
}

TEST_CASE("comments and empty lines do not count, and carriage returns end lines") {
    CHECK(pairs("# a=1\n  ! b=2\n\n \t\nc=3\r\nd=4\re=5") ==
          Pairs{{"c", "3"}, {"d", "4"}, {"e", "5"}});
    CHECK(pairs("#a\\\nb=1") == Pairs{{"b", "1"}});
}

TEST_CASE("a backslash at the end of a line continues it without the blanks in front") {
    CHECK(pairs("a=1,\\\n    2,\\\r\n3\nb=x\\\\\nc=y") ==
          Pairs{{"a", "1,2,3"}, {"b", "x\\"}, {"c", "y"}});
    CHECK(pairs("a=1\\") == Pairs{{"a", "1"}});
}

TEST_CASE("escapes are Java's") {
    CHECK(pairs(R"(a\=b\:c\ d=\t\n\r\f\q\\)") == Pairs{{"a=b:c d", "\t\n\r\fq\\"}});
    CHECK(pairs(R"(a=\u00e9\u20AC\ud83d\ude00)") ==
          Pairs{{"a", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"}});
    CHECK(pairs("a=\xc3\xa9") == Pairs{{"a", "\xc3\xa9"}});
}

TEST_CASE("a broken escape is refused with its line") {
    for (const auto* text : {"x=1\na=\\u12", "x=1\na=\\uzzzz", "x=1\na=\\ud83d", "x=1\na=\\ude00",
                             "x=1\na=\\ud83d\\u0041"}) {
        const auto all = kafka::parse_properties(text, "client.properties");
        REQUIRE_FALSE(all.has_value());
        CHECK(all.failure().detail.starts_with("client.properties:2: \\u is not followed"));
    }
}

TEST_CASE("each property knows the line where it begins") {
    const auto all = parse(
        "\xEF\xBB\xBF"
        "a=1\\\n2\nb=3\n");
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "a");
    CHECK(all[0].origin == "f:1");
    CHECK(all[1].origin == "f:3");
    const auto without = kafka::parse_properties("a=1");
    REQUIRE(without.has_value());
    CHECK(without->front().origin == "line 1");
}

TEST_CASE("any bytes are read without harm") {
    for (unsigned seed = 0; seed < 2000; ++seed) {
        std::string text;
        auto state = seed * 2654435761U + 1;
        constexpr std::string_view alphabet = "a=: \t\\\n\r#!u0dD8\xff\xc3";
        for (int i = 0; i < 24; ++i) {
            state = state * 1664525U + 1013904223U;
            text += alphabet[(state >> 16) % alphabet.size()];
        }
        const std::vector<char> block(text.begin(), text.end());
        const auto all = kafka::parse_properties({block.data(), block.size()});
        if (!all) CHECK_FALSE(all.failure().detail.empty());
    }
}

TEST_CASE("a file is read, and one that cannot be is named") {
    char name[] = "/tmp/kafka-properties-XXXXXX";
    const int fd = ::mkstemp(name);
    REQUIRE(fd >= 0);
    const std::string text = "client.id=x\n";
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    auto all = kafka::read_properties(name);
    REQUIRE(all.has_value());
    CHECK(all->front().origin == std::string(name) + ":1");

    REQUIRE(::ftruncate(fd, 2 * 1024 * 1024) == 0);
    all = kafka::read_properties(name);
    CHECK_FALSE(all.has_value());
    CHECK(all.failure().detail.ends_with("is larger than 1 MiB"));
    ::close(fd);
    ::unlink(name);

    all = kafka::read_properties(name);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.failure().code == std::errc::no_such_file_or_directory);
    CHECK(all.failure().detail == "reading '" + std::string(name) + "'");
    CHECK_FALSE(kafka::read_properties("/tmp").has_value());
}
