// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <kafka/sasl_oauth.hpp>

#include "auth/base64.hpp"
#include "auth/server.hpp"
#include "auth/support.hpp"
#include "auth/token.hpp"

using namespace std::string_literals;
using namespace kafka::auth;
using namespace kafka::auth::test;
using namespace kafka::sasl;
using kafka::as_bytes;
using kafka::errc;
using kafka::Failure;
using kafka::Result;
using kafka::Secret;
using std::chrono::seconds;

namespace {

std::string jwt(std::string_view claims, std::string_view header = R"({"alg":"none"})",
                std::string_view signature = "") {
    return base64(as_bytes(header), Base64::url) + "." + base64(as_bytes(claims), Base64::url) +
           "." + std::string(signature);
}

OAuthBearer with_token(std::string_view text, std::map<std::string, std::string> extensions = {}) {
    return {fixed_token({Secret(text), std::nullopt, std::move(extensions)})};
}

std::string fails_with(OAuthBearer config) {
    const auto exchange = start(make_mechanism(std::move(config)));
    const auto result = step(*exchange, "");
    REQUIRE_FALSE(result);
    return result.failure().detail;
}

}  // namespace

TEST_CASE("OAUTHBEARER sends the token and its extensions, and is done with an empty answer") {
    const auto mechanism =
        make_mechanism(with_token("abc.def", {{"traceId", "123"}, {"logicalCluster", "lkc-1"}}));
    CHECK(mechanism->name() == "OAUTHBEARER");
    CHECK(mechanism->reveals_secret());
    const auto exchange = start(mechanism);
    CHECK(exchange->blocks(now));
    CHECK(sent(*exchange) == "n,,\1auth=Bearer abc.def\1logicalCluster=lkc-1\1traceId=123\1\1");
    CHECK_FALSE(exchange->blocks(now));
    const auto last = step(*exchange, "");
    REQUIRE(last);
    CHECK(last->done);
    refused(*exchange, "");
}

TEST_CASE("an authorization id is escaped into the header") {
    auto config = with_token("abc");
    config.authorization_id = "a,b=c";
    CHECK(sent(*start(make_mechanism(config))) == "n,a=a=2Cb=3Dc,\1auth=Bearer abc\1\1");
}

TEST_CASE("the broker's reason is answered with one byte and told with its refusal") {
    const auto exchange = start(make_mechanism(with_token("canary-token")));
    sent(*exchange);
    CHECK(
        sent(
            *exchange,
            R"({"status":"invalid_token canary-token","scope":"a\nb","openid-configuration":"u"})") ==
        "\1");
    const auto failure =
        exchange->refused(kafka::broker_errc::sasl_authentication_failed, "no canary-token");
    CHECK(failure.code == errc::sasl_authentication_failed);
    CHECK(failure.detail ==
          "the broker refused: no ****; status: invalid_token ****, scope: a\\x0ab, "
          "openid-configuration: u");
    // A broker that goes on after that does not follow the protocol.
    refused(*exchange, "");
}

TEST_CASE("a reason that is no JSON or too large does not get through") {
    auto exchange = start(make_mechanism(with_token("abc")));
    sent(*exchange);
    CHECK(sent(*exchange, "<html>") == "\1");
    CHECK(contains(exchange->refused(kafka::broker_errc::sasl_authentication_failed, "").detail,
                   "its reason is no JSON"));
    exchange = start(make_mechanism(with_token("abc")));
    sent(*exchange);
    CHECK(contains(refused(*exchange, std::string(1 << 20, ' ')), "too large"));
}

TEST_CASE("BI-124: a token that is empty, too large, malformed or expired is not sent") {
    CHECK(contains(fails_with(with_token("")), "empty"));
    CHECK(contains(fails_with(with_token(std::string(1 << 20, 'a'))), "256 KiB"));
    for (const auto& text : {"a b"s, "a\1b"s, "a\0b"s, "=a"s, "a=b"s, "ä"s, "a,b"s, "a\n"s}) {
        CAPTURE(text);
        CHECK(contains(fails_with(with_token(text)), "characters"));
    }
    CHECK(contains(fails_with(with_token(jwt(R"({"exp":1699999990})"))), "expired 10 s ago"));
    CHECK(contains(fails_with(with_token(jwt(R"({"exp":1700000000})"))), "expired 0 s ago"));
    CHECK(contains(fails_with(with_token(jwt(R"({"exp":-1e300})"))), "expired"));
}

