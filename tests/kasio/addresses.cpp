// SPDX-License-Identifier: Apache-2.0
#include "addresses.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

using kasio::Address;
using kasio::parse_addresses;

namespace {

std::vector<Address> good(std::string_view list) {
    auto addresses = parse_addresses(list);
    REQUIRE_MESSAGE(addresses.has_value(), addresses.failure().message());
    return *addresses;
}

std::string refusal(std::string_view list) {
    auto addresses = parse_addresses(list);
    REQUIRE_FALSE(addresses.has_value());
    CHECK((addresses.failure().code == kafka::errc::invalid_argument));
    return addresses.failure().detail;
}

}  // namespace

TEST_CASE("a list of brokers gives hosts and ports in its order, 9092 where no port is named") {
    CHECK(good("b:1,a,c:65535") == std::vector<Address>{{"b", 1}, {"a", 9092}, {"c", 65535}});
}

TEST_CASE("IPv6 addresses stand in brackets, or alone without a port") {
    CHECK(good("[::1]:9093,[fe80::1%eth0],::1") ==
          std::vector<Address>{{"::1", 9093}, {"fe80::1%eth0", 9092}, {"::1", 9092}});
    CHECK(to_string(Address{"::1", 9093}) == "[::1]:9093");
    CHECK(to_string(Address{"host", 9092}) == "host:9092");
}

TEST_CASE("blanks, empty entries, repeated entries and the plain protocol's name do not matter") {
    CHECK(good(" a:1 ,, b:2,\n,a:1,PLAINTEXT://c:3,") ==
          std::vector<Address>{{"a", 1}, {"b", 2}, {"c", 3}});
}

TEST_CASE("a list without a broker is refused") {
    CHECK(refusal("") == "the list of brokers is empty");
    CHECK(refusal(" , ,") == "the list of brokers is empty");
}

TEST_CASE("what is no address is refused by name") {
    CHECK(refusal("a:0") == "broker 'a:0': the port is not a number from 1 to 65535");
    CHECK(refusal("a:65536").find("port") != std::string::npos);
    CHECK(refusal("a:").find("port") != std::string::npos);
    CHECK(refusal("a:9092x").find("port") != std::string::npos);
    CHECK(refusal(":9092").find("not a host") != std::string::npos);
    CHECK(refusal("a b:9092").find("not a host") != std::string::npos);
    CHECK(refusal("[::1:9092").find("']' is missing") != std::string::npos);
    CHECK(refusal("[::1]9092").find("must follow") != std::string::npos);
    CHECK(refusal("SSL://a:9093").find("PLAINTEXT") != std::string::npos);
    CHECK(refusal(std::string("a\0b:1", 5)).find("not a host") != std::string::npos);
}

TEST_CASE("a message about a huge entry is short") {
    CHECK(refusal(std::string(1'000'000, 'x') + ":1").size() < 200);
}

TEST_CASE("a list of 10,000 brokers is read whole") {
    std::string list;
    for (int i = 0; i < 10'000; ++i)
        list += "host-" + std::to_string(i) + ":9092,";
    const auto addresses = good(list);
    REQUIRE(addresses.size() == 10'000);
    CHECK(addresses.back().host == "host-9999");
}
