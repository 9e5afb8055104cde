// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/secret.hpp>

using kafka::Secret;

namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};
static_assert(!Streamable<Secret>, "a secret must not be printable by accident");

}  // namespace

TEST_CASE("a secret reveals its bytes only when asked and prints as stars") {
    const Secret secret("canary");
    CHECK(secret.reveal_text() == "canary");
    CHECK(secret.size() == 6);
    CHECK(to_string(secret) == "****");
    CHECK(to_string(Secret()) == "****");
}

TEST_CASE("secrets are equal when their bytes are") {
    CHECK(Secret("a") == Secret("a"));
    CHECK(Secret("a") != Secret("b"));
    CHECK(Secret("a") != Secret("ab"));
    CHECK(Secret() == Secret(""));
}

TEST_CASE("a secret grows, copies and moves as a value") {
    Secret secret;
    for (int i = 0; i < 1000; ++i)
        secret.append('x');
    secret.append("tail").append(std::vector<std::uint8_t>{1, 2});
    CHECK(secret.size() == 1006);
    const Secret copy = secret;
    const Secret moved = std::move(secret);
    CHECK(copy == moved);
    CHECK(copy.reveal_text().substr(1000, 4) == "tail");
}

TEST_CASE("wiping leaves zeros") {
    std::vector<std::uint8_t> memory(33, 7);
    kafka::wipe(memory.data() + 1, 31);
    CHECK(memory[0] == 7);
    CHECK(memory[32] == 7);
    for (std::size_t i = 1; i < 32; ++i)
        CHECK(memory[i] == 0);
}
