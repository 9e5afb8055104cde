// SPDX-License-Identifier: Apache-2.0
// Every message at every version: what is encoded decodes to an equal message, and that encodes
// to the same bytes.
#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/registry.hpp>

#include "bytes.hpp"
#include "protocol/random.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

struct Type {
    const MessageInfo* info;
    AnyMessage (*make)();
};

std::vector<Type> all_messages() {
    std::vector<Type> types;
    for (const auto& api : apis()) {
        types.push_back({api.request, api.make_request});
        types.push_back({api.response, api.make_response});
    }
    for (const auto& part : parts())
        types.push_back({part.info, part.make});
    return types;
}

ByteBuffer encoded(const MessageInfo& info, const void* message, int version) {
    Gather out;
    const auto failure = encode(info, message, version, out);
    REQUIRE_MESSAGE(!failure, failure.message());
    CHECK(out.size() == out.flat().size());
    return out.flat();
}

void check_round_trip(const Type& type, const void* message, int version) {
    CAPTURE(type.info->name);
    CAPTURE(version);
    const auto bytes = encoded(*type.info, message, version);
    const auto copy = type.make();
    const auto failure =
        decode_all(*type.info, copy.get(), version, test::ExactBytes::of(bytes.bytes()), {});
    REQUIRE_MESSAGE(!failure, failure.message());
    CHECK(equal(*type.info, message, copy.get()));
    const auto again = encoded(*type.info, copy.get(), version);
    CHECK(std::ranges::equal(bytes.bytes(), again.bytes()));
}

}  // namespace

TEST_CASE("every message at every version round-trips in its default state") {
    for (const auto& type : all_messages()) {
        for (int v = type.info->versions.min; v <= type.info->versions.max; ++v) {
            const auto message = type.make();
            CHECK(is_default(*type.info, message.get()));
            const auto bytes = encoded(*type.info, message.get(), v);
            const auto copy = type.make();
            REQUIRE(
                !decode_all(*type.info, copy.get(), v, test::ExactBytes::of(bytes.bytes()), {}));
            const auto again = encoded(*type.info, copy.get(), v);
            CHECK(std::ranges::equal(bytes.bytes(), again.bytes()));
        }
    }
}

TEST_CASE("every message at every version round-trips from random fills, unknown tags included") {
    std::size_t cases = 0;
    for (const auto& type : all_messages()) {
        for (int v = type.info->versions.min; v <= type.info->versions.max; ++v) {
            for (std::uint64_t seed = 1; seed <= 20; ++seed, ++cases) {
                const auto message = type.make();
                randomize(*type.info, message.get(), v, {.seed = seed, .unknown_tags = true});
                check_round_trip(type, message.get(), v);
            }
        }
    }
    CHECK(cases >= 618 * 20);
}

TEST_CASE("every cut of every message is refused without reading past its end") {
    for (const auto& type : all_messages()) {
        for (int v = type.info->versions.min; v <= type.info->versions.max; ++v) {
            const auto message = type.make();
            randomize(*type.info, message.get(), v,
                      {.seed = 7, .most_elements = 2, .unknown_tags = true});
            const auto bytes = encoded(*type.info, message.get(), v);
            const std::size_t step = 1 + bytes.size() / 64;
            for (std::size_t cut = 0; cut < bytes.size(); cut += step) {
                const auto copy = type.make();
                const auto failure = decode_all(*type.info, copy.get(), v,
                                                test::ExactBytes::of(bytes.bytes().first(cut)), {});
                CHECK_MESSAGE(failure.code == errc::malformed_message, type.info->name, " v", v,
                              " cut at ", cut);
            }
        }
    }
}

TEST_CASE("equal seeds give equal messages and other seeds give others") {
    const auto& fetch = *find_api("Fetch");
    auto fill = [&](std::uint64_t seed) {
        auto message = fetch.make_response();
        randomize(*fetch.response, message.get(), 13, {.seed = seed, .most_elements = 5});
        return message;
    };
    CHECK(equal(*fetch.response, fill(1).get(), fill(1).get()));
    CHECK(!equal(*fetch.response, fill(1).get(), fill(2).get()));
}
