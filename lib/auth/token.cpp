// SPDX-License-Identifier: Apache-2.0
#include "auth/token.hpp"

#include <algorithm>
#include <exception>

#include "auth/base64.hpp"
#include "auth/text.hpp"

namespace kafka::auth {
namespace {

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Failure bad_token(std::string_view what) {
    return authentication_failed(std::string("the token ").append(what));
}

}  // namespace

bool is_bearer_token(std::string_view text) noexcept {
    while (text.ends_with('='))
        text.remove_suffix(1);
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("-._~+/").find(c) != std::string_view::npos;
    });
}

bool looks_like_jwt(std::string_view text) noexcept {
    return std::count(text.begin(), text.end(), '.') == 2;
}

Result<Jwt> read_jwt(std::string_view text) {
    const auto wrong = [](std::string_view what) {
        return Failure(errc::malformed_message, std::string("the JWT ").append(what));
    };
    if (text.size() > max_token) return wrong("is above 256 KiB");
    if (!looks_like_jwt(text)) return wrong("does not have three parts");
    const auto first = text.find('.');
    const auto second = text.find('.', first + 1);
    const auto part = [&](std::string_view encoded, std::string_view name) -> Result<JsonObject> {
        const auto decoded = read_base64(encoded, Base64::url);
        if (!decoded) return wrong(std::string("has a ").append(name).append(" that is no base64"));
        auto object = read_json_object(decoded->reveal_text());
        if (!object)
            return wrong(std::string("has a malformed ")
                             .append(name)
                             .append(": ")
                             .append(object.failure().detail));
        return object;
    };
    auto header = part(text.substr(0, first), "header");
    if (!header) return header.take_failure();
    auto claims = part(text.substr(first + 1, second - first - 1), "payload");
    if (!claims) return claims.take_failure();
    return Jwt{*std::move(header), *std::move(claims), second + 1 < text.size()};
}

std::optional<sasl::Time> time_claim(const JsonObject& claims, std::string_view name) {
    const auto* seconds = claims.number(name);
    if (!seconds) return std::nullopt;
    constexpr double last = 253402300799;  // 9999-12-31T23:59:59Z; 2^63 microseconds are further
    const auto whole = static_cast<std::int64_t>(std::clamp(*seconds, 0.0, last));
    // In microseconds a system_clock of nanoseconds would overflow in 2262.
    using Clock = sasl::Time::clock;
    const auto most = std::chrono::duration_cast<std::chrono::seconds>(Clock::duration::max());
    return sasl::Time(
        std::chrono::duration_cast<Clock::duration>(std::min(std::chrono::seconds(whole), most)));
}

std::int64_t to_seconds(sasl::Time time) noexcept {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Failure check_extensions(const std::map<std::string, std::string>& extensions) {
    for (const auto& [key, value] : extensions) {
        if (key.empty() || key == "auth" || !std::all_of(key.begin(), key.end(), is_letter))
            return bad_config("OAUTHBEARER", "an extension's name is reserved or not of letters");
        const bool good = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
        });
        if (!good)
            return bad_config("OAUTHBEARER",
                              "the value of an extension is empty or not printable ASCII");
    }
    return {};
}

Result<sasl::Token> checked_token(sasl::Token token, sasl::Time now) {
    if (token.value.empty()) return bad_token("is empty");
    if (token.value.size() > max_token) return bad_token("is above 256 KiB");
    const auto text = token.value.reveal_text();
    if (!is_bearer_token(text)) return bad_token("has characters that no bearer token may have");
    if (auto failure = check_extensions(token.extensions)) return failure;
    if (!token.expires && looks_like_jwt(text)) {
        // Brokers may take tokens that only look like a JWT (or are encrypted), so this is no
        // check.
        if (const auto jwt = read_jwt(text)) token.expires = time_claim(jwt->claims, "exp");
    }
    if (token.expires && *token.expires <= now) {
        const auto ago = to_seconds(now) - to_seconds(*token.expires);
        return bad_token("expired " + std::to_string(ago) + " s ago");
    }
    return token;
}

Result<sasl::Token> call_provider(const sasl::TokenProvider& provider, sasl::Time now) {
    try {
        auto token = provider(now);
        if (!token) return token;
        return checked_token(*std::move(token), now);
    } catch (const std::exception& e) {
        return authentication_failed("the token provider threw: " + quotable(e.what()));
    } catch (...) {
        return authentication_failed("the token provider threw");
    }
}

}  // namespace kafka::auth

namespace kafka::sasl {

TokenProvider fixed_token(Token token) {
    return [token = std::move(token)](Time) -> Result<Token> { return token; };
}

TokenProvider unsecured_token(UnsecuredToken config) {
    return [config = std::move(config)](Time now) -> Result<Token> {
        if (config.subject.empty())
            return auth::bad_config("OAUTHBEARER", "the subject of the unsecured token is empty");
        if (config.life < std::chrono::seconds(1) || config.life > std::chrono::hours(24 * 3650))
            return auth::bad_config(
                "OAUTHBEARER", "the life of the unsecured token is below 1 s or above 10 years");
        const auto expires = now + config.life;
        auth::JsonWriter claims;
        claims.add("sub", config.subject)
            .add("iat", auth::to_seconds(now))
            .add("exp", auth::to_seconds(expires));
        if (!config.scope.empty()) claims.add("scope", config.scope);
        Token token;
        auth::append_base64(token.value, as_bytes(R"({"alg":"none"})"), auth::Base64::url);
        token.value.append('.');
        auth::append_base64(token.value, claims.take().reveal(), auth::Base64::url);
        token.value.append('.');
        token.expires = expires;
        return token;
    };
}

std::string to_string(const Token& token) {
    auth::Description text("token");
    text.add("value", token.value);
    if (token.expires) text.add("expires", std::int64_t{auth::to_seconds(*token.expires)});
    for (const auto& [key, value] : token.extensions)
        text.add(key, value);
    return text.take();
}

}  // namespace kafka::sasl
