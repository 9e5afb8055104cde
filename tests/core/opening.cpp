// SPDX-License-Identifier: Apache-2.0
#include "core/opening.hpp"

#include <algorithm>
#include <functional>
#include <ostream>

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::core;
using namespace std::chrono_literals;
using protocol::ApiVersionsResponse;
using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeRequest;
using protocol::SaslHandshakeResponse;
using Step = Opening::Step;

namespace {

const auto newest = protocol::ApiVersionsRequest::info.stable().max;
const Failure lost_connection(errc::connection_lost, "the peer closed the connection");

template <class Response>
Slice encoded(const Response& response, int version) {
    auto bytes = protocol::encode(response, version);
    REQUIRE(bytes.has_value());
    return Slice::copy_of(bytes->bytes());
}

ApiVersionsResponse offer(std::int16_t api_versions_max = newest) {
    ApiVersionsResponse response;
    response.api_keys = {{.api_key = 3, .max_version = 13},
                         {.api_key = 18, .max_version = api_versions_max},
                         {.api_key = 17, .max_version = 1},
                         {.api_key = 36, .max_version = 2}};
    return response;
}

OpeningPlan plan(bool tls = false, std::string mechanism = "") {
    return {tls, std::move(mechanism), "kafka-asio", "1.2.3"};
}
const OpeningPlan everything = plan(true, "SCRAM-SHA-512");

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// A broker and an executor that do what they should, until a test says otherwise.
struct Script {
    explicit Script(OpeningPlan p) : opening(std::move(p)) { step = opening.start(); }

    // What the peer answers to the question that is asked.
    Slice answer() const {
        const auto question = opening.question();
        if (question.info == &protocol::ApiVersionsRequest::info)
            return encoded(offer(), question.version);
        if (question.info == &SaslHandshakeRequest::info) {
            SaslHandshakeResponse response;
            response.mechanisms = {"PLAIN", "SCRAM-SHA-512"};
            return encoded(response, question.version);
        }
        SaslAuthenticateResponse response;
        response.auth_bytes = Secret(std::string_view("challenge"));
        response.session_lifetime_ms = lifetime;
        return encoded(response, question.version);
    }
    void next() {
        steps.push_back(step);
        switch (step) {
            case Step::send:
                step = opening.answered(answer());
                return;
            case Step::turn:
                challenges.emplace_back(opening.challenge().null()
                                            ? "(none)"
                                            : std::string(as_text(opening.challenge().bytes())));
                step = opening.turned(turns++ < rounds
                                          ? std::optional(Secret(std::string_view("response")))
                                          : std::nullopt);
                return;
            default:
                step = opening.resumed();
        }
    }
    bool over() const { return step == Step::done || step == Step::failed; }
    void run() {
        while (!over())
            next();
    }
    void run_until(Step wanted) {
        while (!over() && step != wanted)
            next();
        REQUIRE(step == wanted);
    }
    // Until the question is asked.
    void run_until(const protocol::MessageInfo& asked) {
        while (!over() && (step != Step::send || opening.question().info != &asked))
            next();
        REQUIRE(step == Step::send);
    }

    Opening opening;
    Step step;
    std::vector<Step> steps;
    std::vector<std::string> challenges;
    int turns = 0;
    int rounds = 2;
    std::int64_t lifetime = 0;
};

}  // namespace

TEST_CASE("without TLS and SASL an opening is: resolve, connect, one question") {
    Script script(plan());
    script.run();
    CHECK(script.step == Step::done);
    CHECK(script.steps == std::vector{Step::resolve, Step::connect, Step::send});
    CHECK(script.opening.versions().api_keys.size() == 4);
    CHECK(script.opening.session_lifetime_ms() == 0);
}

