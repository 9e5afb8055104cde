// SPDX-License-Identifier: Apache-2.0
#include "testing/tls_server.hpp"

#include <system_error>
#include <utility>

#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/write.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <kafka/error.hpp>

namespace kafka::testing {
namespace {

using asio::ip::tcp;
namespace ssl = asio::ssl;

// As Java's X500Principal.getName(): RFC 2253, the last part first.
std::string subject_of(SSL* session) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(session),
                                                             &X509_free);
    if (!certificate) return {};
    const std::unique_ptr<BIO, void (*)(BIO*)> text(BIO_new(BIO_s_mem()),
                                                    [](BIO* bio) { BIO_free(bio); });
    if (!text) return {};
    X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0,
                       XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
    char* data = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

class OpenSslConnection final : public TlsConnection {
public:
    OpenSslConnection(std::shared_ptr<ssl::context> context, tcp::socket& socket)
        : context_(std::move(context)), stream_(socket, *context_) {}

    void handshake(std::function<void(const std::error_code&)> handler) override {
        stream_.async_handshake(ssl::stream_base::server, std::move(handler));
    }
    void read_some(std::span<std::uint8_t> into, Handler handler) override {
        stream_.async_read_some(asio::buffer(into.data(), into.size()), std::move(handler));
    }
    void write(const std::vector<asio::const_buffer>& buffers, Handler handler) override {
        asio::async_write(stream_, buffers, std::move(handler));
    }
    void shutdown(std::function<void()> handler) override {
        stream_.async_shutdown(
            [handler = std::move(handler)](const std::error_code&) { handler(); });
    }
    [[nodiscard]] std::string principal() const override {
        auto subject = subject_of(const_cast<ssl::stream<tcp::socket&>&>(stream_).native_handle());
        return subject.empty() ? subject : "User:" + subject;
    }

private:
    std::shared_ptr<ssl::context> context_;
    ssl::stream<tcp::socket&> stream_;
};

class OpenSslServer final : public TlsServer {
public:
    explicit OpenSslServer(const BrokerTls& options)
        : context_(std::make_shared<ssl::context>(ssl::context::tls_server)) {
        std::string at = "its settings";
        try {
            at = "certificate_pem";
            context_->use_certificate_chain(asio::buffer(options.certificate_pem));
            at = "key_pem";
            context_->use_private_key(asio::buffer(options.key_pem), ssl::context::pem);
            at = "client_ca_pem";
            if (!options.client_ca_pem.empty()) {
                context_->add_certificate_authority(asio::buffer(options.client_ca_pem));
            }
        } catch (const std::system_error& error) {
            throw std::system_error(make_error_code(errc::invalid_argument),
                                    "TLS of the broker: " + at + ": " + error.what());
        }
        int mode = ssl::verify_none;
        if (options.client_auth == ClientAuth::requested) mode = ssl::verify_peer;
        if (options.client_auth == ClientAuth::required) {
            mode = ssl::verify_peer | ssl::verify_fail_if_no_peer_cert;
        }
        context_->set_verify_mode(mode);
        auto* native = context_->native_handle();
        SSL_CTX_set_min_proto_version(native, version_of(options.min_version));
        SSL_CTX_set_max_proto_version(native, version_of(options.max_version));
        // Below TLS 1.2 only at OpenSSL's lowest level: for tests of clients that refuse it.
        if (options.max_version < TlsVersion::tls1_2) SSL_CTX_set_security_level(native, 0);
        static constexpr unsigned char context_name[] = "kafka-asio-testing";
        SSL_CTX_set_session_id_context(native, context_name, sizeof context_name - 1);
    }
    [[nodiscard]] std::unique_ptr<TlsConnection> over(tcp::socket& socket) override {
        return std::make_unique<OpenSslConnection>(context_, socket);
    }

private:
    static int version_of(TlsVersion version) {
        switch (version) {
            case TlsVersion::tls1_1:
                return TLS1_1_VERSION;
            case TlsVersion::tls1_2:
                return TLS1_2_VERSION;
            case TlsVersion::tls1_3:
                return TLS1_3_VERSION;
        }
        return 0;
    }

    std::shared_ptr<ssl::context> context_;
};

}  // namespace

std::shared_ptr<TlsServer> TlsServer::make(const BrokerTls& options) {
    return std::make_shared<OpenSslServer>(options);
}

}  // namespace kafka::testing
