// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "auth/json.hpp"
#include "auth/scram_message.hpp"
#include "auth/server.hpp"
#include "auth/text.hpp"
#include "auth/token.hpp"

namespace kafka::auth {
namespace {

struct Initial {
    std::string authorization_id;
    std::string_view token;
};

// RFC 7628, section 3.1: gs2-header kvsep *kvpair kvsep.
Result<Initial> read_initial(std::string_view text) {
    const auto wrong = [](std::string_view what) {
        return authentication_failed(
            std::string("Invalid OAUTHBEARER client first message: ").append(what));
    };
    Initial initial;
    if (!text.starts_with("n,")) return wrong("it does not begin with \"n,\"");
    text.remove_prefix(2);
    const auto comma = text.find(',');
    if (comma == text.npos) return wrong("its header has no end");
    if (const auto id = text.substr(0, comma); !id.empty()) {
        const auto name = id.starts_with("a=") ? unescape_scram_name(id.substr(2)) : std::nullopt;
        if (!name || name->empty()) return wrong("the authorization id is malformed");
        initial.authorization_id = *name;
    }
    text.remove_prefix(comma + 1);
    if (!text.starts_with('\1') || !text.ends_with("\1\1"))
        return wrong("the separators are missing");
    text.remove_prefix(1);
    text.remove_suffix(1);
    while (!text.empty()) {
        const auto end = text.find('\1');
        const auto pair = text.substr(0, end);
        const auto equals = pair.find('=');
        if (equals == pair.npos || equals == 0) return wrong("a field is not key=value");
        const auto key = pair.substr(0, equals);
        const auto value = pair.substr(equals + 1);
        if (key == "auth") {
            constexpr std::string_view scheme = "bearer ";
            const auto given = value.substr(0, scheme.size());
            const bool bearer = std::equal(
                given.begin(), given.end(), scheme.begin(), scheme.end(),
                [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
            if (!bearer || !initial.token.empty()) return wrong("auth is no bearer token");
            initial.token = value.substr(scheme.size());
        } else if (!check_extensions({{std::string(key), std::string(value)}})) {
            // Extensions are taken and, without a validator for them, ignored.
        } else {
            return wrong("an extension is malformed");
        }
        text.remove_prefix(end + 1);
    }
    if (!is_bearer_token(initial.token)) return wrong("the token is missing or malformed");
    return initial;
}

bool has_scopes(std::string_view given, std::string_view required) {
    const auto next = [](std::string_view& words) {
        words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
        const auto word = words.substr(0, words.find(' '));
        words.remove_prefix(word.size());
        return word;
    };
    for (auto word = next(required); !word.empty(); word = next(required)) {
        auto rest = given;
        auto other = next(rest);
        while (!other.empty() && other != word)
            other = next(rest);
        if (other.empty()) return false;
    }
    return true;
}

class OAuthServer final : public ServerExchange {
public:
    explicit OAuthServer(UnsecuredValidation options) : options_(std::move(options)) {}

    Result<ServerStep> step(std::span<const std::uint8_t> message, sasl::Time now) override {
        const auto text = as_text(message);
        switch (std::exchange(state_, State::over)) {
            case State::wait_for_token:
                return judge(text, now);
            case State::wait_for_consent:
                // The client has read why, and says so with one byte.
                return authentication_failed(text == "\1" ? error_ : "Unexpected message");
            case State::over:
                break;
        }
        return authentication_failed("a message out of order");
    }

private:
    enum class State : std::uint8_t { wait_for_token, wait_for_consent, over };

    Result<ServerStep> judge(std::string_view text, sasl::Time now) {
        const auto initial = read_initial(text);
        if (!initial) return Failure(initial.failure());
        const auto status = validate(initial->token, now);
        if (!status.empty()) {
            error_ = std::string("{\"status\":\"").append(status).append("\"}");
            state_ = State::wait_for_consent;
            return ServerStep{Secret(error_), false};
        }
        if (!initial->authorization_id.empty() && initial->authorization_id != user_)
            return authentication_failed(
                "Authentication failed: Client requested an authorization id that is different "
                "from the token's principal name");
        return ServerStep{Secret(), true};
    }

    // Empty when the token is good, else the status of RFC 7628.
    std::string_view validate(std::string_view token, sasl::Time now) {
        constexpr std::string_view invalid = "invalid_token";
        const auto jwt = read_jwt(token);
        if (!jwt || jwt->has_signature) return invalid;
        const auto* algorithm = jwt->header.text("alg");
        if (!algorithm || algorithm->reveal_text() != "none") return invalid;
        const auto* subject = jwt->claims.text("sub");
        const auto expires = time_claim(jwt->claims, "exp");
        if (!subject || subject->empty() || !expires) return invalid;
        if (*expires <= now - options_.allowable_clock_skew) return invalid;
        const auto issued = time_claim(jwt->claims, "iat");
        if (issued && *issued > now + options_.allowable_clock_skew) return invalid;
        if (!options_.required_scope.empty()) {
            const auto* scope = jwt->claims.text("scope");
            if (!scope || !has_scopes(scope->reveal_text(), options_.required_scope))
                return "insufficient_scope";
        }
        user_ = subject->reveal_text();
        expires_ = expires;
        return {};
    }

    UnsecuredValidation options_;
    State state_ = State::wait_for_token;
    std::string error_;
};

}  // namespace

std::unique_ptr<ServerExchange> make_oauth_server(UnsecuredValidation options) {
    return std::make_unique<OAuthServer>(std::move(options));
}

}  // namespace kafka::auth