TEST_CASE("with TLS and SASL the steps come in their order, and each answer is a challenge") {
    Script script(everything);
    script.lifetime = 60'000;
    script.run();
    CHECK(script.step == Step::done);
    CHECK(script.steps == std::vector{Step::prepare, Step::resolve, Step::connect, Step::secure,
                                      Step::send,  // ApiVersions
                                      Step::send,  // SaslHandshake
                                      Step::turn, Step::send, Step::turn, Step::send, Step::turn});
    CHECK(script.challenges == std::vector<std::string>{"(none)", "challenge", "challenge"});
    CHECK(script.opening.session_lifetime_ms() == 60'000);
}

TEST_CASE("the questions carry what the plan says, in the newest versions that both sides have") {
    Script script(everything);
    script.run_until(SaslHandshakeRequest::info);
    auto question = script.opening.question();
    CHECK(question.version == 1);
    CHECK(static_cast<const SaslHandshakeRequest*>(question.message)->mechanism == "SCRAM-SHA-512");
    script.run_until(SaslAuthenticateRequest::info);
    question = script.opening.question();
    CHECK(question.version == 2);
    CHECK(static_cast<const SaslAuthenticateRequest*>(question.message)->auth_bytes ==
          Secret(std::string_view("response")));
    CHECK(script.opening.api() == "SaslAuthenticate v2");
}

TEST_CASE("a failure at any step ends the opening, with that failure") {
    const Failure failure(std::make_error_code(std::errc::io_error), "the test said so");
    for (std::size_t at = 0; at < 11; ++at) {
        CAPTURE(at);
        Script script(everything);
        for (std::size_t i = 0; i < at; ++i)
            script.next();
        REQUIRE(!script.over());
        CHECK(!script.opening.doing().empty());
        CHECK(script.opening.failed(failure) == Step::failed);
        CHECK(script.opening.failure().code == std::errc::io_error);
        CHECK(has(script.opening.failure().detail, "the test said so"));
        CHECK(!script.opening.refusal());
    }
}

TEST_CASE("an answer cut at any byte, to any question, is a malformed message that names the API") {
    for (const auto* asked : {&protocol::ApiVersionsRequest::info, &SaslHandshakeRequest::info,
                              &SaslAuthenticateRequest::info}) {
        CAPTURE(asked->api);
        Script probe(everything);
        probe.run_until(*asked);
        const auto whole = probe.answer();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            Script script(everything);
            script.run_until(*asked);
            REQUIRE(script.opening.answered(Slice::copy_of(whole.bytes().first(size))) ==
                    Step::failed);
            CHECK(script.opening.failure().code == errc::malformed_message);
            CHECK(has(script.opening.failure().detail, asked->api));
        }
    }
}

TEST_CASE("resuming out of turn fails instead of going on") {
    Script script(everything);
    CHECK(script.opening.answered(Slice()) == Step::failed);
    Script other(plan());
    other.run_until(Step::send);
    CHECK(other.opening.resumed() == Step::failed);
    Script third(everything);
    CHECK(third.opening.turned(std::nullopt) == Step::failed);
    Script fourth(plan());
    fourth.run();
    CHECK(fourth.opening.reauthenticate() == Step::failed);
}

// Downgrade.

TEST_CASE("a peer that hangs up at ApiVersions is asked less on a new connection") {
    for (const bool tls : {false, true}) {
        CAPTURE(tls);
        Script script(plan(tls));
        script.run_until(Step::send);
        CHECK(script.opening.question().version == newest);
        std::vector<int> versions;
        for (;;) {
            versions.push_back(script.opening.question().version);
            script.step = script.opening.failed(lost_connection);
            if (script.step != Step::connect) break;
            script.run_until(Step::send);
        }
        CHECK(versions == std::vector<int>{newest, 3, 0});
        CHECK(script.opening.failure().code == errc::connection_lost);
    }
}

TEST_CASE("a peer that takes the lower version is spoken to") {
    Script script(plan());
    script.run_until(Step::send);
    script.step = script.opening.failed(lost_connection);
    script.run_until(Step::send);
    CHECK(has(script.opening.doing(), "ApiVersions v3"));
    CHECK(script.opening.answered(encoded(offer(3), 3)) == Step::done);
}

TEST_CASE("a peer that had hung up for another reason is asked again with its best version") {
    Script script(plan());
    script.run_until(Step::send);
    script.step = script.opening.failed(lost_connection);
    script.run_until(Step::send);
    script.step = script.opening.failed(lost_connection);
    script.run_until(Step::send);
    CHECK(script.opening.question().version == 0);
    CHECK(script.opening.answered(encoded(offer(newest), 0)) == Step::send);
    CHECK(script.opening.question().version == newest);
    SUBCASE("which it then answers") {
        CHECK(script.opening.answered(encoded(offer(newest), newest)) == Step::done);
    }
    SUBCASE("at which it hangs up again: version 0 must do") {
        script.step = script.opening.failed(lost_connection);
        script.run_until(Step::send);
        CHECK(script.opening.question().version == 0);
        CHECK(script.opening.answered(encoded(offer(newest), 0)) == Step::done);
    }
}

