// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <kafka/sasl_aws.hpp>

#include "base/escape.hpp"
#include "client/property_tokens.hpp"

namespace kafka::properties {
namespace {

using Given = Settings::Given;
using Extensions = std::map<std::string, std::string>;
using sasl::TokenProvider;

constexpr std::size_t largest_token = 256 * 1024;

// Reads the token anew each time, so that somebody else may renew it.
Result<sasl::Token> token_of_file(const std::string& file) {
    struct Close {
        void operator()(std::FILE* open) const noexcept { std::fclose(open); }
    };
    const std::unique_ptr<std::FILE, Close> open(std::fopen(file.c_str(), "rbe"));
    if (!open)
        return Failure(std::error_code(errno, std::generic_category()),
                       "reading a token from '" + escaped(file, 200) + "'");
    Secret text;
    char piece[4096];
    while (const auto count = std::fread(piece, 1, sizeof piece, open.get())) {
        text.append(std::string_view(piece, count));
        if (text.size() > largest_token) break;
    }
    wipe(piece, sizeof piece);
    auto token = text.reveal_text();
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.remove_suffix(1);
    if (std::ferror(open.get()) || token.empty() || text.size() > largest_token)
        return refuse("'" + escaped(file, 200) + "' does not hold a token");
    return sasl::Token{.value = Secret(token)};
}

TokenProvider with_extensions(TokenProvider provider, Extensions extensions) {
    if (extensions.empty()) return provider;
    return [provider = std::move(provider), extensions = std::move(extensions)](sasl::Time now) {
        auto token = provider(now);
        if (token) token->extensions = extensions;
        return token;
    };
}

std::int64_t seconds_of(std::string_view text) noexcept {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc() && read.ptr == end ? number : -1;
}

class Reader {
public:
    Reader(Settings& settings, JaasOptions& login) : settings_(settings), login_(login) {}

    Result<sasl::OAuthBearer> read() {
        sasl::OAuthBearer config;
        if (const auto* factor = settings_.take("sasl.login.refresh.window.factor")) {
            const std::string text(factor->value.text);
            char* end = nullptr;
            config.refresh_at = std::strtod(text.c_str(), &end);
            if (text.empty() || *end != '\0' ||
                !(config.refresh_at >= 0.5 && config.refresh_at <= 1))
                return refuse(place_of(*factor->property) + "='" + escaped(text, 80) +
                              "': expected a number from 0.5 to 1");
        }
        if (auto failure = extensions()) return failure;
        auto provider = choose();
        if (!provider) return provider.take_failure();
        config.provider = with_extensions(*std::move(provider), std::move(extensions_));
        return config;
    }

private:
    Failure extensions() {
        const auto* given = settings_.take("sasl.oauthbearer.extensions");
        auto list = given ? given->value.text : std::string_view();
        while (!list.empty()) {
            const auto end = std::min(list.find(','), list.size());
            const auto entry = list.substr(0, end);
            list.remove_prefix(std::min(end + 1, list.size()));
            const auto equals = entry.find('=');
            if (equals == entry.npos || equals == 0)
                return refuse(place_of(*given->property) + ": expected NAME=VALUE,...");
            extensions_.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
        take_extensions("extension_");
        take_extensions("unsecuredLoginExtension_");
        return {};
    }

    void take_extensions(std::string_view prefix) {
        auto& options = login_.options;
        for (auto at = options.lower_bound(prefix);
             at != options.end() && at->first.starts_with(prefix);) {
            extensions_.emplace(at->first.substr(prefix.size()), at->second.reveal_text());
            at = options.erase(at);
        }
    }

    Result<TokenProvider> choose() {
        const auto* handler = settings_.take("sasl.login.callback.handler.class");
        const auto class_name = handler
                                    ? handler->value.text.substr(handler->value.text.rfind('.') + 1)
                                    : std::string_view();
        if (class_name == "IAMOAuthBearerLoginCallbackHandler")
            return sasl::aws_msk_token(sasl::AwsMskIam{});
        if (handler && class_name != "OAuthBearerLoginCallbackHandler" &&
            class_name != "OAuthBearerUnsecuredLoginCallbackHandler")
            return refuse(place_of(*handler->property) +
                          ": this names a Java class, which cannot be loaded here; known are "
                          "OAuthBearerLoginCallbackHandler, "
                          "OAuthBearerUnsecuredLoginCallbackHandler and "
                          "IAMOAuthBearerLoginCallbackHandler");
        const auto* unsigned_tokens = settings_.take("enable.sasl.oauthbearer.unsecure.jwt");
        const auto* method = settings_.take("sasl.oauthbearer.method");
        const auto* url = settings_.take("sasl.oauthbearer.token.endpoint.url");
        const bool from_jaas = login_.options.contains("unsecuredLoginStringClaim_sub");
        if (unsigned_tokens && unsigned_tokens->value.flag) {
            if (url)
                return refuse(place_of(*url->property) + " and " +
                              place_of(*unsigned_tokens->property) +
                              " are two ways to come by a token: leave out one");
            return unsecured_from_config();
        }
        if (from_jaas && !url) return unsecured_from_jaas();
        if (url) return from_endpoint(*url);
        if (method && method->value.text == "oidc")
            return refuse(place_of(*method->property) +
                          "=oidc: sasl.oauthbearer.token.endpoint.url is missing");
        return refuse(
            "sasl.mechanism=OAUTHBEARER: it is not said where tokens come from: set "
            "sasl.oauthbearer.token.endpoint.url, or, for development, "
            "enable.sasl.oauthbearer.unsecure.jwt=true with sasl.oauthbearer.config");
    }

    // librdkafka's: "principal=alice scope=a,b lifeSeconds=60 extension_x=y".
    Result<TokenProvider> unsecured_from_config() {
        const auto* given = settings_.take("sasl.oauthbearer.config");
        auto rest = given ? given->value.text : std::string_view();
        sasl::UnsecuredToken token;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(' '), rest.size());
            const auto word = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (word.empty()) continue;
            const auto equals = std::min(word.find('='), word.size());
            const auto name = word.substr(0, equals);
            const auto value = word.substr(std::min(equals + 1, word.size()));
            if (name == "principal") {
                token.subject = value;
            } else if (name == "scope") {
                token.scope = value;
            } else if (name == "lifeSeconds") {
                if (auto failure = set_life(*given, value, token)) return failure;
            } else if (name.starts_with("extension_")) {
                extensions_.emplace(name.substr(10), value);
            } else if ((name == "principalClaimName" && value == "sub") ||
                       (name == "scopeClaimName" && value == "scope")) {
                continue;
            } else {
                return refuse(place_of(*given->property) + ": '" + escaped(name, 80) +
                              "' cannot be set; known are principal, scope, lifeSeconds and "
                              "extension_NAME");
            }
        }
        if (token.subject.empty())
            return refuse("sasl.oauthbearer.config: principal=NAME is missing");
        return sasl::unsecured_token(std::move(token));
    }

