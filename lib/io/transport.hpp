// SPDX-License-Identifier: Apache-2.0
// TcpTransport: the bytes of a connection, in the clear. One read and one write at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/write.hpp>

#include "io/executor.hpp"

namespace kafka::io {

class TcpTransport {
public:
    explicit TcpTransport(Socket socket) : socket_(std::move(socket)) {}

    /// `void(std::error_code, std::size_t)`; at least one byte without an error.
    template <class Handler>
    void read_some(std::span<std::uint8_t> into, Handler&& handler) {
        socket_.async_read_some(asio::buffer(into.data(), into.size()),
                                std::forward<Handler>(handler));
    }
    /// All pieces, in order: `void(std::error_code, std::size_t)`. They must stay until then.
    template <class Handler>
    void write(std::span<const std::span<const std::uint8_t>> pieces, Handler&& handler) {
        buffers_.clear();
        for (auto piece : pieces)
            buffers_.emplace_back(piece.data(), piece.size());
        asio::async_write(socket_, Pieces{buffers_.data(), buffers_.data() + buffers_.size()},
                          std::forward<Handler>(handler));
    }
    /// Ends what is under way with operation_aborted.
    void close() noexcept {
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
