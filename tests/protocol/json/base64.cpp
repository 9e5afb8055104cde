// SPDX-License-Identifier: Apache-2.0
#include "protocol/json/base64.hpp"

#include <doctest/doctest.h>

using namespace kafka::protocol;

namespace {

std::string encoded(std::string_view text) {
    std::string out;
    append_base64(out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return out;
}
std::string decoded(std::string_view text) {
    const auto bytes = read_base64(text);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "no base64";
}

}  // namespace

TEST_CASE("the test vectors of RFC 4648 come out both ways") {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        CHECK(encoded(plain) == text);
        CHECK(decoded(text) == plain);
    }
    CHECK(encoded("\xfb\xff\xbf") == "+/+/");
}

TEST_CASE("base64 without its padding, of another alphabet or with anything between is refused") {
    for (const auto* text :
         {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "-_-_", "Zm 9v", "Zm9v\n", "Zm=v", "=Zm9"})
        CHECK_MESSAGE(decoded(text) == "no base64", text);
}