    static Failure set_life(const Given& given, std::string_view text,
                            sasl::UnsecuredToken& token) {
        const auto seconds = seconds_of(text);
        if (seconds < 1 || seconds > int_max)
            return refuse(place_of(*given.property) +
                          ": the life of a token is a number of seconds from 1");
        token.life = std::chrono::seconds(seconds);
        return {};
    }

    Result<TokenProvider> unsecured_from_jaas() {
        sasl::UnsecuredToken token;
        token.subject = login_.take_text("unsecuredLoginStringClaim_sub");
        token.scope = login_.take_text("unsecuredLoginStringClaim_scope");
        if (const auto life = login_.take_text("unsecuredLoginLifetimeSeconds"); !life.empty())
            if (auto failure = set_life(*login_.given, life, token)) return failure;
        for (const auto& [name, usual] : {std::pair("unsecuredLoginPrincipalClaimName", "sub"),
                                          std::pair("unsecuredLoginScopeClaimName", "scope")})
            if (const auto claim = login_.take_text(name); !claim.empty() && claim != usual)
                return refuse(place_of(*login_.given->property) + ": " + name + " can only be " +
                              usual);
        if (token.subject.empty())
            return refuse(place_of(*login_.given->property) +
                          ": unsecuredLoginStringClaim_sub is empty");
        return sasl::unsecured_token(std::move(token));
    }

