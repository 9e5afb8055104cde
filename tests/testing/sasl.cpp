// SPDX-License-Identifier: Apache-2.0
#include <kafka/sasl.hpp>
#include <kafka/sasl_oauth.hpp>

#include "auth/crypto.hpp"
#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataRequest;
using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeRequest;

BrokerOptions guarded(std::chrono::milliseconds max_session = 0ms) {
    BrokerSasl sasl;
    sasl.users = {{"alice", "secret"}, {"bob", "hidden"}};
    sasl.max_session = max_session;
    return {.topics = {}, .sasl = sasl};
}

struct SaslFixture : CoreFixture {
    explicit SaslFixture(BrokerOptions options = guarded()) : CoreFixture(std::move(options)) {}

    protocol::SaslHandshakeResponse shake(std::string mechanism, int version = 1) {
        return ask(SaslHandshakeRequest{.mechanism = std::move(mechanism)}, version);
    }
    SaslAuthenticateResponse token(std::string_view text, int version = 2) {
        return ask(SaslAuthenticateRequest{.auth_bytes = protocol::Secret(text)}, version);
    }
    SaslAuthenticateResponse plain(const std::string& user, const std::string& password) {
        CHECK(shake("PLAIN").error_code == 0);
        using namespace std::string_literals;
        return token("\0"s + user + "\0"s + password);
    }
    // The library's own mechanism against the broker's; the last answer.
    SaslAuthenticateResponse run(const sasl::MechanismPtr& mechanism) {
        REQUIRE(mechanism);
        CHECK(shake(std::string(mechanism->name())).error_code == 0);
        auto exchange = mechanism->start({"localhost", 9092});
        REQUIRE(exchange);
        const sasl::Time wall(std::chrono::milliseconds(now.wall_ms));
        std::vector<std::uint8_t> challenge;
        SaslAuthenticateResponse answer;
        for (;;) {
            auto step = (*exchange)->step(challenge, wall);
            REQUIRE_MESSAGE(step, step.failure().message());
            if (step->done) return answer;
            answer = ask(SaslAuthenticateRequest{.auth_bytes = step->response}, 2);
            if (answer.error_code != 0) return answer;
            const auto bytes = answer.auth_bytes.reveal();
            challenge.assign(bytes.begin(), bytes.end());
        }
    }
    bool served() {
        send(MetadataRequest{}, 12);
        if (closed()) return false;
        return take<protocol::MetadataResponse>(12).brokers.size() == 3;
    }
    const std::string& principal() {
        core.record(true);
        REQUIRE(served());
        return core.history().back().principal;
    }
};

}  // namespace

TEST_CASE("nobody is served before it has logged in, but for ApiVersions") {
    SaslFixture f;
    protocol::ApiVersionsRequest versions;
    versions.client_software_name = "test";
    versions.client_software_version = "1";
    CHECK(f.ask(versions, 3).error_code == 0);
    CHECK(!f.served());
    CHECK(f.closed());
}

TEST_CASE("a client logs in with each mechanism of the library") {
    sasl::MechanismPtr mechanism;
    std::string user = "User:alice";
    SUBCASE("PLAIN") {
        mechanism = sasl::make_mechanism(sasl::Plain{"alice", Secret(std::string_view("secret"))});
    }
    SUBCASE("SCRAM-SHA-256") {
        if (!auth::crypto_available()) return;
        mechanism = sasl::make_mechanism(sasl::Scram{.user = "alice",
                                                     .password = Secret(std::string_view("secret")),
                                                     .hash = sasl::Scram::Hash::sha256});
    }
    SUBCASE("SCRAM-SHA-512") {
        if (!auth::crypto_available()) return;
        mechanism = sasl::make_mechanism(
            sasl::Scram{.user = "alice", .password = Secret(std::string_view("secret"))});
    }
    SaslFixture f;
    CHECK(f.run(mechanism).error_code == 0);
    CHECK(f.principal() == user);
    CHECK(f.token("again").error_code == code(broker_errc::illegal_sasl_state));
    CHECK(!f.closed());
}