TEST_CASE("the end of a token is read from it where it can be") {
    const auto ends = [](std::string_view text) {
        const auto exchange = start(make_mechanism(with_token(text)));
        sent(*exchange);
        CHECK_FALSE(exchange->expires());  // not before success
        REQUIRE(step(*exchange, ""));
        return exchange->expires();
    };
    CHECK(ends(jwt(R"({"exp":1700000100})")) == at(1'700'000'100));
    CHECK(ends(jwt(R"({"exp":1700000100.9})", R"({"alg":"RS256"})", "c2ln")) == at(1'700'000'100));
    CHECK(ends(jwt(R"({"exp":1e300})")) > at(8'000'000'000));
    CHECK_FALSE(ends(jwt(R"({"sub":"x"})")));
    CHECK_FALSE(ends(jwt(R"({"exp":"soon"})")));
    CHECK_FALSE(ends(jwt(R"({"exp":1700000100,"exp":1800000000})")));
    CHECK_FALSE(ends("opaque"));
    CHECK_FALSE(ends("two.parts"));
    CHECK_FALSE(ends("a.b.c"));
    CHECK_FALSE(ends("..."));
}

TEST_CASE("extensions that could not be sent are refused") {
    for (const auto& extension : std::map<std::string, std::string>{
             {"auth", "x"}, {"", "x"}, {"a1", "x"}, {"a b", "x"}, {"empty", ""}, {"ctl", "a\1b"}}) {
        CAPTURE(extension.first);
        CHECK(contains(fails_with(with_token("abc", {extension})), "extension"));
    }
}

TEST_CASE("OAUTHBEARER refuses a configuration that cannot work") {
    const auto good = with_token("abc");
    const auto refused_config = [&](auto change) {
        auto config = good;
        change(config);
        const auto exchange = make_mechanism(std::move(config))->start(peer);
        return !exchange && exchange.failure().code == errc::invalid_argument;
    };
    CHECK_FALSE(refused_config([](OAuthBearer&) {}));
    CHECK(refused_config([](OAuthBearer& c) { c.provider = nullptr; }));
    CHECK(refused_config([](OAuthBearer& c) { c.refresh_at = 0.09; }));
    CHECK(refused_config([](OAuthBearer& c) { c.refresh_at = 1.1; }));
    CHECK(refused_config([](OAuthBearer& c) { c.refresh_at = std::nan(""); }));
    CHECK(refused_config([](OAuthBearer& c) { c.retry_after = seconds(-1); }));
    CHECK(refused_config([](OAuthBearer& c) { c.expiry_margin = seconds::max(); }));
    CHECK(refused_config([](OAuthBearer& c) { c.authorization_id = "\xff"; }));
}

TEST_CASE("what a provider fails with reaches the user, an exception too") {
    CHECK(fails_with({[](Time) -> Result<Token> {
              return Failure(errc::sasl_authentication_failed, "no network");
          }}) == "no network");
    CHECK(fails_with({[](Time) -> Result<Token> { throw std::runtime_error("no\nluck"); }}) ==
          "the token provider threw: no\\x0aluck");
    CHECK(fails_with({[](Time) -> Result<Token> { throw 1; }}) == "the token provider threw");
}

namespace {

// Hands out tokens of 100 s, counts, and fails when told.
struct Source {
    std::atomic<int> calls{0};
    std::atomic<bool> broken{false};

    TokenProvider provider() {
        return [this](Time time) -> Result<Token> {
            const auto number = ++calls;
            if (broken) return Failure(errc::sasl_authentication_failed, "broken");
            return Token{Secret("token" + std::to_string(number)), time + seconds(100)};
        };
    }
};

std::string token_at(const MechanismPtr& mechanism, Time time) {
    const auto exchange = start(mechanism);
    const auto result = step(*exchange, "", time);
    if (!result) return result.failure().detail;
    const std::string text(result->response.reveal_text());
    const auto begin = text.find("token");
    return text.substr(begin, text.find('\1', begin) - begin);
}

}  // namespace

TEST_CASE("one token serves all connections until most of its life is over") {
    Source source;
    const auto mechanism = make_mechanism(OAuthBearer{source.provider()});
    CHECK(start(mechanism)->blocks(now));
    CHECK(token_at(mechanism, now) == "token1");
    CHECK_FALSE(start(mechanism)->blocks(now + seconds(79)));
    CHECK(token_at(mechanism, now + seconds(79)) == "token1");
    CHECK(start(mechanism)->blocks(now + seconds(80)));
    CHECK(token_at(mechanism, now + seconds(80)) == "token2");
    CHECK(source.calls == 2);
}

TEST_CASE("a failed refresh leaves the old token in use while it is good") {
    Source source;
    const auto mechanism = make_mechanism(OAuthBearer{source.provider()});
    token_at(mechanism, now);
    source.broken = true;
    CHECK(token_at(mechanism, now + seconds(80)) == "token1");
    CHECK(token_at(mechanism, now + seconds(89)) == "token1");
    CHECK(source.calls == 2);
    CHECK(token_at(mechanism, now + seconds(90)) == "token1");
    CHECK(source.calls == 3);
    CHECK(token_at(mechanism, now + seconds(95)) == "broken");
    source.broken = false;
    CHECK(token_at(mechanism, now + seconds(96)) == "token5");
}

TEST_CASE("a token that a broker refused is not used again") {
    Source source;
    const auto mechanism = make_mechanism(OAuthBearer{source.provider()});
    const auto exchange = start(mechanism);
    sent(*exchange);
    CHECK(exchange->refused(kafka::broker_errc::sasl_authentication_failed, "revoked"));
    CHECK(token_at(mechanism, now) == "token2");
    // A late refusal of the first does not take the second away.
    CHECK(exchange->refused(kafka::broker_errc::sasl_authentication_failed, "revoked"));
    CHECK(token_at(mechanism, now) == "token2");
}

TEST_CASE("a token whose end nobody knows is fetched each time") {
    int calls = 0;
    const auto mechanism = make_mechanism(OAuthBearer{
        [&](Time) -> Result<Token> { return Token{Secret("token" + std::to_string(++calls))}; }});
    CHECK(token_at(mechanism, now) == "token1");
    CHECK(token_at(mechanism, now) == "token2");
}

TEST_CASE("many threads that need a token at once cause one fetch, or share one failure") {
    for (const bool broken : {false, true}) {
        Source source;
        source.broken = broken;
        std::atomic<bool> inside{false};
        std::atomic<int> overlaps{0};
        const auto mechanism = make_mechanism(OAuthBearer{[&](Time time) -> Result<Token> {
            if (inside.exchange(true)) ++overlaps;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            auto token = source.provider()(time);
            inside = false;
            return token;
        }});
        std::vector<std::thread> threads;
        std::atomic<int> answered{0};
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                auto exchange = mechanism->start(peer);
                const auto result = (*exchange)->step({}, now);
                if (result.has_value() != broken) ++answered;
            });
        }
        for (auto& thread : threads)
            thread.join();
        CHECK(answered == 8);
        CHECK(overlaps == 0);
        if (!broken) CHECK(source.calls == 1);
    }
}

TEST_CASE("neither a printed configuration nor a printed token shows the token") {
    const auto config = with_token("canary-token");
    CHECK(to_string(config) == "OAUTHBEARER");
    CHECK(make_mechanism(config)->to_string() == "OAUTHBEARER");
    CHECK(to_string(Token{Secret("canary-token"), at(5), {{"a", "b"}}}) ==
          "token value=**** expires=5 a=b");
    CHECK_FALSE(contains(fails_with(with_token("canary token")), "canary"));
}

TEST_CASE("unsecured tokens are JWTs that sign nothing") {
    const auto token = unsecured_token({"ali\"ce", "read write", seconds(60)})(now);
    REQUIRE(token);
    CHECK(token->expires == now + seconds(60));
    CHECK(token->value.reveal_text().ends_with("."));
    const auto read = read_jwt(token->value.reveal_text());
    REQUIRE(read);
    CHECK(read->header.text("alg")->reveal_text() == "none");
    CHECK(read->claims.text("sub")->reveal_text() == "ali\"ce");
    CHECK(read->claims.text("scope")->reveal_text() == "read write");
    CHECK(*read->claims.number("iat") == 1'700'000'000);
    CHECK(*read->claims.number("exp") == 1'700'000'060);
    CHECK_FALSE(unsecured_token({""})(now));
    CHECK_FALSE(unsecured_token({"x", "", seconds(0)})(now));
    CHECK_FALSE(unsecured_token({"x", "", seconds::max()})(now));
}

TEST_CASE("BI-124: a JWT that cannot be read is refused without showing any of it") {
    const auto claims = base64(as_bytes(R"({"sub":"x"})"), Base64::url);
    for (const auto& text :
         {""s, "canary"s, ".."s, "canary.canary"s, "a.b.c.d"s, "e30." + claims + ".c.", "e30..x"s,
          "." + claims + ".", "e30." + claims + "=.", "W10." + claims + ".",
          "e30." + base64(as_bytes("{\"canary\":"), Base64::url) + ".",
          "e30." + base64(as_bytes("\x1f\x8b\x08\x01"), Base64::url) + ".",
          std::string(1 << 20, 'a') + ".b.c"}) {
        CAPTURE(text);
        const auto read = read_jwt(text);
        REQUIRE_FALSE(read);
        CHECK(read.failure().code == errc::malformed_message);
        CHECK_FALSE(contains(read.failure().detail, "canary"));
    }
}

TEST_CASE("client and server of OAUTHBEARER agree on unsecured tokens") {
    const auto exchange =
        start(make_mechanism(OAuthBearer{unsecured_token({"alice", "read write"})}));
    const auto server = make_oauth_server({"write read"});
    const auto verdict = server->step(as_bytes(sent(*exchange)), now);
    REQUIRE(verdict);
    CHECK(verdict->done);
    CHECK(verdict->response.empty());
    CHECK(server->user() == "alice");
    CHECK(server->expires() == now + seconds(3600));
}

TEST_CASE("the server of OAUTHBEARER says why, waits for the byte and refuses") {
    const auto status = [](std::string_view token, UnsecuredValidation options = {}) {
        const auto server = make_oauth_server(std::move(options));
        auto verdict =
            server->step(as_bytes("n,,\1auth=Bearer " + std::string(token) + "\1\1"), now);
        REQUIRE(verdict);
        if (verdict->done) return "good"s;
        const std::string text(verdict->response.reveal_text());
        verdict = server->step(as_bytes("\1"), now);
        REQUIRE_FALSE(verdict);
        CHECK(verdict.failure().detail == text);
        CHECK(server->user().empty());
        return text;
    };
    const auto invalid = R"({"status":"invalid_token"})"s;
    const auto good = R"({"sub":"alice","exp":1700000001,"scope":"a b"})"s;
    CHECK(status(jwt(good)) == "good");
    CHECK(status(jwt(good), {"b"}) == "good");
    CHECK(status(jwt(good), {"c"}) == R"({"status":"insufficient_scope"})");
    CHECK(status(jwt(good, R"({"alg":"none"})", "c2ln")) == invalid);
    CHECK(status(jwt(good, R"({"alg":"HS256"})")) == invalid);
    CHECK(status(jwt(good, "{}")) == invalid);
    CHECK(status(jwt(R"({"exp":1700000001})")) == invalid);
    CHECK(status(jwt(R"({"sub":"alice"})")) == invalid);
    CHECK(status(jwt(R"({"sub":"","exp":1700000001})")) == invalid);
    CHECK(status(jwt(R"({"sub":"alice","exp":1700000000})")) == invalid);
    CHECK(status(jwt(R"({"sub":"alice","exp":1700000000})"), {"", seconds(1)}) == "good");
    CHECK(status(jwt(R"({"sub":"alice","exp":1800000000,"iat":1700000001})")) == invalid);
    CHECK(status("abc") == invalid);
}

TEST_CASE("the server of OAUTHBEARER refuses malformed messages") {
    const auto good = jwt(R"({"sub":"alice","exp":1700000001})");
    for (const auto& message :
         {""s, "n"s, "n,"s, "n,,"s, "n,,\1"s, "n,,\1\1"s, "y,,\1auth=Bearer " + good + "\1\1",
          "n,,\1auth=Basic " + good + "\1\1", "n,,\1auth=Bearer \1\1"s, "n,,auth=Bearer x\1\1"s,
          "n,,\1auth=Bearer " + good + "\1", "n,,\1auth=Bearer " + good + "\1auth=Bearer x\1\1",
          "n,,\1auth=Bearer " + good + "\1x\1\1", "n,,\1auth=Bearer " + good + "\1x1=y\1\1",
          "n,,\1x=y\1\1"s, "n,b,\1auth=Bearer " + good + "\1\1",
          "n,a=bob,\1auth=Bearer " + good + "\1\1"}) {
        CAPTURE(message);
        CHECK_FALSE(make_oauth_server()->step(as_bytes(message), now));
    }
    CHECK(
        make_oauth_server()->step(as_bytes("n,a=alice,\1auth=bearer " + good + "\1x=y\1\1"), now));
}

TEST_CASE("a mechanism of one's own needs only the public interface") {
    class Echo final : public Exchange {
    public:
        Result<Step> step(std::span<const std::uint8_t> challenge, Time) override {
            if (challenge.empty()) return Step::send(Secret("hello"));
            return Step::finished();
        }
    };
    class Own final : public Mechanism {
    public:
        std::string_view name() const noexcept override { return "OWN"; }
        Result<std::unique_ptr<Exchange>> start(const Peer&) const override {
            return std::unique_ptr<Exchange>(std::make_unique<Echo>());
        }
    };
    const MechanismPtr own = std::make_shared<Own>();
    CHECK(own->to_string() == "OWN");
    CHECK_FALSE(own->reveals_secret());
    const auto exchange = start(own);
    CHECK_FALSE(exchange->blocks(now));
    CHECK(sent(*exchange) == "hello");
    CHECK(step(*exchange, "x")->done);
    CHECK(exchange->refused(kafka::broker_errc::sasl_authentication_failed, "no\n").message() ==
          "authentication failed: the broker refused: no\\x0a");
}
