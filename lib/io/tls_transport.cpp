// SPDX-License-Identifier: Apache-2.0
#include "io/tls_transport.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <utility>

#include <asio/bind_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/ssl/error.hpp>
#include <asio/ssl/stream.hpp>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/escape.hpp"
#include "io/tls_store.hpp"

namespace kafka::io {
namespace {

// What a TLS record holds at most (RFC 8446, section 5.1): small pieces are put together up to it.
constexpr std::size_t record_size = 16 * 1024;

// Alerts (RFC 8446, section 6) come as reasons above this.
constexpr int first_alert = SSL_AD_REASON_OFFSET;

constexpr const char* plaintext_hint =
    ": is this a plaintext listener? Then leave ConnConfig::tls unset (security.protocol PLAINTEXT "
    "or SASL_PLAINTEXT)";

class OpenSslTransport final : public TlsTransport {
public:
    OpenSslTransport(Strand strand, Socket socket, SslPtr ssl, std::shared_ptr<LoadedTls> loaded,
                     std::string host, std::uint16_t port)
        : strand_(std::move(strand)),
          loaded_(std::move(loaded)),
          host_(std::move(host)),
          session_peer_{loaded_.get(), host_ + ':' + std::to_string(port)},
          ssl_(ssl.get()),
          stream_(std::move(socket), ssl.release()) {}

    [[nodiscard]] Failure set_up();

    void handshake(std::function<void(const std::error_code&)> handler) override {
        started_ = std::chrono::steady_clock::now();
        stream_.async_handshake(asio::ssl::stream_base::client,
                                asio::bind_executor(strand_, [this, handler = std::move(handler)](
                                                                 const std::error_code& ec) {
                                    done_ = !ec;
                                    took_ = std::chrono::steady_clock::now() - started_;
                                    handler(ec);
                                }));
    }
    void read_some(std::span<std::uint8_t> into, std::shared_ptr<TransportUser> user) override {
        user_ = user;
        stream_.async_read_some(
            asio::buffer(into.data(), into.size()),
            asio::bind_executor(strand_, [user = std::move(user)](const std::error_code& ec,
                                                                  std::size_t count) mutable {
                auto* self = user.get();
                self->on_read(ec, count, std::move(user));
            }));
    }
    [[nodiscard]] bool write(std::span<const std::span<const std::uint8_t>> pieces,
                             TransportUser& user) override {
        pieces_ = pieces;
        offset_ = 0;
        writing_ = true;
        write_on(user.share());
        return false;
    }
    void close() noexcept override;

    [[nodiscard]] Failure explain(const char* doing, const std::error_code& ec) const override;
    [[nodiscard]] bool heard() const noexcept override {
        return BIO_number_read(SSL_get_rbio(ssl_)) > 0;
    }
    [[nodiscard]] TlsInfo info() const override;

private:
    static int index() {
        static const int own = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
        return own;
    }
    static OpenSslTransport* of(const SSL* ssl) {
        return static_cast<OpenSslTransport*>(SSL_get_ex_data(ssl, index()));
    }
    static int on_verify(int ok, X509_STORE_CTX* store);
    static int on_asked(SSL*, void* self) {
        static_cast<OpenSslTransport*>(self)->asked_for_certificate_ = true;
        return 1;
    }

    [[nodiscard]] bool verify(bool ok, X509_STORE_CTX& store);
    [[nodiscard]] Failure explain_alert(int alert, const std::string& text) const;
    [[nodiscard]] bool skip(std::size_t count);
    void write_on(std::shared_ptr<TransportUser> user);

    const Strand strand_;
    const std::shared_ptr<LoadedTls> loaded_;
    const std::string host_;
    SessionPeer session_peer_;
    SSL* const ssl_;  // the stream's
    asio::ssl::stream<Socket> stream_;
    bool done_ = false, closed_ = false, writing_ = false;
    std::chrono::steady_clock::time_point started_;  // of the handshake
    std::chrono::steady_clock::duration took_{0};
    bool asked_for_certificate_ = false;
    std::weak_ptr<TransportUser> user_;  // keeps this object alive
    std::string rejection_;              // what is wrong with the peer's certificate

