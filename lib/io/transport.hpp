// SPDX-License-Identifier: Apache-2.0
// Transport: what carries the bytes of a connection. TcpTransport: in the clear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/write.hpp>

#include <kafka/error.hpp>
#include <kafka/result.hpp>

#include "io/executor.hpp"

namespace kafka::io {

/// Whom a transport tells. Named functions, not handlers of any type: what is virtual can take no
/// template, and an erased handler would need memory for each operation.
class TransportUser {
public:
    /// At least one byte without an error. `self` is what was given to read_some(): to be moved
    /// into the next, or left.
    virtual void on_read(const std::error_code& ec, std::size_t count,
                         std::shared_ptr<TransportUser>&& self) = 0;
    virtual void on_written(const std::error_code& ec) = 0;
    /// An owner, for as long as an operation is under way.
    [[nodiscard]] virtual std::shared_ptr<TransportUser> share() = 0;

protected:
    ~TransportUser() = default;
};

/// One read and one write at a time. The user is told on the strand, never inside these functions,
/// and is kept alive until then.
class Transport {
public:
    virtual ~Transport() = default;

    virtual void read_some(std::span<std::uint8_t> into, std::shared_ptr<TransportUser> user) = 0;
    /// All pieces, in order. True: they are written already, and the user is not told. Otherwise
    /// they must stay until on_written().
    [[nodiscard]] virtual bool write(std::span<const std::span<const std::uint8_t>> pieces,
                                     TransportUser& user) = 0;
    /// Ends what is under way with operation_aborted.
    virtual void close() noexcept = 0;
    /// What an error of an operation means, in words.
    [[nodiscard]] virtual Failure explain(const char* doing, const std::error_code& ec) const {
        // What a write meets first of an end that a read would have been told of.
        const bool gone = ec == asio::error::broken_pipe;
        return {errc::connection_lost, std::string(doing) + ": " +
                                           (gone ? "the peer has closed the connection: " : "") +
                                           ec.message()};
    }
};

class TcpTransport final : public Transport {
public:
    TcpTransport(Strand strand, Socket socket)
        : strand_(std::move(strand)), socket_(std::move(socket)) {
        std::error_code ignored;
        socket_.non_blocking(true, ignored);  // without it write() waits; Asio's own need it anyway
    }

    void read_some(std::span<std::uint8_t> into, std::shared_ptr<TransportUser> user) override {
        socket_.async_read_some(
            asio::buffer(into.data(), into.size()),
            [this, user = std::move(user)](const std::error_code& ec, std::size_t count) mutable {
                strand_.run([user = std::move(user), ec, count]() mutable {
                    auto* self = user.get();
                    self->on_read(ec, count, std::move(user));
                });
            });
    }
    [[nodiscard]] bool write(std::span<const std::span<const std::uint8_t>> pieces,
                             TransportUser& user) override {
        buffers_.clear();
        std::size_t left = 0;
        for (auto piece : pieces) {
            buffers_.emplace_back(piece.data(), piece.size());
            left += piece.size();
        }
        Pieces rest{buffers_.data(), buffers_.data() + buffers_.size()};
        // Mostly the system takes all: then there is no need of an event that says so. Errors
        // come again, and are told in the one way.
        std::error_code ec;
        auto taken = socket_.write_some(rest, ec);
        left -= taken;
        if (left == 0) return true;
        auto* first = buffers_.data();
        for (; taken >= first->size(); ++first)
            taken -= first->size();
        *first += taken;
        rest.first = first;
        asio::async_write(
            socket_, rest, WholeRest{},
            [this, user = user.share()](const std::error_code& failed, std::size_t) mutable {
                strand_.run([user = std::move(user), failed] { user->on_written(failed); });
            });
        return false;
    }
    void close() noexcept override {
        std::error_code ignored;
        socket_.shutdown(Socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

private:
    // Asio's own condition offers the system 64 KiB a time, with a turn of the loop between them.
    struct WholeRest {
        std::size_t operator()(const std::error_code& ec, std::size_t) const noexcept {
            return ec ? 0 : std::numeric_limits<std::size_t>::max();
        }
    };
    // A view of buffers_: Asio copies a buffer sequence, and a vector's copy would allocate.
    struct Pieces {
        using value_type = asio::const_buffer;
        using const_iterator = const asio::const_buffer*;
        const_iterator first, last;
        [[nodiscard]] const_iterator begin() const noexcept { return first; }
        [[nodiscard]] const_iterator end() const noexcept { return last; }
    };

    const Strand strand_;
    Socket socket_;
    std::vector<asio::const_buffer> buffers_;
};

}  // namespace kafka::io
