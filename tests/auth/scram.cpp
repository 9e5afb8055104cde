// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "auth/base64.hpp"
#include "auth/scram_message.hpp"
#include "auth/server.hpp"
#include "auth/support.hpp"

using namespace std::string_literals;
using namespace kafka::auth;
using namespace kafka::auth::test;
using kafka::as_bytes;
using kafka::errc;
using kafka::Secret;
using kafka::sasl::make_mechanism;
using kafka::sasl::Scram;

namespace {

constexpr std::string_view client_nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view salt = "W22ZaJ0SNY7soEsUEjb6gQ==";

// RFC 7677, section 3.
Scram rfc7677() {
    return {"user", Secret("pencil"), Scram::Hash::sha256};
}
std::unique_ptr<kafka::sasl::Exchange> begun(Scram config = rfc7677()) {
    auto exchange = start(make_scram_with_nonce(std::move(config), std::string(client_nonce)));
    sent(*exchange);
    return exchange;
}
std::string first(std::string_view iterations = "4096") {
    return std::string("r=").append(client_nonce).append(server_nonce) + ",s=" + std::string(salt) +
           ",i=" + std::string(iterations);
}

}  // namespace

TEST_CASE("SCRAM-SHA-256 speaks the example of RFC 7677") {
    const auto mechanism = make_scram_with_nonce(rfc7677(), std::string(client_nonce));
    CHECK(mechanism->name() == "SCRAM-SHA-256");
    CHECK_FALSE(mechanism->reveals_secret());
    const auto exchange = start(mechanism);
    CHECK_FALSE(exchange->blocks(now));
    CHECK(sent(*exchange) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    CHECK(exchange->blocks(now));
    CHECK(sent(*exchange, first()) ==
          "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
          "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    CHECK_FALSE(exchange->blocks(now));
    const auto last = step(*exchange, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    REQUIRE(last);
    CHECK(last->done);
}

TEST_CASE("client and server of SCRAM agree in both hashes, and keys are derived once") {
    for (const auto hash : {Scram::Hash::sha256, Scram::Hash::sha512}) {
        const auto inner = hash == Scram::Hash::sha256 ? Hash::sha256 : Hash::sha512;
        const auto credential = make_scram_credential(inner, Secret("pä,=ss"), 5000);
        REQUIRE(credential);
        std::string asked;
        const auto lookup = [&](std::string_view user, bool token) {
            asked = user;
            CHECK_FALSE(token);
            return std::optional(*credential);
        };
        const auto mechanism = make_mechanism(Scram{"a=l,ï", Secret("pä,=ss"), hash});
        for (int round = 0; round < 3; ++round) {
            const auto exchange = start(mechanism);
            const auto server = make_scram_server(inner, lookup);
            const auto hello = sent(*exchange);
            CHECK(hello.starts_with("n,,n=a=3Dl=2Cï,r="));
            auto answer = server->step(as_bytes(hello), now);
            REQUIRE(answer);
            CHECK_FALSE(answer->done);
            CHECK(asked == "a=l,ï");
            answer = server->step(as_bytes(sent(*exchange, answer->response.reveal_text())), now);
            REQUIRE(answer);
            CHECK(answer->done);
            CHECK(server->user() == "a=l,ï");
            const auto last = step(*exchange, answer->response.reveal_text());
            REQUIRE(last);
            CHECK(last->done);
        }
    }
}

TEST_CASE("each exchange has a nonce of its own with 24 random bytes") {
    const auto mechanism = make_mechanism(Scram{"user", Secret("pencil")});
    CHECK(mechanism->name() == "SCRAM-SHA-512");
    const auto one = sent(*start(mechanism));
    const auto two = sent(*start(mechanism));
    CHECK(one.size() == std::string_view("n,,n=user,r=").size() + 32);
    CHECK(one != two);
}

TEST_CASE("a delegation token is announced by Kafka's extension") {
    Scram config = rfc7677();
    config.delegation_token = true;
    const auto exchange = start(make_scram_with_nonce(config, "nonce"));
    const auto hello = sent(*exchange);
    CHECK(hello == "n,,n=user,r=nonce,tokenauth=true");
    bool token = false;
    const auto server = make_scram_server(Hash::sha256, [&](std::string_view, bool is_token) {
        token = is_token;
        return std::optional<ScramCredential>();
    });
    CHECK_FALSE(server->step(as_bytes(hello), now));
    CHECK(token);
}

TEST_CASE("an authorization id stands in the header and in the channel binding") {
    Scram config = rfc7677();
    config.authorization_id = "b,b";
    const auto exchange = start(make_scram_with_nonce(config, std::string(client_nonce)));
    CHECK(sent(*exchange).starts_with("n,a=b=2Cb,n=user,r="));
    CHECK(sent(*exchange, first()).starts_with("c=" + base64(as_bytes("n,a=b=2Cb,")) + ",r="));
}

TEST_CASE("BI-112: a first message with attributes missing, out of order or repeated is refused") {
    const auto nonce = std::string(client_nonce).append(server_nonce);
    const std::string s = ",s=" + std::string(salt);
    const std::string r = "r=" + nonce;
    for (const auto& message : {""s,
                                ","s,
                                "r"s,
                                "r="s,
                                r,
                                r + s,
                                r + ",i=4096",
                                s.substr(1) + ",i=4096",
                                s.substr(1) + "," + r + ",i=4096",
                                r + ",i=4096" + s,
                                r + "," + r + s + ",i=4096",
                                r + s + s + ",i=4096",
                                r + s + ",i=4096,i=4096",
                                r + s + ",i=4096," + r,
                                r + s + ",i=4096,",
                                r + s + ",i=4096,1=x",
                                r + s + ",i=4096,x",
                                "\xff" + r + s,
                                r + s + ",i=4096\0"s,
                                "e=other-error"s}) {
        CAPTURE(message);
        refused(*begun(), message);
    }
}

TEST_CASE("unknown optional extensions of the broker are ignored, and signed") {
    const auto credential =
        make_scram_credential(Hash::sha256, Secret("pencil"), 4096, *read_base64(salt));
    REQUIRE(credential);
    const auto exchange = begun();
    const auto message = first() + ",x=more";
    const auto response = sent(*exchange, message);
    const auto end = response.find(",p=");
    REQUIRE(end != response.npos);
    const auto signature = hmac(Hash::sha256, credential->server_key.reveal(),
                                as_bytes("n=user,r=" + std::string(client_nonce) + "," + message +
                                         "," + response.substr(0, end)));
    REQUIRE(signature);
    const auto last = step(*exchange, "v=" + base64(signature->reveal()));
    REQUIRE(last);
    CHECK(last->done);
}

TEST_CASE("BI-113 BI-114: a nonce that does not extend ours is refused") {
    const std::string rest = ",s=" + std::string(salt) + ",i=4096";
    CHECK(contains(refused(*begun(), "r=" + std::string(client_nonce) + rest), "added nothing"));
    CHECK(contains(refused(*begun(), "r=another-nonce-altogether" + rest), "replayed"));
    CHECK(contains(refused(*begun(), "r=r" + rest), "replayed"));
    refused(*begun(), "r=" + rest);
    refused(*begun(), "r=" + std::string(client_nonce) + "x\ny" + rest);
    refused(*begun(), "r=" + std::string(client_nonce) + "\xc3\xa4" + rest);
}

TEST_CASE("BI-115: a salt that is empty, no base64 or too large is refused") {
    const auto with = [](const std::string& text) {
        return "r=" + std::string(client_nonce) + "x,s=" + text + ",i=4096";
    };
    refused(*begun(), with(""));
    refused(*begun(), with("===="));
    refused(*begun(), with("W22"));
    refused(*begun(), with("W22Z-_=="));
    CHECK(sent(*begun(), with(base64(as_bytes(std::string(1024, 's'))))).starts_with("c=biws,"));
    CHECK(contains(refused(*begun(), with(base64(as_bytes(std::string(1025, 's'))))), "1024"));
    CHECK(contains(refused(*begun(), with(base64(as_bytes(std::string(1 << 20, 's'))))), "4 KiB"));
}

TEST_CASE(
    "BI-116 BI-117 BI-118 BI-119: iterations that are no number, too few or too many are refused "
    "at once") {
    for (const std::string_view text :
         {"", "0", "-1", "-4096", "+4096", " 4096", "4096x", "4096 ", "1", "4095", "1000001",
          "2147483647", "2147483648", "99999999999999999999", "0x1000", "4e3", "04096",
          "0010001"}) {
        CAPTURE(text);
        refused(*begun(), first(text));
    }
    CHECK(contains(refused(*begun(), first("4095")), "fewer than 4096"));
    CHECK(contains(refused(*begun(), first("2147483648")), "limit of 1000000"));
    CHECK(contains(refused(*begun(), first("04096")), "begin with a zero"));
    Scram config = rfc7677();
    config.max_iterations = 5000;
    CHECK(sent(*begun(config), first("5000")).starts_with("c=biws,"));
    CHECK(contains(refused(*begun(config), first("5001")), "limit of 5000"));
}

TEST_CASE("BI-120: a mandatory extension is refused") {
    CHECK(contains(refused(*begun(), "m=ext," + first()), "extension"));
    refused(*begun(), first() + ",m=ext");
}

TEST_CASE("BI-110 BI-121: messages above 4 KiB are refused before they are read") {
    CHECK(contains(refused(*begun(), std::string(10'000'000, 'r')), "4 KiB"));
    CHECK(contains(refused(*begun(), first() + ",x=" + std::string(4096, 'x')), "4 KiB"));
    const auto exchange = begun();
    sent(*exchange, first());
    CHECK(contains(refused(*exchange, "v=" + std::string(5000, 'A')), "4 KiB"));
}

TEST_CASE("BI-122: a broker that does not prove that it knows the password is refused") {
    const auto finished_with = [](std::string_view message) {
        const auto exchange = begun();
        sent(*exchange, first());
        auto detail = refused(*exchange, message);
        refused(*exchange, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");  // it is over
        return detail;
    };
    CHECK(contains(finished_with("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
                   "does not know the password"));
    CHECK(contains(finished_with("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A=="),
                   "does not know the password"));
    CHECK(contains(finished_with(""), "missing"));
    CHECK(contains(finished_with("v="), "empty"));
    CHECK(contains(finished_with("x=1"), "missing"));
    CHECK(contains(finished_with("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,v=AA=="),
                   "repeated"));
    CHECK(finished_with("e=invalid-proof") ==
          "SCRAM: the broker refused: invalid-proof (the password is wrong)");
    CHECK(finished_with("e=other-error") == "SCRAM: the broker refused: other-error");
    CHECK(finished_with("e=\x1b[2J\n") == "SCRAM: the broker refused: \\x1b[2J\\x0a");
}

TEST_CASE("SCRAM refuses a configuration that cannot work") {
    const auto code = [](Scram config) {
        const auto exchange = make_mechanism(std::move(config))->start(peer);
        REQUIRE_FALSE(exchange);
        return exchange.failure().code;
    };
    CHECK(code({"", Secret("x")}) == errc::invalid_argument);
    CHECK(code({"u", Secret()}) == errc::invalid_argument);
    CHECK(code({"u\0"s, Secret("x")}) == errc::invalid_argument);
    CHECK(code({"u", Secret("\x80")}) == errc::invalid_argument);
    auto few = rfc7677();
    few.max_iterations = 4095;
    CHECK(code(few) == errc::invalid_argument);
}

TEST_CASE("no failure and no printed configuration of SCRAM shows the password") {
    const Scram config{"user", Secret("canary-password"), Scram::Hash::sha256, true};
    CHECK(to_string(config) ==
          "SCRAM-SHA-256 user=user password=**** delegation_token=true max_iterations=1000000");
    CHECK(make_mechanism(config)->to_string() == to_string(config));
    for (const std::string_view message : {"r=canary-password", "e=canary-password", "canary"}) {
        CHECK_FALSE(contains(refused(*begun(config), message), "canary-password"));
    }
    const auto exchange = begun(config);
    CHECK_FALSE(contains(
        exchange->refused(kafka::broker_errc::sasl_authentication_failed, "canary-password!")
            .detail,
        "canary-password"));
    // Nor does anything that is sent.
    CHECK_FALSE(contains(sent(*exchange, first()), "canary-password"));
}

namespace {

std::unique_ptr<ServerExchange> server_of(std::string_view user, std::string_view password) {
    const auto credential = make_scram_credential(Hash::sha256, Secret(password));
    REQUIRE(credential);
    return make_scram_server(Hash::sha256,
                             [user = std::string(user), credential = *credential](
                                 std::string_view name, bool) -> std::optional<ScramCredential> {
                                 if (name == user) return credential;
                                 return std::nullopt;
                             });
}

}  // namespace

TEST_CASE("the server of SCRAM tells an unknown user and a wrong password in the same words") {
    const auto unknown = server_of("alice", "s3cret")->step(as_bytes("n,,n=bob,r=nonce"), now);
    REQUIRE_FALSE(unknown);
    const auto server = server_of("user", "s3cret");
    const auto exchange = begun();
    auto answer = server->step(as_bytes("n,,n=user,r=" + std::string(client_nonce)), now);
    REQUIRE(answer);
    answer = server->step(as_bytes(sent(*exchange, answer->response.reveal_text())), now);
    REQUIRE_FALSE(answer);
    CHECK(answer.failure().detail == unknown.failure().detail);
    CHECK(contains(unknown.failure().detail,
                   "invalid credentials with SASL mechanism SCRAM-SHA-256"));
    CHECK(server->user().empty());
}

TEST_CASE("the server of SCRAM refuses malformed first messages") {
    for (const auto& message : {""s,
                                "n"s,
                                "n,"s,
                                "n,,"s,
                                "y,,n=user,r=x"s,
                                "p=tls-unique,,n=user,r=x"s,
                                "n,,r=x,n=user"s,
                                "n,,n=user"s,
                                "n,,n=user,r="s,
                                "n,,n=,r=x"s,
                                "n,,n=us=er,r=x"s,
                                "n,,n=us=2cer,r=x"s,
                                "n,,m=x,n=user,r=x"s,
                                "n,,n=user,r=x,y=z"s,
                                "n,,n=user,r=x,"s,
                                "n,a=,n=user,r=x"s,
                                "n,b=x,n=user,r=x"s,
                                "n,a=bob,n=user,r=x"s,
                                "n,,n=user,r=x\0"s,
                                "n,,n=\xff,r=x"s,
                                "n,,n=user,r="s + std::string(5000, 'r')}) {
        CAPTURE(message);
        CHECK_FALSE(server_of("user", "pencil")->step(as_bytes(message), now));
    }
}

// CVE-2024-56128
TEST_CASE("the server of SCRAM insists on the combined nonce and on the channel binding") {
    const auto ends_with = [](const std::string& from, const std::string& to) {
        const auto server = server_of("user", "pencil");
        const auto exchange = begun();
        auto answer = server->step(as_bytes("n,,n=user,r=" + std::string(client_nonce)), now);
        REQUIRE(answer);
        auto last = sent(*exchange, answer->response.reveal_text());
        if (const auto found = last.find(from); found != last.npos)
            last.replace(found, from.size(), to);
        return server->step(as_bytes(last), now);
    };
    CHECK(ends_with("", ""));
    CHECK_FALSE(ends_with("r=rOpr", "r=rOps"));
    CHECK_FALSE(ends_with("c=biws", "c=eSws"));
    CHECK_FALSE(ends_with("c=biws", "c=x"));
    CHECK_FALSE(ends_with(",p=", ",q="));
    CHECK_FALSE(ends_with(",p=", ",x=y,p="));
    CHECK_FALSE(ends_with(",p=", ",p=AAAA"));
}

TEST_CASE("credentials keep to Kafka's limits") {
    CHECK_FALSE(make_scram_credential(Hash::sha256, Secret("x"), 4095));
    CHECK_FALSE(make_scram_credential(Hash::sha256, Secret("x"), 16385));
    CHECK_FALSE(
        make_scram_credential(Hash::sha256, Secret("x"), 4096, Secret(std::string(1025, 's'))));
    // As an AlterUserScramCredentials request carries it.
    const auto salted = pbkdf2(Hash::sha512, as_bytes("x"), as_bytes("salt"), 4096);
    REQUIRE(salted);
    const auto one = scram_credential_from_salted(Hash::sha512, Secret("salt"), *salted, 4096);
    const auto two = make_scram_credential(Hash::sha512, Secret("x"), 4096, Secret("salt"));
    REQUIRE(one);
    REQUIRE(two);
    CHECK(one->stored_key == two->stored_key);
    CHECK(one->server_key == two->server_key);
}
