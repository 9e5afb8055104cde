// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <random>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <kafka/uuid.hpp>

using kafka::Uuid;
using kafka::uuid_from_string;

TEST_CASE("a UUID prints as Kafka prints it") {
    CHECK(to_string(Uuid{}) == "AAAAAAAAAAAAAAAAAAAAAA");
    Uuid one;  // org.apache.kafka.common.Uuid.ONE_UUID, the id of the metadata topic
    one.bytes[15] = 1;
    CHECK(to_string(one) == "AAAAAAAAAAAAAAAAAAAAAQ");
    Uuid ones;
    ones.bytes.fill(0xff);
    CHECK(to_string(ones) == "_____________________w");
    Uuid rising;
    for (std::uint8_t i = 0; i < 16; ++i)
        rising.bytes[i] = i;
    CHECK(to_string(rising) == "AAECAwQFBgcICQoLDA0ODw");
    Uuid high;  // '-' and '_' instead of '+' and '/'
    high.bytes[0] = 0xfb;
    high.bytes[1] = 0xff;
    CHECK(to_string(high).substr(0, 3) == "-_8");
}

TEST_CASE("a UUID survives its text form") {
    std::mt19937 random(1);
    std::set<std::string> texts;
    for (int i = 0; i < 1000; ++i) {
        Uuid id;
        for (auto& byte : id.bytes)
            byte = static_cast<std::uint8_t>(random());
        const auto text = to_string(id);
        CHECK(text.size() == 22);
        CHECK(texts.insert(text).second);
        const auto back = uuid_from_string(text);
        REQUIRE(back.has_value());
        CHECK(*back == id);
    }
}

TEST_CASE("what is not Kafka's text form of a UUID is refused") {
    CHECK_FALSE(uuid_from_string(""));
    CHECK_FALSE(uuid_from_string("AAAAAAAAAAAAAAAAAAAAA"));     // 21
    CHECK_FALSE(uuid_from_string("AAAAAAAAAAAAAAAAAAAAAAA"));   // 23
    CHECK_FALSE(uuid_from_string("AAAAAAAAAAAAAAAAAAAAAA=="));  // padded
    CHECK_FALSE(uuid_from_string("AAAAAAAAAA+AAAAAAAAAAA"));    // plain base64
    CHECK_FALSE(uuid_from_string("AAAAAAAAAA/AAAAAAAAAAA"));
    CHECK_FALSE(uuid_from_string("AAAAAAAAAA AAAAAAAAAAA"));
    CHECK_FALSE(uuid_from_string("AAAAAAAAAAAAAAAAAAAAAB"));  // bits beyond the 128th
    CHECK_FALSE(uuid_from_string("00000000-0000-0000-0000-000000000000"));
}

TEST_CASE("only the UUID of sixteen zeros is zero, and UUIDs are ordered by their bytes") {
    CHECK(Uuid{}.is_zero());
    Uuid low;
    low.bytes[15] = 0xff;
    Uuid high;
    high.bytes[0] = 1;
    CHECK_FALSE(low.is_zero());
    CHECK(low < high);
}
