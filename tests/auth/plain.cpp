// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "auth/server.hpp"
#include "auth/support.hpp"

using namespace std::string_literals;
using namespace kafka::auth::test;
using kafka::errc;
using kafka::Secret;
using kafka::sasl::make_mechanism;
using kafka::sasl::Plain;

TEST_CASE("PLAIN sends the user and the password with NULs between and is done with the answer") {
    const auto mechanism = make_mechanism(Plain{"alice", Secret("s3cret")});
    CHECK(mechanism->name() == "PLAIN");
    CHECK(mechanism->reveals_secret());
    const auto exchange = start(mechanism);
    CHECK_FALSE(exchange->blocks(now));
    CHECK(sent(*exchange) == "\0alice\0s3cret"s);
    const auto last = step(*exchange, "");
    REQUIRE(last);
    CHECK(last->done);
    CHECK_FALSE(exchange->expires());
}

TEST_CASE("PLAIN sends an authorization id where one is given") {
    const auto exchange = start(make_mechanism(Plain{"alice", Secret("s3cret"), "bob"}));
    CHECK(sent(*exchange) == "bob\0alice\0s3cret"s);
}

TEST_CASE("PLAIN takes no challenge from the broker") {
    const auto exchange = start(make_mechanism(Plain{"alice", Secret("s3cret")}));
    sent(*exchange);
    CHECK(contains(refused(*exchange, "and now?"), "sent a challenge"));
}

TEST_CASE("PLAIN refuses a configuration that could not be sent") {
    const auto code = [](Plain config) {
        const auto exchange = make_mechanism(std::move(config))->start(peer);
        REQUIRE_FALSE(exchange);
        return exchange.failure().code;
    };
    CHECK(code({"", Secret("x")}) == errc::invalid_argument);
    CHECK(code({"alice", Secret()}) == errc::invalid_argument);
    CHECK(code({"al\0ice"s, Secret("x")}) == errc::invalid_argument);
    CHECK(code({"alice", Secret("x\0y"s)}) == errc::invalid_argument);
    CHECK(code({"alice", Secret("\xff")}) == errc::invalid_argument);
    CHECK(code({"alice", Secret("x"), "\xc0\x80"}) == errc::invalid_argument);
}

TEST_CASE("a password appears neither in the printed configuration nor in any failure") {
    const Plain config{"alice", Secret("canary-password")};
    const auto mechanism = make_mechanism(config);
    CHECK(to_string(config) == "PLAIN user=alice password=****");
    CHECK(mechanism->to_string() == to_string(config));
    const auto exchange = start(mechanism);
    sent(*exchange);
    const auto failure = exchange->refused(kafka::broker_errc::sasl_authentication_failed,
                                           "canary-password is wrong\nfor canary-password");
    CHECK(failure.code == errc::sasl_authentication_failed);
    CHECK(failure.detail == "the broker refused: **** is wrong\\x0afor ****");
}

TEST_CASE("what a broker says of another error keeps its code") {
    const auto exchange = start(make_mechanism(Plain{"alice", Secret("x")}));
    CHECK(exchange->refused(kafka::broker_errc::illegal_sasl_state, "").code ==
          kafka::broker_errc::illegal_sasl_state);
}

namespace {

kafka::auth::PasswordLookup one_user() {
    return [](std::string_view user) -> std::optional<Secret> {
        if (user == "alice") return Secret("s3cret");
        return std::nullopt;
    };
}

}  // namespace

TEST_CASE("the server of PLAIN lets in who knows the password") {
    const auto server = kafka::auth::make_plain_server(one_user());
    const auto exchange = start(make_mechanism(Plain{"alice", Secret("s3cret")}));
    const auto verdict = server->step(kafka::as_bytes(sent(*exchange)), now);
    REQUIRE(verdict);
    CHECK(verdict->done);
    CHECK(verdict->response.empty());
    CHECK(server->user() == "alice");
    CHECK_FALSE(server->step(kafka::as_bytes("\0alice\0s3cret"s), now));
}

TEST_CASE("the server of PLAIN refuses all others") {
    for (const auto& message :
         {""s, "alice"s, "\0alice"s, "\0alice\0"s, "\0\0s3cret"s, "\0alice\0wrong"s,
          "\0bob\0s3cret"s, "bob\0alice\0s3cret"s, "\0alice\0s3cret\0"s, "\0alice\0s3cre"s}) {
        CAPTURE(message);
        const auto server = kafka::auth::make_plain_server(one_user());
        const auto verdict = server->step(kafka::as_bytes(message), now);
        REQUIRE_FALSE(verdict);
        CHECK_FALSE(contains(verdict.failure().detail, "s3cret"));
        CHECK(server->user().empty());
    }
}
