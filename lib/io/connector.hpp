// SPDX-License-Identifier: Apache-2.0
// Connector: from a host and a port to a connected TCP socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <kafka/conn_config.hpp>
#include <kafka/result.hpp>

#include "core/address.hpp"
#include "core/time.hpp"
#include "io/executor.hpp"

namespace kafka::io {

/// Resolves the host, unless it is a number, and tries its addresses one after the other. The
/// order and the pace of the tries are this class's alone. All on one strand.
class Connector : public std::enable_shared_from_this<Connector> {
public:
    /// On success the failure is empty and the socket is connected. Called once, unless cancelled.
    using Handler = std::function<void(Failure, Socket)>;

    Connector(Strand strand, SocketOptions options, LogSink log)
        : strand_(strand),
          options_(std::move(options)),
          log_(std::move(log)),
          resolver_(strand),
          socket_(strand),
          timer_(strand) {}

    /// The whole should be done by `deadline`, which the caller watches over: it decides how long
    /// each address may take.
    void start(const core::Address& address, core::Time deadline, Handler handler);
    /// The handler is not called any more.
    void cancel();
    /// The same, when the execution context is gone: touches nothing of it.
    void forget() noexcept { handler_ = nullptr; }
    /// What it is doing: "resolving kafka1", "connecting to 10.0.0.1:9092 (1 of 2)".
    [[nodiscard]] const std::string& progress() const noexcept { return progress_; }

private:
    void on_resolved(const std::error_code& ec, const Resolver::results_type& results);
    void try_next();
    void on_connected(const std::error_code& ec);
    void on_failed_try(const std::error_code& ec, const std::string& what);
    [[nodiscard]] std::error_code open(const asio::ip::tcp& protocol);
    void finish(Failure failure);

    Strand strand_;
    SocketOptions options_;
    LogSink log_;
    Resolver resolver_;
    Socket socket_;
    Timer timer_;
    core::Time deadline_ = core::never;
    Handler handler_;
    std::vector<asio::ip::tcp::endpoint> endpoints_;
    std::size_t next_ = 0;
    bool too_slow_ = false;
    Failure failure_;  // of the tries so far
    std::string progress_;
};

}  // namespace kafka::io
