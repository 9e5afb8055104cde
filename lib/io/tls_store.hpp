// SPDX-License-Identifier: Apache-2.0
// What was loaded from a TlsConfig: an SSL_CTX, and the sessions that were made with it.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include <kafka/tls.hpp>

#include "io/tls_certificate.hpp"

namespace kafka::io {

/// Immutable but for the sessions. Thread-safe.
class LoadedTls {
public:
    LoadedTls(const TlsConfig& config, SslContextPtr own, SSL_CTX* context)
        : config_(config), own_(std::move(own)), context_(context) {}

    [[nodiscard]] SSL_CTX* context() const noexcept { return context_; }
    [[nodiscard]] const TlsConfig& config() const noexcept { return config_; }
    /// Our certificate, in words; empty: none.
    [[nodiscard]] const std::string& own_certificate() const noexcept { return own_certificate_; }
    void set_own_certificate(std::string text) { own_certificate_ = std::move(text); }
    /// "ca.pem and the system's".
    [[nodiscard]] std::string trusted() const;

    /// Keeps a session for the next connection to `peer` ("host:port").
    void keep_session(const std::string& peer, SslSessionPtr&& session);
    /// One to resume, or null. A TLS 1.3 ticket is for one connection (RFC 8446, C.4), and taken
    /// out.
    [[nodiscard]] SslSessionPtr take_session(const std::string& peer);

private:
    const TlsConfig config_;
    const SslContextPtr own_;
    SSL_CTX* const context_;
    std::string own_certificate_;

    struct Session {
        std::string peer;
        SslSessionPtr session;
    };
    std::mutex mutex_;
    std::list<Session> sessions_;  // the newest first
};

/// Whose a new session is. A connection puts the address of its own into its SSL, at this index
/// of ex_data.
struct SessionPeer {
    LoadedTls* loaded;
    std::string name;
};
[[nodiscard]] int session_peer_index();

}  // namespace kafka::io
