// SPDX-License-Identifier: Apache-2.0
// TLS: whom to trust, who we are, and how strict to be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/secret.hpp>

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace kafka {

namespace io {
class TlsStore;
}

/// A certificate, in words. Texts are escaped.
struct TlsCertificate {
    std::string subject;                ///< "O = Example, CN = broker1"
    std::string issuer;                 ///< who signed it
    std::string serial;                 ///< hexadecimal
    std::string not_before, not_after;  ///< "2026-11-21 03:31:00 UTC"
    std::vector<std::string> names;     ///< its subject alternative names, DNS and IP
    std::span<const std::uint8_t> der;  ///< all of it; valid during the callback only
};

/// What a TlsVerifyCallback is asked about: one certificate of the peer's chain.
struct TlsVerification {
    std::string_view host;              ///< that should be its name
    const TlsCertificate& certificate;  ///< valid during the call only
    int depth = 0;                      ///< 0: the peer's own; above: who signed the one below
    bool ok = false;                    ///< OpenSSL finds nothing wrong with it
    int error = 0;                      ///< otherwise OpenSSL's X509_V_ERR_...
    std::string reason;                 ///< and that in words
};

/// Decides about a certificate; what it returns counts, also where OpenSSL has no complaint.
/// Called in the handshake for each certificate, root first, and once more for each complaint. Must
/// not block. Not called where a session is resumed. An exception is a "no".
using TlsVerifyCallback = std::function<bool(const TlsVerification&)>;

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// TLS as it is wanted. Without any field set: the system's authorities, the host name checked, at
/// least TLS 1.2, no certificate of our own. Plain data.
/// Files are PEM where nothing else is said. They are read when the first connection is made, and
/// again, when one of them has changed, before the next: rotated certificates need no restart. If
/// the new ones cannot be used, the old ones are, and the log says why.
struct TlsConfig {
    // Whom to trust. Each adds to the others.
    std::string ca_file = {};  ///< certificates of authorities (`ssl.truststore.location`, PEM)
    std::string ca_directory = {};  ///< a folder of them, prepared by `openssl rehash`
    std::string ca_pem = {};        ///< the text itself (`ssl.truststore.certificates`)
    /// The system's authorities too, which are used anyway where none of the three above is set.
    /// Default false.
    bool system_authorities = false;

    // Who we are (mutual TLS): certificate and key, or a PKCS#12 file that holds both. The
    // certificate may be followed by its chain.
    std::string certificate_file = {};  ///< (`ssl.keystore.location`, PEM)
    std::string certificate_pem = {};   ///< (`ssl.keystore.certificate.chain`)
    std::string key_file = {};          ///< default: the key is in the certificate's file or text
    Secret key_pem = {};                ///< (`ssl.keystore.key`)
    std::string pkcs12_file = {};       ///< (`ssl.keystore.location` with type PKCS12)
    /// Of the key or the PKCS#12 file, where it is encrypted (`ssl.key.password`,
    /// `ssl.keystore.password`).
    Secret password = {};

    // How strict to be.
    /// Check that the peer's certificate comes from an authority that is trusted. Without it
    /// anybody on the way can read and change everything. Default true.
    bool verify_peer = true;
    /// Check that the certificate is for the host that was asked for, by name or address
    /// (`ssl.endpoint.identification.algorithm=https`). Only together with verify_peer, or with
    /// `verify`. Default true.
    bool verify_host = true;
    /// The name to ask for (SNI) and to check, instead of the host. Default "".
    std::string server_name = {};
    TlsVersion min_version = TlsVersion::tls_1_2;
    std::string ciphers = {};        ///< of TLS 1.2, as OpenSSL writes them. Default "": OpenSSL's
    std::string cipher_suites = {};  ///< of TLS 1.3. Default "": OpenSSL's
    /// Resume sessions, which saves a round of cryptography at a reconnect. Default true.
    bool resume_sessions = true;
    TlsVerifyCallback verify = {};

    /// An SSL_CTX of one's own, instead of all the files and texts above and of the versions and
    /// ciphers: it is used as it is, but for the checks and the SNI of each connection, which are
    /// set as said here. Sessions are not resumed. Must be for clients. Default none.
    std::shared_ptr<ssl_ctx_st> context = {};
};

/// What is configured, for logs, with "****" for secrets; texts in PEM are only mentioned.
[[nodiscard]] KAFKA_API std::string to_string(const TlsConfig& config);

/// TLS for connections: a TlsConfig and what was loaded from it. Copies share certificates and
/// sessions, so give all connections of a program copies of one. Thread-safe.
///
///     ConnConfig config;
///     config.tls = kafka::TlsConfig{.ca_file = "ca.pem"};
class KAFKA_API Tls {
public:
    /// Nothing is read yet.
    Tls() : Tls(TlsConfig{}) {}
    Tls(TlsConfig config);

    [[nodiscard]] const TlsConfig& config() const noexcept;
    /// For the library's own use.
    [[nodiscard]] const std::shared_ptr<io::TlsStore>& store() const noexcept { return store_; }

private:
    std::shared_ptr<io::TlsStore> store_;
};

/// How a connection is encrypted.
struct TlsInfo {
    std::string version;                     ///< "TLSv1.3"
    std::string cipher;                      ///< "TLS_AES_256_GCM_SHA384"
    TlsCertificate peer;                     ///< the broker's; its `der` is empty
    bool resumed = false;                    ///< with the session of an earlier connection
    std::chrono::microseconds handshake{0};  ///< how long the handshake took
};

}  // namespace kafka
