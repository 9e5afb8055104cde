// SPDX-License-Identifier: Apache-2.0
// The scripted server over TLS.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>

#include "client/certificates.hpp"
#include "client/scripted_server.hpp"

namespace kafka::testing {

struct TlsServerPlan {
    Identity identity;
    /// Clients must have a certificate of this authority.
    const Identity* clients = nullptr;
    int max_version = TLS1_3_VERSION;
};

class TlsPeer final : public ScriptedPeer {
public:
    TlsPeer(asio::ip::tcp::socket socket, asio::ssl::context& context)
        : ScriptedPeer(std::move(socket)), stream_(socket_, context) {}

    /// The handshake; false if it failed.
    bool secure() {
        std::error_code ec;
        stream_.handshake(asio::ssl::stream_base::server, ec);
        return !ec;
    }
    [[nodiscard]] bool resumed() { return SSL_session_reused(stream_.native_handle()) == 1; }
    [[nodiscard]] std::string name_called() {
        const char* name = SSL_get_servername(stream_.native_handle(), TLSEXT_NAMETYPE_host_name);
        return name ? name : "";
    }
    /// True if the client ended with TLS's good-bye.
    bool ends_well() {
        char byte = 0;
        std::error_code ec;
        stream_.read_some(asio::buffer(&byte, 1), ec);
        return ec == asio::error::eof;
    }
    void say_good_bye() { SSL_shutdown(stream_.native_handle()); }
    void write(std::string_view bytes) override {
        std::error_code ec;
        asio::write(stream_, asio::buffer(bytes.data(), bytes.size()), ec);
    }

protected:
    bool receive(std::span<std::uint8_t> into) override {
        std::error_code ec;
        asio::read(stream_, asio::buffer(into.data(), into.size()), ec);
        return !ec;
    }

private:
    asio::ssl::stream<asio::ip::tcp::socket&> stream_;
};

/// Its script begins after the handshake, where that succeeds.
class TlsServer {
public:
    using Script = std::function<void(TlsPeer&)>;

    explicit TlsServer(const TlsServerPlan& plan, Script script = serve_all)
        : context_(asio::ssl::context::tls_server),
          server_(
              [script = std::move(script)](ScriptedPeer& peer) {
                  auto& tls = static_cast<TlsPeer&>(peer);
                  if (tls.secure()) script(tls);
                  tls.shut();
              },
              "127.0.0.1",
              [this](asio::ip::tcp::socket socket) {
                  return std::make_shared<TlsPeer>(std::move(socket), context_);
              }) {
        auto* context = context_.native_handle();
        SSL_CTX_use_certificate(context, plan.identity.certificate.get());
        SSL_CTX_use_PrivateKey(context, plan.identity.key.get());
        SSL_CTX_set_max_proto_version(context, plan.max_version);
        SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("t"), 1);
        if (plan.clients) {
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context), plan.clients->certificate.get());
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        }
    }
    static void serve_all(TlsPeer& peer) { serve(peer); }
    [[nodiscard]] std::string address() const { return server_.address(); }
    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] std::string localhost() const { return "localhost:" + std::to_string(port()); }
    [[nodiscard]] int connections() const { return server_.connections(); }

private:
    asio::ssl::context context_;
    ScriptedServer server_;
};

}  // namespace kafka::testing