    // The write under way.
    std::span<const std::span<const std::uint8_t>> pieces_;
    std::size_t offset_ = 0;  // in the first of pieces_
    std::array<std::uint8_t, record_size> together_;
};

Failure OpenSslTransport::set_up() {
    const auto& config = loaded_->config();
    SSL_set_ex_data(ssl_, index(), this);
    SSL_set_ex_data(ssl_, session_peer_index(), &session_peer_);
    auto name = config.server_name.empty() ? host_ : config.server_name;
    if (!name.empty() && name.back() == '.') name.pop_back();  // the DNS's root
    std::error_code not_a_number;
    const auto number = asio::ip::make_address(name, not_a_number);
    if (not_a_number && SSL_set_tlsext_host_name(ssl_, name.c_str()) != 1)
        return {errc::invalid_argument, "TLS: '" + escaped(name, 80) + "' is no server name"};
    if (config.verify_peer || config.verify) {
        SSL_set_verify(ssl_, SSL_VERIFY_PEER, &OpenSslTransport::on_verify);
        if (config.verify_host) {
            auto* wanted = SSL_get0_param(ssl_);
            X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            int set = 0;
            if (not_a_number) {
                set = X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size());
            } else if (number.is_v4()) {
                const auto bytes = number.to_v4().to_bytes();
                set = X509_VERIFY_PARAM_set1_ip(wanted, bytes.data(), bytes.size());
            } else {
                const auto bytes = number.to_v6().to_bytes();
                set = X509_VERIFY_PARAM_set1_ip(wanted, bytes.data(), bytes.size());
            }
            if (set != 1)
                return {errc::invalid_argument, "TLS: '" + escaped(name, 80) + "' is no host"};
        }
    } else {
        SSL_set_verify(ssl_, SSL_VERIFY_NONE, nullptr);
    }
    if (config.context) return {};
    SSL_set_cert_cb(ssl_, &OpenSslTransport::on_asked, this);
    if (config.resume_sessions) {
        if (const auto session = loaded_->take_session(session_peer_.name);
            session && SSL_SESSION_is_resumable(session.get()))
            SSL_set_session(ssl_, session.get());
    }
    return {};
}

int OpenSslTransport::on_verify(int ok, X509_STORE_CTX* store) {
    const auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* self = ssl ? of(ssl) : nullptr;
    if (!self) return ok;
    try {
        return self->verify(ok != 0, *store) ? 1 : 0;
    } catch (const std::exception&) {
        return 0;
    }
}

bool OpenSslTransport::verify(bool ok, X509_STORE_CTX& store) {
    const auto& config = loaded_->config();
    const int error = X509_STORE_CTX_get_error(&store);
    const int depth = X509_STORE_CTX_get_error_depth(&store);
    const auto* certificate = X509_STORE_CTX_get_current_cert(&store);
    if (ok && !config.verify) return true;
    TlsCertificate shown;
    if (certificate) shown = describe(*certificate);
    bool accepted = ok;
    if (config.verify && certificate) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(const_cast<X509*>(certificate), &der);
        const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })>
            owner(der);
        if (size > 0) shown.der = {der, static_cast<std::size_t>(size)};
        try {
            accepted = config.verify(
                {.host = host_,
                 .certificate = shown,
                 .depth = depth,
                 .ok = ok,
                 .error = ok ? 0 : error,
                 .reason = ok ? std::string() : X509_verify_cert_error_string(error)});
        } catch (...) {
            accepted = false;
        }
        shown.der = {};
        if (accepted && !ok) X509_STORE_CTX_set_error(&store, X509_V_OK);
        if (!accepted && ok) X509_STORE_CTX_set_error(&store, X509_V_ERR_APPLICATION_VERIFICATION);
    }
    if (!accepted && rejection_.empty())
        rejection_ =
            complaint(shown, depth, ok ? X509_V_OK : error,
                      config.server_name.empty() ? host_ : config.server_name, loaded_->trusted());
    return accepted;
}

void OpenSslTransport::write_on(std::shared_ptr<TransportUser> user) {
    auto data = pieces_.front().subspan(offset_);
    if (data.size() < record_size && pieces_.size() > 1) {
        std::size_t size = 0, offset = offset_;
        for (const auto piece : pieces_) {
            const auto part = piece.subspan(offset);
            const auto count = std::min(part.size(), record_size - size);
            std::copy_n(part.begin(), count, together_.begin() + static_cast<std::ptrdiff_t>(size));
            size += count;
            offset = 0;
            if (size == record_size) break;
        }
        data = {together_.data(), size};
    }
    stream_.async_write_some(
        asio::buffer(data.data(), data.size()),
        asio::bind_executor(strand_, [this, user = std::move(user)](const std::error_code& ec,
                                                                    std::size_t count) mutable {
            if (!ec && skip(count)) return write_on(std::move(user));
            writing_ = false;
            user->on_written(ec);
        }));
}

// Steps over what was written. True: there is more.
bool OpenSslTransport::skip(std::size_t count) {
    while (!pieces_.empty()) {
        const auto left = pieces_.front().size() - offset_;
        if (count < left) {
            offset_ += count;
            return true;
        }
        count -= left;
        pieces_ = pieces_.subspan(1);
        offset_ = 0;
    }
    return false;
}

