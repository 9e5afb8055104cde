// SPDX-License-Identifier: Apache-2.0
// Tokens from an identity provider: client credentials (RFC 6749, section 4.4; KIP-768) and JWT
// assertions (RFC 7523; KIP-1139).
#include "auth/oidc.hpp"

#include <algorithm>
#include <fstream>

#include "auth/base64.hpp"
#include "auth/crypto.hpp"
#include "auth/text.hpp"
#include "auth/token.hpp"

namespace kafka::auth {
namespace {

constexpr std::string_view oidc_name = "OAUTHBEARER over https";

void append_encoded(Secret& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out.append(c);
        else
            out.append('%').append(digits[byte >> 4]).append(digits[byte & 15]);
    }
}

Result<Secret> read_key(const sasl::JwtBearer& config) {
    if (config.private_key_file.empty()) return config.private_key;
    // No file stream: its buffer would keep the key.
    constexpr std::size_t largest = 64 * 1024;
    std::filebuf file;
    file.pubsetbuf(nullptr, 0);
    if (!file.open(config.private_key_file, std::ios::in | std::ios::binary))
        return bad_config(oidc_name, "the file of the private key cannot be opened");
    Secret key;
    char part[1024];
    for (;;) {
        const auto size = file.sgetn(part, sizeof part);
        if (size <= 0) break;
        key.append(std::string_view(part, static_cast<std::size_t>(size)));
        if (key.size() > largest) break;
    }
    wipe(part, sizeof part);
    if (key.empty() || key.size() > largest)
        return bad_config(oidc_name, "the file of the private key is empty or above 64 KiB");
    return key;
}

Failure check(const sasl::JwtBearer& config) {
    if (!http_available()) return not_compiled_in(oidc_name, "libcurl");
    if (!crypto_available()) return not_compiled_in("a signed assertion", "OpenSSL");
    if (config.private_key.empty() == config.private_key_file.empty())
        return bad_config(oidc_name, "give the private key as text or as a file, one of them");
    if (config.life.count() < 1 || config.life > std::chrono::hours(24))
        return bad_config(oidc_name, "life is not between 1 s and 1 day");
    if (config.not_before.count() < 0 || config.not_before > std::chrono::hours(24))
        return bad_config(oidc_name, "not_before is not between 0 and 1 day");
    for (const auto& [claim, value] : config.claims) {
        static constexpr std::string_view own[] = {"iss", "sub", "aud", "exp", "iat", "nbf", "jti"};
        if (std::find(std::begin(own), std::end(own), claim) != std::end(own))
            return bad_config(oidc_name, "a further claim repeats one that has its own setting");
    }
    return check_extensions(config.extensions);
}

Failure check(const sasl::ClientCredentials& config) {
    if (!http_available()) return not_compiled_in(oidc_name, "libcurl");
    if (config.client_id.empty()) return bad_config(oidc_name, "client_id is empty");
    return check_extensions(config.extensions);
}

Result<sasl::Token> ask(const sasl::TokenEndpoint& endpoint, const std::vector<Secret>& headers,
                        const Secret& form, const std::map<std::string, std::string>& extensions,
                        sasl::Time now) {
    const auto answer = http_post(endpoint, headers, form);
    if (!answer) return Failure(answer.failure());
    auto token = read_token_answer(*answer, now);
    if (token) token->extensions = extensions;
    return token;
}

// RFC 6749, section 5.2: a word such as "invalid_client".
bool is_error_code(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_';
    });
}

}  // namespace

void add_form_field(Secret& form, std::string_view name, std::string_view value) {
    if (!form.empty()) form.append('&');
    append_encoded(form, name);
    form.append('=');
    append_encoded(form, value);
}

Result<Secret> make_assertion(const sasl::JwtBearer& config, const Secret& key, sasl::Time now) {
    const bool rs256 = config.algorithm == sasl::JwtBearer::Algorithm::rs256;
    JsonWriter header;
    header.add("alg", rs256 ? "RS256" : "ES256").add("typ", "JWT");
    if (!config.key_id.empty()) header.add("kid", config.key_id);
    JsonWriter claims;
    const auto add = [&claims](std::string_view name, const std::string& value) {
        if (!value.empty()) claims.add(name, value);
    };
    add("iss", config.issuer);
    add("sub", config.subject);
    add("aud", config.audience);
    claims.add("iat", to_seconds(now))
        .add("nbf", to_seconds(now - config.not_before))
        .add("exp", to_seconds(now + config.life));
    if (config.with_id) {
        const auto id = random_bytes(16);
        if (!id) return Failure(id.failure());
        claims.add("jti", hex(id->reveal()));
    }
    for (const auto& [name, value] : config.claims)
        claims.add(name, value);

    Secret assertion;
    append_base64(assertion, header.take().reveal(), Base64::url);
    assertion.append('.');
    append_base64(assertion, claims.take().reveal(), Base64::url);
    const auto signature = sign(rs256 ? Signature::rs256 : Signature::es256, key, config.passphrase,
                                assertion.reveal());
    if (!signature) return Failure(signature.failure());
    assertion.append('.');
    append_base64(assertion, signature->reveal(), Base64::url);
    return assertion;
}

