// SPDX-License-Identifier: Apache-2.0
// SCRAM's messages and keys (RFC 5802), for both sides. Kafka has no channel binding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kafka/sasl.hpp>

#include "auth/crypto.hpp"

namespace kafka::auth {

/// Bounds on what is believed; both sides keep to them.
constexpr std::size_t max_scram_message = 4096;
constexpr std::size_t max_scram_salt = 1024;
/// RFC 7677 and Kafka: fewer invite guessing the password from a recorded exchange.
constexpr std::int32_t min_scram_iterations = 4096;

[[nodiscard]] std::string_view scram_name(Hash hash) noexcept;

/// A user name with ',' and '=' as =2C and =3D (RFC 5802, section 5.1).
[[nodiscard]] std::string escape_scram_name(std::string_view name);
/// Nothing where an '=' stands for neither.
[[nodiscard]] std::optional<std::string> unescape_scram_name(std::string_view text);

/// What the client starts with: "n,,n=user,r=nonce".
struct ScramClientFirst {
    std::string header;  ///< "n,," or "n,a=NAME,"
    std::string authorization_id;
    std::string user;
    std::string nonce;
    bool delegation_token = false;

    /// The part that is signed.
    [[nodiscard]] std::string bare() const;
    [[nodiscard]] std::string text() const { return header + bare(); }
};
[[nodiscard]] Result<ScramClientFirst> read_client_first(std::string_view text);

/// "r=nonce,s=salt,i=iterations".
struct ScramServerFirst {
    std::string nonce;
    Secret salt;
    std::int32_t iterations = 0;

    [[nodiscard]] std::string text() const;
};
/// The nonce must extend `client_nonce`; iterations must be at least 4096 and at most `max`.
[[nodiscard]] Result<ScramServerFirst> read_server_first(std::string_view text,
                                                         std::string_view client_nonce,
                                                         std::int32_t max_iterations);

/// "c=biws,r=nonce,p=proof".
struct ScramClientFinal {
    std::string without_proof;
    std::string channel_binding;  ///< the header of the first message, decoded
    std::string nonce;
    Secret proof;
};
[[nodiscard]] Result<ScramClientFinal> read_client_final(std::string_view text);

/// "v=signature": the signature; a failure for "e=reason", with the reason as a sentence.
[[nodiscard]] Result<Secret> read_server_final(std::string_view text);

struct ScramKeys {
    Secret client_key;
    Secret stored_key;
    Secret server_key;
};
/// From the result of PBKDF2.
[[nodiscard]] Result<ScramKeys> scram_keys_from_salted(Hash hash, const Secret& salted_password);
/// Blocks for as long as PBKDF2 takes.
[[nodiscard]] Result<ScramKeys> derive_scram_keys(Hash hash, const Secret& password,
                                                  const Secret& salt, std::int32_t iterations);
/// ClientKey XOR ClientSignature, which is its own inverse: the server gets the key back with it.
[[nodiscard]] Result<Secret> xor_with_signature(Hash hash, const Secret& stored_key,
                                                std::string_view auth_message, const Secret& with);

/// SCRAM with a nonce of the caller's: for tests, against the examples of the RFCs.
[[nodiscard]] sasl::MechanismPtr make_scram_with_nonce(sasl::Scram config, std::string nonce);

}  // namespace kafka::auth