void OpenSslTransport::close() noexcept {
    if (std::exchange(closed_, true)) return;
    auto& socket = stream_.next_layer();
    try {
        // The good-bye goes into the socket's buffer here and now, if there is room; the peer's is
        // not waited for.
        if (auto user = user_.lock(); user && done_ && !writing_ && SSL_in_init(ssl_) == 0)
            stream_.async_shutdown(
                asio::bind_executor(strand_, [user = std::move(user)](const std::error_code&) {}));
    } catch (const std::exception&) {  // without a good-bye, then
    }
    std::error_code ignored;
    socket.shutdown(Socket::shutdown_both, ignored);
    socket.close(ignored);
}

Failure OpenSslTransport::explain(const char* doing, const std::error_code& ec) const {
    if (!rejection_.empty()) return {errc::certificate_rejected, rejection_};
    const auto text = std::string(doing) + ": ";
    if (ec == asio::error::eof)
        return {errc::connection_lost, text + "the peer closed the connection"};
    if (ec == asio::ssl::error::stream_truncated)
        return {errc::connection_lost, text + "the peer closed the connection without TLS's end"};
    if (ec.category() != asio::error::get_ssl_category())
        return {errc::connection_lost, text + ec.message()};
    const auto code = static_cast<unsigned long>(ec.value());
    const int reason = ERR_GET_REASON(code);
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) return {errc::tls_failed, text + ec.message()};
    if (reason >= first_alert) return explain_alert(reason - first_alert, text + ec.message());
    switch (reason) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_DATA_LENGTH_TOO_LONG:
            if (!done_)
                return {errc::tls_failed,
                        "the peer does not speak TLS" + std::string(plaintext_hint)};
            break;
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW:
            return {errc::tls_failed,
                    text + "the peer has no version of TLS that TlsConfig::min_version allows"};
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            return {errc::connection_lost,
                    text + "the peer closed the connection without TLS's end"};
        default:
            break;
    }
    return {errc::tls_failed, text + ec.message()};
}

// What the peer complains about.
Failure OpenSslTransport::explain_alert(int alert, const std::string& text) const {
    const auto& own = loaded_->own_certificate();
    switch (alert) {
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_ACCESS_DENIED:
        case 116:  // certificate_required, which OpenSSL 3.0 has no name for
            if (own.empty())
                return {errc::client_certificate_rejected,
                        text +
                            ": the peer wants a certificate of this side and there is none; set "
                            "TlsConfig::certificate_file"};
            return {errc::client_certificate_rejected,
                    text + ": the peer does not accept this side's certificate, " + own};
        case SSL_AD_HANDSHAKE_FAILURE:
            if (asked_for_certificate_ && own.empty())
                return {errc::client_certificate_rejected,
                        text +
                            ": the peer asked for a certificate of this side and there is none; "
                            "set TlsConfig::certificate_file"};
            return {errc::tls_failed,
                    text +
                        ": the two sides have no cipher in common, or the peer wants a "
                        "certificate of this side"};
        case SSL_AD_PROTOCOL_VERSION:
            return {errc::tls_failed, text + ": the two sides have no version of TLS in common"};
        case SSL_AD_UNRECOGNIZED_NAME:
            return {errc::tls_failed, text + ": the peer does not know the name it was called by"};
        default:
            return {errc::tls_failed, text};
    }
}

TlsInfo OpenSslTransport::info() const {
    TlsInfo info;
    info.version = SSL_get_version(ssl_);
    info.cipher = SSL_get_cipher_name(ssl_);
    if (const auto* certificate = SSL_get0_peer_certificate(ssl_))
        info.peer = describe(*certificate);
    info.resumed = SSL_session_reused(ssl_) == 1;
    info.handshake = std::chrono::duration_cast<std::chrono::microseconds>(took_);
    return info;
}

}  // namespace

Result<std::unique_ptr<TlsTransport>> make_tls_transport(const Strand& strand, Socket socket,
                                                         std::shared_ptr<LoadedTls> loaded,
                                                         const std::string& host,
                                                         std::uint16_t port) {
    ERR_clear_error();
    SslPtr ssl(SSL_new(loaded->context()));
    if (!ssl) return Failure(errc::tls_failed, take_openssl_error());
    auto stream = std::make_unique<OpenSslTransport>(strand, std::move(socket), std::move(ssl),
                                                     std::move(loaded), host, port);
    if (auto failure = stream->set_up()) {
        ERR_clear_error();
        return failure;
    }
    return std::unique_ptr<TlsTransport>(std::move(stream));
}

}  // namespace kafka::io
