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
#include "core/address_race.hpp"
#include "core/time.hpp"
#include "io/executor.hpp"
#include "io/off_loop.hpp"

namespace kafka::io {

using Endpoint = asio::ip::tcp::endpoint;

/// Finds a host's addresses and connects to one of them; connect() may be repeated. All on one
/// strand, which keeps the object alive; handlers are called later, never inside a function.
class Connector : public std::enable_shared_from_this<Connector> {
public:
    using ResolveHandler = std::function<void(Failure)>;
    /// On success the failure is empty and the socket is connected.
    using ConnectHandler = std::function<void(Failure, Socket)>;

    /// `config` must live as long as this object works.
    Connector(Strand strand, const ConnConfig& config, OffLoop& off_loop)
        : strand_(strand), config_(config), off_loop_(off_loop), timer_(strand) {}

    /// Finds the addresses; a number is its own.
    void resolve(const core::Address& address, ResolveHandler handler);
    /// Tries the addresses (core::AddressRace). The whole should be done by `deadline`, which the
    /// caller watches over: it decides how fast they follow each other.
    void connect(core::Time deadline, ConnectHandler handler);
    /// No handler is called any more.
    void cancel();
    /// The same, when the execution context is gone: touches nothing of it.
    void forget() noexcept;
    /// What it is doing: "resolving kafka1", "connecting to 10.0.0.1:9092 (1 of 2)".
    [[nodiscard]] std::string progress() const;

private:
    struct Try {
        Endpoint endpoint;
        Socket socket;
        std::error_code error;
        bool over = false;
    };
    struct Found;
    class Answer;

    void ask_hook();
    void ask_system();
    void on_resolved(const Found& found);
    void race();
    void begin(const Endpoint& endpoint);
    void on_tried(Try& attempt, const std::error_code& ec);
    [[nodiscard]] std::error_code open(Try& attempt);
    void close_tries();
    [[nodiscard]] Failure failure() const;
    void finish(Failure failure, Socket socket);

    Strand strand_;
    const ConnConfig& config_;
    OffLoop& off_loop_;
    Timer timer_;
    core::Address address_;
    OffLoop::Return resolving_;
    ResolveHandler resolve_handler_;
    std::vector<Endpoint> endpoints_;  // in the order of the tries
    core::AddressRace race_;
    std::vector<std::shared_ptr<Try>> tries_;
    ConnectHandler connect_handler_;
};

}  // namespace kafka::io