TEST_CASE("a client logs in with an unsigned token, and must do so again before it ends") {
    SaslFixture f;
    f.shake("OAUTHBEARER");
    // {"alg":"none"} . {"sub":"carol","iat":1699999000,"exp":1700000060}
    const auto answer = f.token(
        "n,,\1auth=Bearer eyJhbGciOiJub25lIn0."
        "eyJzdWIiOiJjYXJvbCIsImlhdCI6MTY5OTk5OTAwMCwiZXhwIjoxNzAwMDAwMDYwfQ.\1\1");
    REQUIRE_MESSAGE(answer.error_code == 0, answer.error_message.value_or(""));
    CHECK(answer.session_lifetime_ms == 60'000);
    CHECK(f.principal() == "User:carol");
    f.pass(60s);
    CHECK(!f.served());
}

TEST_CASE("a wrong password is refused, and the connection ends behind the answer") {
    for (const auto* password : {"wrong", ""}) {
        SaslFixture f;
        const auto answer = f.plain("alice", password);
        CHECK(answer.error_code == code(broker_errc::sasl_authentication_failed));
        CHECK(!answer.error_message.value_or("").empty());
        CHECK(f.closed());
    }
    if (!auth::crypto_available()) return;
    SaslFixture f;
    CHECK(f.run(sasl::make_mechanism(
                    sasl::Scram{.user = "alice", .password = Secret(std::string_view("wrong"))}))
              .error_code == code(broker_errc::sasl_authentication_failed));
    CHECK(f.closed());
}

TEST_CASE("a mechanism that is not offered is refused with those that are") {
    SaslFixture f;
    const auto answer = f.shake("GSSAPI");
    CHECK(answer.error_code == code(broker_errc::unsupported_sasl_mechanism));
    CHECK(answer.mechanisms.size() == 4);
    CHECK(f.closed());
}

TEST_CASE("messages out of order end the connection") {
    SUBCASE("a token before the mechanism") {
        SaslFixture f;
        f.send(SaslAuthenticateRequest{}, 2);
        CHECK(f.closed());
        CHECK(!f.answered());
    }
    SUBCASE("another request in the middle") {
        SaslFixture f;
        f.shake("PLAIN");
        f.send(protocol::FindCoordinatorRequest{}, 3);
        CHECK(f.take<protocol::FindCoordinatorResponse>(3).error_code ==
              code(broker_errc::illegal_sasl_state));
        CHECK(f.closed());
    }
}

TEST_CASE("where nobody has to log in nobody may") {
    CoreFixture f;
    CHECK(f.ask(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1).error_code ==
          code(broker_errc::illegal_sasl_state));
    CHECK(f.ask(SaslAuthenticateRequest{}, 2).error_code == code(broker_errc::illegal_sasl_state));
    CHECK(f.ask(MetadataRequest{}, 12).brokers.size() == 3);
}

TEST_CASE("old clients send tokens without a header") {
    SaslFixture f;
    CHECK(f.shake("PLAIN", 0).error_code == 0);
    using namespace std::string_literals;
    const auto token = "\0alice\0secret"s;
    f.send_raw(as_bytes(token));
    REQUIRE(f.answered());
    CHECK(f.frames[1].front().size() == 4);  // an empty token
    f.frames[1].clear();
    CHECK(f.served());
}

TEST_CASE("a session ends unless the client logs in again, as the same") {
    SaslFixture f(guarded(10s));
    CHECK(f.plain("alice", "secret").session_lifetime_ms == 10'000);
    SUBCASE("it does") {
        f.pass(9s);
        CHECK(f.plain("alice", "secret").session_lifetime_ms == 10'000);
        f.pass(9s);
        CHECK(f.served());
        f.pass(2s);
        CHECK(f.plain("alice", "secret").error_code == 0);  // late, but in time for the request
        CHECK(f.served());
    }
    SUBCASE("it does not") {
        f.pass(10s);
        CHECK(!f.served());
    }
    SUBCASE("as somebody else") {
        f.pass(9s);
        const auto answer = f.plain("bob", "hidden");
        CHECK(answer.error_code == code(broker_errc::sasl_authentication_failed));
        CHECK(answer.error_message.value_or("").find("User:bob") != std::string::npos);
        CHECK(f.closed());
    }
    SUBCASE("with another mechanism") {
        f.pass(9s);
        CHECK(f.shake("SCRAM-SHA-256").error_code == 0);
        CHECK(f.token("n,,n=alice,r=x").error_code ==
              code(broker_errc::sasl_authentication_failed));
        CHECK(f.closed());
    }
    SUBCASE("too soon") {
        f.pass(500ms);
        CHECK(f.shake("PLAIN").error_code == code(broker_errc::illegal_sasl_state));
        CHECK(f.served());
    }
    SUBCASE("with a password that was changed") {
        f.core.set_password("alice", "new");
        f.pass(9s);
        CHECK(f.plain("alice", "secret").error_code ==
              code(broker_errc::sasl_authentication_failed));
    }
}

TEST_CASE("rules act on logins as on everything else") {
    SaslFixture f;
    REQUIRE(f.core.add_rule(
        Rule::on<SaslAuthenticateRequest>().once().error(broker_errc::sasl_authentication_failed)));
    CHECK(f.plain("alice", "secret").error_code == code(broker_errc::sasl_authentication_failed));
    CHECK(f.closed());
}

TEST_CASE("the answer of a failed login is held by a rule, and the connection ends behind it") {
    SaslFixture f;
    REQUIRE(f.core.add_rule(Rule::on<SaslAuthenticateRequest>().delay_answer(50ms)));
    f.shake("PLAIN");
    f.send(SaslAuthenticateRequest{.auth_bytes = protocol::Secret(std::string_view("x"))}, 2);
    CHECK(!f.answered());
    CHECK(!f.closed());
    f.pass(50ms);
    CHECK(f.take<SaslAuthenticateResponse>(2).error_code ==
          code(broker_errc::sasl_authentication_failed));
    CHECK(f.closed());
}
