// SPDX-License-Identifier: Apache-2.0
// One accepted connection, plain or TLS, that blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

struct ssl_st;
struct ssl_ctx_st;

namespace yardstick {

/// The peer closed the connection, or it failed. What the broker ends a connection with as well,
/// then with a sentence about the cause.
struct Gone {
    std::string why;
};

/// The certificate that all connections show.
class TlsContext {
public:
    /// Ends the program with exit code 2 when the files cannot be used.
    TlsContext(const std::string& certificate, const std::string& key);
    [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }

private:
    std::shared_ptr<ssl_ctx_st> context_;
};

class Socket {
public:
    /// Takes `fd`. With a context: the handshake.
    Socket(int fd, const TlsContext* tls);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    /// At least one byte. Throws Gone.
    std::size_t read_some(std::span<std::uint8_t> into);
    void read(std::span<std::uint8_t> into);
    /// Reads `count` bytes and drops them; without TLS they never leave the kernel.
    void discard(std::size_t count);
    /// Waits until the time is over. Throws Gone when the peer goes before.
    void wait_while_open(std::int32_t milliseconds) const;
    void write(std::span<const std::uint8_t> bytes);
    /// Writes all pieces, in order. `pieces` is used up.
    void write(std::span<iovec> pieces);

private:
    void write_tls(std::span<const std::uint8_t> bytes);

    int fd_;
    ssl_st* ssl_ = nullptr;
    std::vector<std::uint8_t> scratch_;  // TLS: what is dropped, and what is gathered
};

}  // namespace yardstick