TEST_CASE("only a loss before any byte of an answer is a matter of the version") {
    SUBCASE("bytes had come") {
        Script script(plan());
        script.run_until(Step::send);
        CHECK(script.opening.failed(lost_connection, true) == Step::failed);
    }
    SUBCASE("another failure") {
        Script script(plan());
        script.run_until(Step::send);
        CHECK(script.opening.failed({errc::not_kafka, "HTTP"}) == Step::failed);
    }
    SUBCASE("during SASL") {
        Script script(everything);
        script.run_until(SaslHandshakeRequest::info);
        CHECK(script.opening.failed(lost_connection) == Step::failed);
        CHECK(has(script.opening.failure().detail, "SASL SCRAM-SHA-512"));
    }
    SUBCASE("during the TLS handshake") {
        Script script(everything);
        script.run_until(Step::secure);
        CHECK(script.opening.failed(lost_connection) == Step::failed);
    }
}

TEST_CASE("error 35 in the form of version 0 is followed on the same connection") {
    Script script(plan());
    script.run_until(Step::send);
    auto refusal = offer(2);
    refusal.error_code = 35;
    CHECK(script.opening.answered(encoded(refusal, 0)) == Step::send);
    CHECK(script.opening.question().version == 2);
    CHECK(script.opening.answered(encoded(offer(2), 2)) == Step::done);
}

TEST_CASE("TLS on one side only is named for what it probably is") {
    SUBCASE("here") {
        Script script(plan(true));
        script.run_until(Step::secure);
        script.opening.failed(lost_connection);
        CHECK(has(script.opening.failure().detail, "plaintext listener"));
    }
    SUBCASE("there") {
        Script script(plan());
        script.run_until(Step::send);
        while (script.opening.failed(lost_connection) == Step::connect) {
            script.step = Step::connect;
            script.run_until(Step::send);
        }
        CHECK(has(script.opening.failure().detail, "TLS listener"));
        CHECK(has(script.opening.failure().detail, "SASL_SSL"));
    }
    SUBCASE("but not where bytes had come") {
        Script script(plan(true));
        script.run_until(Step::secure);
        script.opening.failed(lost_connection, true);
        CHECK(!has(script.opening.failure().detail, "plaintext"));
    }
}

// SASL.

namespace {

Step mechanism_answer(Script& script, std::int16_t error, std::vector<std::string> mechanisms) {
    script.run_until(SaslHandshakeRequest::info);
    SaslHandshakeResponse response;
    response.error_code = error;
    response.mechanisms = std::move(mechanisms);
    return script.opening.answered(encoded(response, 1));
}

}  // namespace

TEST_CASE("a mechanism that the broker lacks is refused with those that it has") {
    Script script(everything);
    CHECK(mechanism_answer(script, 33, {"PLAIN", "GSSAPI"}) == Step::failed);
    CHECK(script.opening.failure().code == errc::sasl_mechanism_unsupported);
    CHECK(script.opening.failure().detail ==
          "the broker offers PLAIN, GSSAPI and not SCRAM-SHA-512");
}

