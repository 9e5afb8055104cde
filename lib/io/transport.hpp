// SPDX-License-Identifier: Apache-2.0
// Transport: what carries the bytes of a connection. TcpTransport: in the clear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/write.hpp>

#include "io/executor.hpp"

namespace kafka::io {

/// Whom a transport tells. Named functions, not handlers of any type: what is virtual can take no
/// template, and an erased handler would need memory for each operation.
class TransportUser {
public:
    /// At least one byte without an error.
    virtual void on_read(const std::error_code& ec, std::size_t count) = 0;
    virtual void on_written(const std::error_code& ec) = 0;

protected:
    ~TransportUser() = default;
};

/// One read and one write at a time. The user is told on the strand, never inside these functions,
/// and is kept alive until then.
class Transport {
public:
    virtual ~Transport() = default;

    virtual void read_some(std::span<std::uint8_t> into, std::shared_ptr<TransportUser> user) = 0;
    /// All pieces, in order. They must stay until on_written().
    virtual void write(std::span<const std::span<const std::uint8_t>> pieces,
                       std::shared_ptr<TransportUser> user) = 0;
    /// Ends what is under way with operation_aborted.
    virtual void close() noexcept = 0;
};

class TcpTransport final : public Transport {
public:
    explicit TcpTransport(Socket socket) : socket_(std::move(socket)) {}

    void read_some(std::span<std::uint8_t> into, std::shared_ptr<TransportUser> user) override {
        socket_.async_read_some(
            asio::buffer(into.data(), into.size()),
            [user = std::move(user)](const std::error_code& ec, std::size_t count) {
                user->on_read(ec, count);
            });
    }
    void write(std::span<const std::span<const std::uint8_t>> pieces,
               std::shared_ptr<TransportUser> user) override {
        buffers_.clear();
        for (auto piece : pieces)
            buffers_.emplace_back(piece.data(), piece.size());
        asio::async_write(socket_, Pieces{buffers_.data(), buffers_.data() + buffers_.size()},
                          [user = std::move(user)](const std::error_code& ec, std::size_t) {
                              user->on_written(ec);
                          });
    }
    void close() noexcept override {
        std::error_code ignored;
        socket_.shutdown(Socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

private:
    // A view of buffers_: Asio copies a buffer sequence, and a vector's copy would allocate.
    struct Pieces {
        using value_type = asio::const_buffer;
        using const_iterator = const asio::const_buffer*;
        const_iterator first, last;
        [[nodiscard]] const_iterator begin() const noexcept { return first; }
        [[nodiscard]] const_iterator end() const noexcept { return last; }
    };

    Socket socket_;
    std::vector<asio::const_buffer> buffers_;
};

}  // namespace kafka::io