    Result<TokenProvider> from_endpoint(const Given& url) {
        sasl::TokenEndpoint endpoint;
        endpoint.url = url.value.text;
        if (endpoint.url.starts_with("file:")) {
            const auto path = endpoint.url.substr(endpoint.url.starts_with("file://") ? 7 : 5);
            if (!path.starts_with('/'))
                return refuse(place_of(*url.property) + ": a file is named as file:///PATH");
            // Who asks no identity provider has no use for these, but need not take them out.
            for (const char* moot : {"sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret",
                                     "sasl.oauthbearer.scope"})
                settings_.take(moot);
            return TokenProvider([path](sasl::Time) { return token_of_file(path); });
        }
        if (!endpoint.url.starts_with("https://") && !endpoint.url.starts_with("http://"))
            return refuse(place_of(*url.property) + ": expected https://..., or file:///PATH");
        endpoint.allow_http_on_loopback = true;
        endpoint.ca_file = settings_.take_text("https.ca.location");
        endpoint.ca_pem = settings_.take_text("https.ca.pem");
        if (!endpoint.ca_file.empty() && !endpoint.ca_pem.empty())
            return refuse("https.ca.location and https.ca.pem say the same: leave out one");
        if (login_.given) {
            // Java has the authorities of this way among the module's options.
            const auto type = login_.take_text("ssl.truststore.type");
            auto file = login_.take_text("ssl.truststore.location");
            if (!file.empty()) {
                if (type != "PEM")
                    return refuse(place_of(*login_.given->property) +
                                  ": ssl.truststore.type must be PEM");
                endpoint.ca_file = std::move(file);
            }
        }
        const auto scope = either("sasl.oauthbearer.scope", "scope");
        bool jwt = false;
        if (const auto* grant = settings_.take("sasl.oauthbearer.grant.type"))
            jwt = grant->value.text != "client_credentials";
        if (const auto* retriever = settings_.take("sasl.oauthbearer.jwt.retriever.class")) {
            jwt = retriever->value.text.ends_with("JwtBearerJwtRetriever");
            if (!jwt && !retriever->value.text.ends_with("ClientCredentialsJwtRetriever") &&
                !retriever->value.text.ends_with("DefaultJwtRetriever"))
                return refuse(place_of(*retriever->property) +
                              ": this names a Java class, which cannot be loaded here; known are "
                              "ClientCredentialsJwtRetriever and JwtBearerJwtRetriever");
        }
        return jwt ? jwt_bearer(std::move(endpoint), scope)
                   : client_credentials(std::move(endpoint), scope);
    }

    std::string either(std::string_view property, std::string_view option) {
        auto text = login_.given ? login_.take_text(option) : std::string();
        return text.empty() ? settings_.take_text(property) : text;
    }

    Result<TokenProvider> client_credentials(sasl::TokenEndpoint endpoint,
                                             const std::string& scope) {
        sasl::ClientCredentials config;
        config.endpoint = std::move(endpoint);
        config.scope = scope;
        config.client_id = either("sasl.oauthbearer.client.id", "clientId");
        if (login_.given) config.client_secret = login_.take("clientSecret");
        if (config.client_secret.empty())
            config.client_secret = settings_.take_secret("sasl.oauthbearer.client.secret");
        config.encode_credentials = settings_.take_flag("sasl.oauthbearer.header.urlencode", false);
        if (config.client_id.empty()) return refuse("sasl.oauthbearer.client.id is missing");
        if (config.client_secret.empty())
            return refuse("sasl.oauthbearer.client.secret is missing");
        return sasl::token_from(std::move(config));
    }

    Result<TokenProvider> jwt_bearer(sasl::TokenEndpoint endpoint, const std::string& scope) {
        const auto name = [](std::string_view rest) {
            return "sasl.oauthbearer.assertion." + std::string(rest);
        };
        sasl::JwtBearer config;
        config.endpoint = std::move(endpoint);
        config.scope = scope;
        if (settings_.take_text(name("algorithm")) == "ES256")
            config.algorithm = sasl::JwtBearer::Algorithm::es256;
        config.private_key_file = settings_.take_text(name("private.key.file"));
        config.private_key = settings_.take_secret(name("private.key.pem"));
        config.passphrase = settings_.take_secret(name("private.key.passphrase"));
        config.issuer = settings_.take_text(name("claim.iss"));
        config.subject = settings_.take_text(name("claim.sub"));
        config.audience = settings_.take_text(name("claim.aud"));
        if (const auto* life = settings_.take(name("claim.exp.seconds")))
            config.life = std::chrono::seconds(life->value.number);
        if (const auto* before = settings_.take(name("claim.nbf.seconds")))
            config.not_before = std::chrono::seconds(before->value.number);
        config.with_id = settings_.take_flag(name("claim.jti.include"), false);
        if (config.private_key_file.empty() == config.private_key.empty())
            return refuse(
                "one of sasl.oauthbearer.assertion.private.key.file and "
                "sasl.oauthbearer.assertion.private.key.pem must be given");
        return sasl::token_from(std::move(config));
    }

    Settings& settings_;
    JaasOptions& login_;
    Extensions extensions_;
};

}  // namespace

Result<sasl::OAuthBearer> token_provider(Settings& settings, JaasOptions& login) {
    return Reader(settings, login).read();
}

}  // namespace kafka::properties