TEST_CASE("BI-109: lists of mechanisms that are empty, long or hostile make a short sentence") {
    Script empty(everything);
    CHECK(mechanism_answer(empty, 33, {}) == Step::failed);
    CHECK(has(empty.opening.failure().detail, "no SASL mechanism"));
    Script many(everything);
    CHECK(mechanism_answer(many, 33, std::vector<std::string>(10'000, std::string(1, '\0'))) ==
          Step::failed);
    CHECK(has(many.opening.failure().detail, "\\x00"));
    CHECK(has(many.opening.failure().detail, "9984 more"));
    CHECK(many.opening.failure().detail.size() < 1024);
}

TEST_CASE("a listener without SASL is named for what it is") {
    Script script(everything);
    CHECK(mechanism_answer(script, 34, {}) == Step::failed);
    CHECK(script.opening.failure().code == broker_errc::illegal_sasl_state);
    CHECK(has(script.opening.failure().detail, "takes no SASL"));
}

TEST_CASE("a broker without the SASL requests is refused before any is sent") {
    for (const std::ptrdiff_t missing : {2, 3}) {
        Script script(everything);
        script.run_until(Step::send);
        auto versions = offer();
        versions.api_keys.erase(versions.api_keys.begin() + missing);
        CHECK(script.opening.answered(encoded(versions, newest)) == Step::failed);
        CHECK(script.opening.failure().code == errc::unsupported_api);
    }
}

TEST_CASE("what the broker says of an exchange is kept as it came, and escaped in the failure") {
    Script script(everything);
    script.run_until(SaslAuthenticateRequest::info);
    SaslAuthenticateResponse response;
    response.error_code = 58;
    response.error_message = "bad\n\x1b[31m" + std::string(10'000, 'x');
    CHECK(script.opening.answered(encoded(response, 2)) == Step::failed);
    CHECK(script.opening.failure().code == broker_errc::sasl_authentication_failed);
    CHECK(has(script.opening.failure().detail, "bad\\x0a\\x1b"));
    CHECK(script.opening.failure().detail.size() <= 512);
    REQUIRE(script.opening.refusal());
    CHECK(*script.opening.refusal() == *response.error_message);
}

TEST_CASE("BI-110: null authentication bytes are malformed") {
    Script script(everything);
    script.run_until(SaslAuthenticateRequest::info);
    // error 0, message null, bytes null (compact), lifetime, no tags
    const std::uint8_t body[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(script.opening.answered(Slice::copy_of(body)) == Step::failed);
    CHECK(script.opening.failure().code == errc::malformed_message);
}

TEST_CASE("an exchange without end is ended") {
    Script script(everything);
    script.rounds = 1'000'000;
    script.run();
    CHECK(script.step == Step::failed);
    CHECK(script.opening.failure().code == errc::sasl_authentication_failed);
    CHECK(script.turns == Opening::most_rounds + 1);
}

TEST_CASE("an exchange that is done before it sent anything proves nothing") {
    Script script(everything);
    script.rounds = 0;
    script.run();
    CHECK(script.step == Step::failed);
    CHECK(script.opening.failure().code == errc::sasl_authentication_failed);
}

// Re-authentication.

TEST_CASE("authenticating anew is SASL alone, with a fresh exchange") {
    Script script(everything);
    script.lifetime = 60'000;
    script.run();
    REQUIRE(script.step == Step::done);
    script.steps.clear();
    script.challenges.clear();
    script.turns = 0;
    script.lifetime = 70'000;
    script.step = script.opening.reauthenticate();
    script.run();
    CHECK(script.step == Step::done);
    CHECK(script.steps ==
          std::vector{Step::send, Step::turn, Step::send, Step::turn, Step::send, Step::turn});
    CHECK(script.challenges.front() == "(none)");
    CHECK(script.opening.session_lifetime_ms() == 70'000);
}

TEST_CASE("a refusal to authenticate anew is the broker's error") {
    Script script(everything);
    script.run();
    script.step = script.opening.reauthenticate();
    script.turns = 0;
    script.run_until(SaslAuthenticateRequest::info);
    SaslAuthenticateResponse response;
    response.error_code = 58;
    CHECK(script.opening.answered(encoded(response, 2)) == Step::failed);
    CHECK(script.opening.failure().code == broker_errc::sasl_authentication_failed);
}

TEST_CASE("the time to authenticate anew lies between 85 and 95 percent of the lifetime") {
    const Time start = Time{} + 1h;
    CHECK(reauthentication_time(100'000, start, 0.0) == start + 85s);
    CHECK(reauthentication_time(100'000, start, 0.5) == start + 90s);
    CHECK(reauthentication_time(100'000, start, 0.999) < start + 95s);
    CHECK(reauthentication_time(100'000, start, 7.0) == start + 95s);
}

TEST_CASE("BI-111: lifetimes that are negative, tiny or endless do no harm") {
    const Time start = Time{} + 1h;
    CHECK(reauthentication_time(0, start, 0.5) == never);
    CHECK(reauthentication_time(-1, start, 0.5) == never);
    CHECK(reauthentication_time(INT64_MIN, start, 0.5) == never);
    CHECK(reauthentication_time(1, start, 0.5) == start + 1s);
    CHECK(reauthentication_time(INT64_MAX, start, 0.0) == never);
    CHECK(reauthentication_time(INT64_MAX / 1000, start, 0.0) == never);
}
