// SPDX-License-Identifier: Apache-2.0
// TLS on the brokers' side of a connection.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include <kafka/testing/broker_options.hpp>

namespace kafka::testing {

/// TLS over one socket, which it does not own. As of a socket: one read and one write at a time.
class TlsConnection {
public:
    using Handler = std::function<void(const std::error_code&, std::size_t)>;

    virtual ~TlsConnection() = default;
    virtual void handshake(std::function<void(const std::error_code&)> handler) = 0;
    virtual void read_some(std::span<std::uint8_t> into, Handler handler) = 0;
    virtual void write(const std::vector<asio::const_buffer>& buffers, Handler handler) = 0;
    /// Tells the peer that nothing follows.
    virtual void shutdown(std::function<void()> handler) = 0;
    /// Whom the client's certificate is for, as Kafka names it: "User:CN=...". Empty without one.
    [[nodiscard]] virtual std::string principal() const = 0;
};

/// Certificates and settings, ready to be used. Without OpenSSL there is none.
class TlsServer {
public:
    /// Throws std::system_error (errc::invalid_argument) if they are of no use.
    [[nodiscard]] static std::shared_ptr<TlsServer> make(const BrokerTls& options);
    virtual ~TlsServer() = default;
    [[nodiscard]] virtual std::unique_ptr<TlsConnection> over(asio::ip::tcp::socket& socket) = 0;
};

}  // namespace kafka::testing
