// SPDX-License-Identifier: Apache-2.0
// SASL OAUTHBEARER (RFC 7628, KIP-255): tokens from a callback of the user's, or from an identity
// provider over https (KIP-768, KIP-1139).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <kafka/sasl.hpp>

namespace kafka::sasl {

/// A bearer token.
struct Token {
    Secret value;  ///< as it is sent: a JWT, or what the broker takes otherwise; at most 256 KiB
    /// When it ends. Default: as the token's own `exp` claim says, where it is a JWT.
    std::optional<Time> expires = std::nullopt;
    /// SASL extensions that go with it (KIP-342). Default none.
    std::map<std::string, std::string> extensions = {};
};

/// Fetches a token. May block, is never called twice at once by one mechanism, and never on an
/// event loop. `now` is the time to reckon with. A failure's detail reaches the user, so it should
/// hold no secrets. An exception is taken as a failure.
using TokenProvider = std::function<Result<Token>(Time now)>;

/// OAUTHBEARER. One token serves all connections. It is fetched when the first connection needs it
/// and again when `refresh_at` of its life is over; should that fail while the old one is still
/// good, the old one is used, and the next attempt is made `retry_after` later. A token of which
/// nobody knows when it ends is fetched for each authentication. A token that a broker refused is
/// not used again.
struct OAuthBearer {
    TokenProvider provider;  ///< not empty
    /// The part of a token's life after which a new one is fetched (Java's
    /// `sasl.login.refresh.window.factor`); 0.1 to 1. Default 0.8.
    double refresh_at = 0.8;
    /// Wait after a failed fetch with a token still good. Default 10 s.
    std::chrono::seconds retry_after{10};
    /// A token with less than this left is as good as ended: the broker must get it in time.
    /// Default 5 s.
    std::chrono::seconds expiry_margin{5};
    /// Act as another user, where the broker allows it. Default "".
    std::string authorization_id = {};
};

[[nodiscard]] KAFKA_API MechanismPtr make_mechanism(OAuthBearer config);
[[nodiscard]] KAFKA_API std::string to_string(const OAuthBearer& config);
/// "****" for the token; extensions and expiry as they are.
[[nodiscard]] KAFKA_API std::string to_string(const Token& token);

/// The token of a constant text, fetched elsewhere.
[[nodiscard]] KAFKA_API TokenProvider fixed_token(Token token);
/// Unsigned tokens (JWS with "alg":"none") for brokers that verify nothing: for development only.
struct UnsecuredToken {
    std::string subject;              ///< the `sub` claim: the user
    std::string scope = {};           ///< the `scope` claim; none when empty
    std::chrono::seconds life{3600};  ///< between `iat` and `exp`; at least 1 s. Default 1 h
};
[[nodiscard]] KAFKA_API TokenProvider unsecured_token(UnsecuredToken config);

/// What every request to an identity provider obeys: https only, no redirects, an answer of at most
/// 1 MiB that is not compressed, certificate and host name verified.
struct TokenEndpoint {
    std::string url;                   ///< `sasl.oauthbearer.token.endpoint.url`; https
    std::chrono::seconds timeout{10};  ///< for the whole request, at least 1 s. Default 10 s
    std::string ca_file = {};          ///< PEM file of trusted authorities; default: the system's
    std::string ca_pem = {};           ///< the same as text, instead of ca_file
    bool allow_http_on_loopback = false;  ///< http to 127.0.0.0/8, ::1 or localhost, for tests
};

/// The grant "client_credentials" (RFC 6749, section 4.4; KIP-768). Needs libcurl.
struct ClientCredentials {
    TokenEndpoint endpoint;
    std::string client_id;   ///< `sasl.oauthbearer.client.id`; not empty
    Secret client_secret;    ///< `sasl.oauthbearer.client.secret`
    std::string scope = {};  ///< `sasl.oauthbearer.scope`; none when empty
    /// The credentials go into the body instead of the Authorization header. Default false.
    bool credentials_in_body = false;
    /// Percent-encode both in the Authorization header, as RFC 6749 says and few providers want
    /// (`sasl.oauthbearer.header.urlencode`). Default false, as in Java.
    bool encode_credentials = false;
    std::map<std::string, std::string> extensions = {};  ///< `sasl.oauthbearer.extensions`
};

/// The grant "urn:ietf:params:oauth:grant-type:jwt-bearer" (RFC 7523; KIP-1139): an assertion that
/// is signed here. Needs libcurl and OpenSSL.
struct JwtBearer {
    enum class Algorithm : std::uint8_t { rs256, es256 };

    TokenEndpoint endpoint;
    /// The key to sign with, in PEM: RSA of at least 2048 bits for RS256, P-256 for ES256.
    Secret private_key;                                  ///< the text; or
    std::string private_key_file = {};                   ///< the file it is in, read at each use
    Secret passphrase = {};                              ///< of the key, if it is encrypted
    Algorithm algorithm = Algorithm::rs256;              ///< `…assertion.algorithm`
    std::string key_id = {};                             ///< `kid` of the header; none when empty
    std::string issuer = {};                             ///< `iss`
    std::string subject = {};                            ///< `sub`
    std::string audience = {};                           ///< `aud`
    std::chrono::seconds life{300};                      ///< `exp` - `iat`; 1 s to 1 day
    std::chrono::seconds not_before{60};                 ///< `iat` - `nbf`; at least 0
    bool with_id = false;                                ///< send a random `jti`
    std::map<std::string, std::string> claims = {};      ///< further claims, all of them text
    std::string scope = {};                              ///< of the request; none when empty
    std::map<std::string, std::string> extensions = {};  ///< `sasl.oauthbearer.extensions`
};

/// Providers that ask an identity provider. What is wrong with the configuration, or was not
/// compiled in, the first call says.
[[nodiscard]] KAFKA_API TokenProvider token_from(ClientCredentials config);
[[nodiscard]] KAFKA_API TokenProvider token_from(JwtBearer config);

[[nodiscard]] KAFKA_API std::string to_string(const ClientCredentials& config);
[[nodiscard]] KAFKA_API std::string to_string(const JwtBearer& config);

}  // namespace kafka::sasl
