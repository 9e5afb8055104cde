// SPDX-License-Identifier: Apache-2.0
// Certificates for tests of TLS: good ones, and bad ones of every kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kafka/export.hpp>

namespace kafka::testing {

/// Both as PEM.
struct Certificate {
    std::string pem;      ///< the certificate, and behind it those of its issuers but the root
    std::string key_pem;  ///< its private key, not encrypted
};

enum class KeyKind : std::uint8_t {
    ec_p256,  ///< quick to make: the default
    rsa_2048,
    rsa_1024,  ///< too weak for today's clients
};

struct CertificateOptions {
    std::string common_name = "localhost";
    /// Names it is valid for, wildcards included ("*.example.com"). Default: localhost.
    std::vector<std::string> dns_names = {"localhost"};
    /// Addresses it is valid for. Default: both of loopback.
    std::vector<std::string> ip_addresses = {"127.0.0.1", "::1"};
    /// From when to when it is valid, counted from now. Default: a day ago to a year from now.
    std::chrono::seconds not_before = -std::chrono::hours(24);
    std::chrono::seconds not_after = std::chrono::hours(24 * 365);
    KeyKind key = KeyKind::ec_p256;
    /// Issued by itself and not by the authority. Default: false.
    bool self_signed = false;
};

struct AuthorityState;

/// Makes certificates in memory. For tests only: its keys are worth nothing. Thread-safe but for
/// assignment. Needs OpenSSL; where the library was built without, the constructor throws
/// std::system_error (std::errc::not_supported).
///
///     CertificateAuthority authority;
///     const auto server = authority.issue();
///     Broker broker({.tls = BrokerTls{.certificate_pem = server.pem, .key_pem = server.key_pem}});
///     ... a client that trusts authority.pem() ...
class KAFKA_API CertificateAuthority {
public:
    /// A root.
    explicit CertificateAuthority(std::string common_name = "kafka-asio test authority");
    /// An intermediate authority, for chains.
    CertificateAuthority(std::string common_name, const CertificateAuthority& issuer);

    /// Its own certificate: what clients have to trust (of a root).
    [[nodiscard]] std::string pem() const;
    /// Throws std::system_error (errc::invalid_argument) for options that make no certificate.
    [[nodiscard]] Certificate issue(const CertificateOptions& options = {}) const;

private:
    std::shared_ptr<const AuthorityState> state_;
};

}  // namespace kafka::testing
