// SPDX-License-Identifier: Apache-2.0
#include "socket.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace yardstick {
namespace {

/// Why the handshake of which OpenSSL returned `result` ended; empty where the peer only left: a
/// client that is done may give up connections that it has just begun.
std::string handshake_failure(ssl_st* ssl, int result) {
    if (SSL_get_error(ssl, result) != SSL_ERROR_SSL) return {};
    const auto code = ERR_peek_error();
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {};
    const auto* const reason = ERR_reason_error_string(code);
    return std::string("TLS handshake: ") + (reason ? reason : "it failed without a reason");
}

}  // namespace

TlsContext::TlsContext(const std::string& certificate, const std::string& key)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    if (SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
        std::fprintf(stderr, "yardstick: %s and %s: %s\n", certificate.c_str(), key.c_str(),
                     ERR_error_string(ERR_get_error(), nullptr));
        std::exit(2);
    }
}

Socket::Socket(int fd, const TlsContext* tls) : fd_(fd) {
    if (!tls) return;
    ssl_ = SSL_new(tls->get());
    scratch_.resize(64 * 1024);
    ERR_clear_error();
    const int result = ssl_ && SSL_set_fd(ssl_, fd) == 1 ? SSL_accept(ssl_) : 0;
    if (result != 1) {
        auto why = ssl_ ? handshake_failure(ssl_, result) : "TLS: out of memory";
        SSL_free(ssl_);
        close(fd);
        throw Gone{std::move(why)};
    }
}

Socket::~Socket() {
    SSL_free(ssl_);
    close(fd_);
}

std::size_t Socket::read_some(std::span<std::uint8_t> into) {
    if (ssl_) {
        const int got = SSL_read(ssl_, into.data(),
                                 static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX)));
        if (got <= 0) throw Gone{};
        return static_cast<std::size_t>(got);
    }
    for (;;) {
        const auto got = recv(fd_, into.data(), into.size(), 0);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0 || errno != EINTR) throw Gone{};
    }
}

void Socket::read(std::span<std::uint8_t> into) {
    while (!into.empty())
        into = into.subspan(read_some(into));
}

void Socket::discard(std::size_t count) {
    while (ssl_ && count > 0)
        count -= read_some(std::span(scratch_).first(std::min(count, scratch_.size())));
    while (count > 0) {
        const auto got = recv(fd_, nullptr, count, MSG_TRUNC | MSG_WAITALL);
        if (got == 0 || (got < 0 && errno != EINTR)) throw Gone{};
        if (got > 0) count -= static_cast<std::size_t>(got);
    }
}

void Socket::wait_while_open(std::int32_t milliseconds) const {
    pollfd peer{fd_, POLLRDHUP, 0};
    // What interrupts it shortens it, which no client can mind.
    if (poll(&peer, 1, milliseconds) > 0) throw Gone{};
}

void Socket::write_tls(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const int wrote = SSL_write(ssl_, bytes.data(),
                                    static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
        if (wrote <= 0) throw Gone{};
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
}

void Socket::write(std::span<const std::uint8_t> bytes) {
    iovec piece{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    write(std::span(&piece, 1));
}

void Socket::write(std::span<iovec> pieces) {
    if (ssl_ && pieces.size() == 1) {
        return write_tls({static_cast<const std::uint8_t*>(pieces[0].iov_base), pieces[0].iov_len});
    }
    if (ssl_) {
        // Each call makes a TLS record of its own: small pieces would cost more than this copy.
        std::vector<std::uint8_t> all;
        for (const auto& piece : pieces) {
            const auto* const from = static_cast<const std::uint8_t*>(piece.iov_base);
            all.insert(all.end(), from, from + piece.iov_len);
        }
        return write_tls(all);
    }
    while (!pieces.empty()) {
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
        const auto sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) throw Gone{};
        auto left = static_cast<std::size_t>(sent);
        while (!pieces.empty() && left >= pieces.front().iov_len) {
            left -= pieces.front().iov_len;
            pieces = pieces.subspan(1);
        }
        if (left > 0) {
            auto& piece = pieces.front();
            piece.iov_base = static_cast<std::uint8_t*>(piece.iov_base) + left;
            piece.iov_len -= left;
        }
    }
}

}  // namespace yardstick
