// SPDX-License-Identifier: Apache-2.0
// Hashes, keys and signatures: the only place that knows OpenSSL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <kafka/result.hpp>
#include <kafka/secret.hpp>

namespace kafka::auth {

using Bytes = std::span<const std::uint8_t>;

enum class Hash : std::uint8_t { sha256, sha512 };
[[nodiscard]] constexpr std::size_t size_of(Hash hash) noexcept {
    return hash == Hash::sha256 ? 32 : 64;
}

/// False when built without OpenSSL: then everything below fails.
[[nodiscard]] bool crypto_available() noexcept;

[[nodiscard]] Result<Secret> digest(Hash hash, Bytes message);
[[nodiscard]] Result<Secret> hmac(Hash hash, Bytes key, Bytes message);
/// PBKDF2 with HMAC (RFC 8018): as long as the hash. Takes as long as `iterations` hashes.
[[nodiscard]] Result<Secret> pbkdf2(Hash hash, Bytes password, Bytes salt,
                                    std::uint32_t iterations);
/// From the system's generator.
[[nodiscard]] Result<Secret> random_bytes(std::size_t count);

enum class Signature : std::uint8_t { rs256, es256 };
/// A signature as JSON Web Tokens have it (RFC 7518, sections 3.3 and 3.4), with a PEM key.
[[nodiscard]] Result<Secret> sign(Signature kind, const Secret& pem, const Secret& passphrase,
                                  Bytes message);

[[nodiscard]] std::string hex(Bytes bytes);
/// Compares in time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(Bytes a, Bytes b) noexcept;

}  // namespace kafka::auth
