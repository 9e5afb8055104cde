// SPDX-License-Identifier: Apache-2.0
// Dialing: what the operations of a Dialer have in common: connect to one of several addresses, ask
// for a partition, and try again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <kafka/conn.hpp>
#include <kafka/dialer_config.hpp>
#include <kafka/partition.hpp>
#include <kafka/partition_conn.hpp>
#include <kafka/protocol/metadata.hpp>

#include "client/operation.hpp"
#include "client/topology.hpp"
#include "core/address.hpp"
#include "io/executor.hpp"

namespace kafka::client {

/// The addresses of a list with commas, in its order. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<core::Address>> addresses_of(std::string_view list);

[[nodiscard]] core::Time end_of_dialing(const DialerConfig& config, const DialOptions& options);
[[nodiscard]] std::chrono::nanoseconds pause_after(unsigned tries, const DialerConfig& config);

template <class Out>
class Dialing : public OperationFor<Out> {
public:
    using Base = OperationFor<Out>;

    Dialing(const asio::any_io_executor& executor, const DialerConfig& config,
            const DialOptions& options, Result<std::vector<core::Address>> addresses,
            typename Base::Handler handler)
        : Base(io::strand_of(executor), end_of_dialing(config, options), options.diagnostics,
               std::move(handler)),
          executor_(executor),
          config_(config),
          addresses_(std::move(addresses)),
          pause_(this->strand()) {}

protected:
    using Base::fail;
    void fail(const std::error_code& ec) override {
        if constexpr (std::is_same_v<Out, Conn>)
            this->end(ec, fresh_conn());
        else if constexpr (std::is_same_v<Out, PartitionConn>)
            this->end(ec, PartitionConn(fresh_conn(), {}, -1));
        else
            this->end(ec, Out{});
    }
    /// Connects to the first address that answers, then calls `next()`.
    template <class Next>
    void connect(Next next) {
        if (!addresses_) return this->fail(addresses_.take_failure());
        connect_from(0, std::move(next));
    }
    /// Connects to that one. `next(ec)`, with the diagnostics if there is an error.
    template <class Next>
    void connect_to(const core::Address& address, Next next) {
        if (this->refuse_to_go_on()) return;
        conn_.emplace(executor_, config_.conn);
        connected_to_ = address;
        const auto timeout = std::min(config_.conn.connect_timeout, this->left());
        this->diagnostics_ = {};
        conn_->async_connect(address.host, address.port,
                             {.timeout = timeout, .diagnostics = &this->diagnostics_},
                             this->step(std::move(next)));
    }
    /// Asks for the partitions of a topic, over the connection that is there: `next(failure,
    /// partitions)`.
    template <class Next>
    void ask(const std::string& topic, Next next) {
        if (this->refuse_to_go_on()) return;
        const CallOptions options{.timeout = this->left(), .diagnostics = &this->diagnostics_};
        this->diagnostics_ = {};
        const auto version = conn_->version_for(protocol::MetadataRequest::info);
        const auto request = ask_for_topics({topic}, version ? *version : std::int16_t{0},
                                            config_.auto_create_topics);
        conn_->async_call(request, options,
                          this->step([this, next = std::move(next), peer = conn_->peer()](
                                         const std::error_code& ec,
                                         const protocol::MetadataResponse& response) mutable {
                              if (ec) return next(Failure(ec, this->diagnostics_.detail), {});
                              this->diagnostics_ = {peer, "Metadata", {}};
                              auto found = partitions_of(response);
                              if (!found) return next(found.take_failure(), {});
                              next(Failure(), *std::move(found));
                          }));
    }
    /// After a pause, `next()`; ends the operation with `why` if there is no time for one.
    template <class Next>
    void pause(const Failure& why, Next next) {
        ++tries_;
        const auto wait =
            std::chrono::ceil<std::chrono::milliseconds>(pause_after(tries_, config_));
        if (wait >= this->left()) {
            auto failure = why;
            failure.detail += " (" + std::to_string(tries_) + " tries)";
            return this->fail(std::move(failure));
        }
        conn_.reset();
        pause_.expires_after(wait);
        pause_.async_wait(
            this->step([next = std::move(next)](const std::error_code&) mutable { next(); }));
    }
    [[nodiscard]] unsigned tries() const noexcept { return tries_; }
    [[nodiscard]] Conn fresh_conn() const { return Conn(executor_, config_.conn); }
    [[nodiscard]] const DialerConfig& config() const noexcept { return config_; }
    [[nodiscard]] bool connected_to(const core::Address& address) const noexcept {
        return conn_ && conn_->is_open() && connected_to_ == address;
    }

    std::optional<Conn> conn_;

private:
    template <class Next>
    void connect_from(std::size_t index, Next next) {
        connect_to((*addresses_)[index],
                   [this, index, next = std::move(next)](const std::error_code& ec) mutable {
                       if (!ec) return next();
                       // Wrong credentials are wrong everywhere.
                       if (index + 1 < addresses_->size() && !is_authentication_error(ec))
                           return connect_from(index + 1, std::move(next));
                       this->fail(ec);
                   });
    }

    asio::any_io_executor executor_;
    DialerConfig config_;
    Result<std::vector<core::Address>> addresses_;
    core::Address connected_to_;
    io::Timer pause_;
    unsigned tries_ = 0;
};

}  // namespace kafka::client
