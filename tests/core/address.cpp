// SPDX-License-Identifier: Apache-2.0
#include "core/address.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

using namespace kafka;
using namespace kafka::core;

TEST_CASE("addresses are read as people write them") {
    const auto is = [](std::string_view text, std::string_view host, std::uint16_t port) {
        const auto address = parse_address(text);
        REQUIRE_MESSAGE(address.has_value(), text);
        CHECK(address->host == host);
        CHECK(address->port == port);
    };
    is("kafka1:9093", "kafka1", 9093);
    is("kafka1", "kafka1", 9092);
    is("127.0.0.1:1", "127.0.0.1", 1);
    is("[::1]:65535", "::1", 65535);
    is("[::1]", "::1", 9092);
    is("::1", "::1", 9092);
    is("[fe80::1%eth0]:9092", "fe80::1%eth0", 9092);
    is(" kafka1:9093 \n", "kafka1", 9093);
}

TEST_CASE("what is no address is refused with the reason") {
    for (const char* text :
         {"", " ", ":9092", "kafka1:", "kafka1:0", "kafka1:65536", "kafka1:-1", "kafka1:9x", "[::1",
          "[::1]9092", "[::1]:", "a b:1", "a\nb:1", "a/b", "PLAINTEXT://kafka1:9092", "[]:1"}) {
        CAPTURE(text);
        const auto address = parse_address(text);
        REQUIRE(!address);
        CHECK(address.failure().code == errc::invalid_argument);
    }
    CHECK(!parse_address(std::string(70'000, 'a')));
    CHECK(!parse_address(std::string_view("a\0b:1", 5)));
}

TEST_CASE("an address is written with brackets where they are needed") {
    CHECK(to_string(Address{"kafka1", 9092}) == "kafka1:9092");
    CHECK(to_string(Address{"::1", 1}) == "[::1]:1");
}
