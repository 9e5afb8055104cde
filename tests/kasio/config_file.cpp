// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include <kafka/error.hpp>

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const kafka::Result<kafka::Properties>& all) {
    REQUIRE_MESSAGE(all.has_value(), all.failure().detail);
    Pairs list;
    for (const auto& property : *all)
        list.emplace_back(property.name, property.value);
    return list;
}

// A file of this test.
class File {
public:
    File(const std::string& ending, const std::string& text)
        : name_("/tmp/kasio-test-" + std::to_string(::getpid()) + ending) {
        std::ofstream(name_) << text;
    }
    ~File() { ::unlink(name_.c_str()); }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_;
};

}  // namespace

#if KASIO_TOML

TEST_CASE("TOML's tables and keys are joined to names, in whatever way they are written") {
    CHECK(pairs(kasio::parse_toml("security.protocol = \"SSL\"\n"
                                  "\"client.id\" = 'x'\n"
                                  "[sasl]\nmechanism = \"PLAIN\"\n"
                                  "kerberos = { service.name = \"kafka\" }\n"
                                  "[sasl.oauthbearer]\nscope = \"a\"\n",
                                  "f")) == Pairs{{"client.id", "x"},
                                                 {"sasl.kerberos.service.name", "kafka"},
                                                 {"sasl.mechanism", "PLAIN"},
                                                 {"sasl.oauthbearer.scope", "a"},
                                                 {"security.protocol", "SSL"}});
}

TEST_CASE("TOML's numbers, booleans and lists become what Kafka's files have for them") {
    CHECK(pairs(kasio::parse_toml("a = 0x10\nb = true\nc = 0.8\nd = [\"x:1\", 'y:2']\ne = []\n"
                                  "f = \"\"\"\nline\"\"\"\ng = -1\n",
                                  "f")) == Pairs{{"a", "16"},
                                                 {"b", "true"},
                                                 {"c", "0.8"},
                                                 {"d", "x:1,y:2"},
                                                 {"e", ""},
                                                 {"f", "line"},
                                                 {"g", "-1"}});
}

TEST_CASE("what comes from TOML knows its line") {
    const auto all = kasio::parse_toml("\n[sasl]\n\nmechanism = \"PLAIN\"\n", "my.toml");
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 1);
    CHECK(all->front().origin == "my.toml:4");
}

TEST_CASE("what is no TOML is refused with its line, and without what stands there") {
    for (const auto* text : {"a = 1\nsasl.password = c4n4ry\n", "a = 1\nsasl.password = \"c4n4ry\n",
                             "a = 1\nc4n4ry\n", "a = 1\n[c4n4ry\n", "a = 1\n\"c4n4ry\\q\" = 2",
                             "a = 1\na = \"c4n4ry\"\n", "a = 1\nb = c4n4ry\xff\n"}) {
        const auto all = kasio::parse_toml(text, "my.toml");
        REQUIRE_FALSE(all.has_value());
        CHECK((all.failure().code == kafka::errc::invalid_argument));
        CAPTURE(all.failure().detail);
        CHECK(all.failure().detail.starts_with("my.toml:"));
        CHECK(all.failure().detail.find("this is not TOML") != std::string::npos);
        CHECK(all.failure().detail.find("c4n4ry") == std::string::npos);
    }
    const auto date = kasio::parse_toml("a = 2020-01-01\n", "f");
    REQUIRE_FALSE(date.has_value());
    CHECK(date.failure().detail ==
          "f:1: a: expected text, a number, true, false or a list of them");
    CHECK_FALSE(kasio::parse_toml("a = [[1], [2]]\n", "f").has_value());
    CHECK_FALSE(kasio::parse_toml("a = " + std::string(100'000, '['), "f").has_value());
}

TEST_CASE("a file that ends in .toml is TOML") {
    const File toml(".toml", "[sasl]\nmechanism = \"PLAIN\"\n");
    CHECK(pairs(kasio::read_config_file(toml.name())) == Pairs{{"sasl.mechanism", "PLAIN"}});
}

#else

TEST_CASE("without toml++ a TOML file is refused with a way out") {
    const auto all = kasio::parse_toml("a = 1", "f.toml");
    REQUIRE_FALSE(all.has_value());
    CHECK(all.failure().detail.find("NAME=VALUE") != std::string::npos);
}

#endif

TEST_CASE("every other file has Java's syntax") {
    const File java(".conf", "sasl.mechanism=PLAIN\n# b=2\nclient.id: x\n");
    CHECK(pairs(kasio::read_config_file(java.name())) ==
          Pairs{{"sasl.mechanism", "PLAIN"}, {"client.id", "x"}});
}

TEST_CASE("a file that cannot be read or is too large is named") {
    for (const auto* name : {"/not/there.toml", "/not/there.properties"}) {
        const auto all = kasio::read_config_file(name);
        REQUIRE_FALSE(all.has_value());
        CHECK((all.failure().code == std::errc::no_such_file_or_directory));
        CHECK(all.failure().detail == "reading '" + std::string(name) + "'");
    }
    const File large(".toml", std::string(1024 * 1024 + 1, '#'));
    const auto all = kasio::read_config_file(large.name());
    REQUIRE_FALSE(all.has_value());
    CHECK(all.failure().detail == "'" + large.name() + "' is larger than 1 MiB");
}