Result<sasl::Token> read_token_answer(const HttpAnswer& answer, sasl::Time now) {
    const auto wrong = [](std::string_view what) {
        return authentication_failed(std::string("the token endpoint ").append(what));
    };
    const auto object = read_json_object(answer.body.reveal_text());
    if (answer.status != 200) {
        auto detail = "answered with HTTP status " + std::to_string(answer.status);
        const auto* error = object ? object->text("error") : nullptr;
        if (error && is_error_code(error->reveal_text()))
            detail.append(" and error \"").append(error->reveal_text()).append("\"");
        return wrong(detail);
    }
    if (!object) return wrong("answered with no JSON: " + object.failure().detail);
    const auto* value = object->text("access_token");
    if (!value) return wrong("answered without an access_token");
    sasl::Token token{*value};
    // The token's own word counts for more; expires_in is for those that cannot be read.
    if (const auto* life = object->number("expires_in")) {
        const bool own = [&] {
            const auto jwt = read_jwt(value->reveal_text());
            return jwt && time_claim(jwt->claims, "exp");
        }();
        constexpr double longest = 10 * 365 * 86400.0;
        if (!own)
            token.expires = now + std::chrono::seconds(
                                      static_cast<std::int64_t>(std::clamp(*life, 0., longest)));
    }
    return token;
}

}  // namespace kafka::auth

namespace kafka::sasl {

TokenProvider token_from(ClientCredentials config) {
    return [config = std::move(config)](Time now) -> Result<Token> {
        if (auto failure = auth::check(config)) return failure;
        Secret form;
        auth::add_form_field(form, "grant_type", "client_credentials");
        if (!config.scope.empty()) auth::add_form_field(form, "scope", config.scope);
        std::vector<Secret> headers;
        if (config.credentials_in_body) {
            auth::add_form_field(form, "client_id", config.client_id);
            auth::add_form_field(form, "client_secret", config.client_secret.reveal_text());
        } else {
            Secret pair;
            if (config.encode_credentials) {
                auth::append_encoded(pair, config.client_id);
                pair.append(':');
                auth::append_encoded(pair, config.client_secret.reveal_text());
            } else {
                pair.append(config.client_id).append(':').append(config.client_secret.reveal());
            }
            Secret header(std::string_view("Authorization: Basic "));
            auth::append_base64(header, pair.reveal());
            headers.push_back(std::move(header));
        }
        return auth::ask(config.endpoint, headers, form, config.extensions, now);
    };
}

TokenProvider token_from(JwtBearer config) {
    return [config = std::move(config)](Time now) -> Result<Token> {
        if (auto failure = auth::check(config)) return failure;
        const auto key = auth::read_key(config);
        if (!key) return Failure(key.failure());
        const auto assertion = auth::make_assertion(config, *key, now);
        if (!assertion) return Failure(assertion.failure());
        Secret form;
        auth::add_form_field(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        auth::add_form_field(form, "assertion", assertion->reveal_text());
        if (!config.scope.empty()) auth::add_form_field(form, "scope", config.scope);
        return auth::ask(config.endpoint, {}, form, config.extensions, now);
    };
}

std::string to_string(const ClientCredentials& config) {
    return auth::Description("client_credentials")
        .add("url", config.endpoint.url)
        .add("client_id", config.client_id)
        .add("client_secret", config.client_secret)
        .add("scope", config.scope)
        .take();
}

std::string to_string(const JwtBearer& config) {
    const bool rs256 = config.algorithm == JwtBearer::Algorithm::rs256;
    return auth::Description("jwt_bearer")
        .add("url", config.endpoint.url)
        .add("private_key", config.private_key)
        .add("private_key_file", config.private_key_file)
        .add("passphrase", config.passphrase)
        .add("algorithm", std::string_view(rs256 ? "RS256" : "ES256"))
        .add("key_id", config.key_id)
        .add("issuer", config.issuer)
        .add("subject", config.subject)
        .add("audience", config.audience)
        .add("scope", config.scope)
        .take();
}

}  // namespace kafka::sasl
