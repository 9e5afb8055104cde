// SPDX-License-Identifier: Apache-2.0
// The broker's side of PLAIN, SCRAM and OAUTHBEARER, for the development broker: as strict as
// Kafka's own, and not meant to guard anything.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/export.hpp>
#include <kafka/sasl.hpp>

#include "auth/crypto.hpp"

namespace kafka::auth {

struct ServerStep {
    Secret response;    ///< goes back to the client, also when done; may be empty
    bool done = false;  ///< the client is who it says: see ServerExchange::user()
};

/// One authentication of one client. Steps never block.
class ServerExchange {
public:
    virtual ~ServerExchange() = default;
    /// Takes what a SaslAuthenticate request holds. A failure ends the exchange: its detail is what
    /// Kafka's broker puts into the response's error message, beside SASL_AUTHENTICATION_FAILED.
    [[nodiscard]] virtual Result<ServerStep> step(std::span<const std::uint8_t> message,
                                                  sasl::Time now) = 0;
    /// Who the client is. Only after a step that was done.
    [[nodiscard]] const std::string& user() const noexcept { return user_; }
    /// When the client's credentials end; the session must not be longer. Only when done.
    [[nodiscard]] std::optional<sasl::Time> expires() const noexcept { return expires_; }

protected:
    std::string user_;
    std::optional<sasl::Time> expires_;
};

/// The password of a user, or nothing.
using PasswordLookup = std::function<std::optional<Secret>(std::string_view user)>;
[[nodiscard]] KAFKA_API std::unique_ptr<ServerExchange> make_plain_server(PasswordLookup passwords);

/// What a server keeps of a password (RFC 5802, section 3).
struct ScramCredential {
    Secret salt;
    std::int32_t iterations = 0;
    Secret stored_key;
    Secret server_key;
};
/// Kafka's limits: 4096 to 16384 iterations. An empty salt means a random one. Blocks for as long
/// as PBKDF2 takes.
[[nodiscard]] KAFKA_API Result<ScramCredential> make_scram_credential(
    Hash hash, const Secret& password, std::int32_t iterations = 4096, Secret salt = {});
/// The same from what an AlterUserScramCredentials request carries: PBKDF2 is done already.
[[nodiscard]] Result<ScramCredential> scram_credential_from_salted(Hash hash, Secret salt,
                                                                   const Secret& salted_password,
                                                                   std::int32_t iterations);

/// The credential of a user; `token` says that the client wants to log in with a delegation token
/// of that id.
using ScramLookup =
    std::function<std::optional<ScramCredential>(std::string_view user, bool token)>;
/// `nonce` fixes the server's part of the nonce, for tests; empty means a random one.
[[nodiscard]] KAFKA_API std::unique_ptr<ServerExchange> make_scram_server(Hash hash,
                                                                          ScramLookup credentials,
                                                                          std::string nonce = {});

/// OAUTHBEARER with unsigned tokens, as Kafka's OAuthBearerUnsecuredValidatorCallbackHandler.
struct UnsecuredValidation {
    std::string required_scope = {};                    ///< all of these, separated by blanks
    std::chrono::milliseconds allowable_clock_skew{0};  ///< for exp and iat
};
[[nodiscard]] KAFKA_API std::unique_ptr<ServerExchange> make_oauth_server(
    UnsecuredValidation options = {});

}  // namespace kafka::auth
