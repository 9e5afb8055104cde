// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto.hpp"

#include <string>

#include "auth/support.hpp"
#include "auth/text.hpp"

using namespace std::string_literals;
using namespace kafka::auth;
using kafka::as_bytes;
using kafka::Secret;

TEST_CASE("digests, HMAC and PBKDF2 give the published values") {
    // FIPS 180-2, RFC 4231 (case 2), RFC 7914 (section 11).
    CHECK(hex(digest(Hash::sha256, as_bytes("abc"))->reveal()) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(digest(Hash::sha512, as_bytes("abc"))->reveal()).starts_with("ddaf35a193617aba"));
    CHECK(hex(hmac(Hash::sha256, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))
                  ->reveal()) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(pbkdf2(Hash::sha256, as_bytes("passwd"), as_bytes("salt"), 1)->reveal()) ==
          "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    CHECK(hmac(Hash::sha512, {}, {})->size() == 64);
}

TEST_CASE("random bytes differ") {
    const auto one = random_bytes(24);
    const auto two = random_bytes(24);
    REQUIRE(one);
    REQUIRE(two);
    CHECK(one->size() == 24);
    CHECK_FALSE(*one == *two);
}

TEST_CASE("a key that cannot sign is told without showing it") {
    const auto problem = [](Signature kind, std::string_view pem) {
        const auto signature = sign(kind, Secret(pem), Secret(), as_bytes("message"));
        REQUIRE_FALSE(signature);
        return signature.failure().detail;
    };
    CHECK(problem(Signature::rs256, "canary") ==
          "OpenSSL: the private key is no PEM, or is encrypted");
    CHECK(problem(Signature::es256, "") == "OpenSSL: there is no private key");
}

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
