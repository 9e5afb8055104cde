// SPDX-License-Identifier: Apache-2.0
#include "io/connector.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/escape.hpp"

namespace kafka::io {
namespace {

// A name with more addresses than that is a mistake or an attack.
constexpr std::size_t most_addresses = 64;

std::string text(const asio::ip::tcp::endpoint& endpoint) {
    return core::to_string({endpoint.address().to_string(), endpoint.port()});
}

}  // namespace

void Connector::start(const core::Address& address, core::Time deadline, Handler handler) {
    deadline_ = deadline;
    handler_ = std::move(handler);
    std::error_code ec;
    if (const auto number = asio::ip::make_address(address.host, ec); !ec) {
        endpoints_.emplace_back(number, address.port);
        return try_next();
    }
    // Asio resolves in one thread of its own, started when first needed.
    progress_ = "resolving " + escaped(address.host);
    resolver_.async_resolve(address.host, std::to_string(address.port), Resolver::numeric_service,
                            [self = shared_from_this()](const std::error_code& error,
                                                        const Resolver::results_type& results) {
                                self->on_resolved(error, results);
                            });
}

void Connector::cancel() {
    handler_ = nullptr;
    std::error_code ignored;
    resolver_.cancel();
    timer_.cancel();
    socket_.close(ignored);
}

void Connector::on_resolved(const std::error_code& ec, const Resolver::results_type& results) {
    if (!handler_) return;
    for (const auto& result : results) {
        const auto endpoint = result.endpoint();
        if (endpoints_.size() < most_addresses &&
            std::find(endpoints_.begin(), endpoints_.end(), endpoint) == endpoints_.end())
            endpoints_.push_back(endpoint);
    }
    if (endpoints_.empty())
        return finish({errc::resolve_failed,
                       progress_ + ": " + (ec ? ec.message() : std::string("no address"))});
    try_next();
}

void Connector::try_next() {
    while (next_ < endpoints_.size()) {
        const auto endpoint = endpoints_[next_];
        const auto left = endpoints_.size() - next_;
        ++next_;
        progress_ = "connecting to " + text(endpoint);
        if (endpoints_.size() > 1)
            progress_ +=
                " (" + std::to_string(next_) + " of " + std::to_string(endpoints_.size()) + ')';
        if (const auto ec = open(endpoint.protocol())) {
            on_failed_try(ec, text(endpoint));
            continue;
        }
        too_slow_ = false;
        auto self = shared_from_this();
        if (left > 1 && deadline_ != core::never) {
            const auto now = std::chrono::steady_clock::now();
            timer_.expires_at(now + std::max(deadline_ - now, core::Time::duration::zero()) /
                                        static_cast<int>(left));
            timer_.async_wait([self, serial = next_](const std::error_code& ec) {
                if (ec || self->next_ != serial || !self->handler_) return;
                self->too_slow_ = true;
                std::error_code ignored;
                self->socket_.close(ignored);
            });
        }
        socket_.async_connect(endpoint,
                              [self](const std::error_code& ec) { self->on_connected(ec); });
        return;
    }
    finish(std::move(failure_));
}

void Connector::on_connected(const std::error_code& ec) {
    if (!handler_) return;
    timer_.cancel();
    if (!ec && socket_.is_open()) return finish({});
    on_failed_try(too_slow_ || !ec ? make_error_code(errc::connect_timed_out) : ec,
                  text(endpoints_[next_ - 1]));
    try_next();
}

// The first address's error stands for all; where there are several the detail has every one.
void Connector::on_failed_try(const std::error_code& ec, const std::string& what) {
    if (!failure_)
        failure_.code = ec;
    else
        failure_.detail += "; ";
    failure_.detail += what;
    if (endpoints_.size() > 1) failure_.detail += ": " + ec.message();
}

std::error_code Connector::open(const asio::ip::tcp& protocol) {
    std::error_code ec, ignored;
    socket_.close(ignored);
    socket_.open(protocol, ec);
    if (ec) return ec;
    const auto fd = socket_.native_handle();
    // A program that the application starts must not keep the connection open.
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    // The rest tunes: a system that refuses loses speed, not correctness.
    socket_.set_option(asio::ip::tcp::no_delay(options_.no_delay), ignored);
    socket_.set_option(asio::socket_base::keep_alive(options_.keep_alive), ignored);
    if (options_.send_buffer > 0)
        socket_.set_option(asio::socket_base::send_buffer_size(options_.send_buffer), ignored);
    if (options_.receive_buffer > 0)
        socket_.set_option(asio::socket_base::receive_buffer_size(options_.receive_buffer),
                           ignored);
    if (const auto& name = options_.congestion_control; !name.empty()) {
        int refused = -1;
#ifdef TCP_CONGESTION
        refused = ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                               static_cast<socklen_t>(name.size()));
#endif
        if (refused != 0 && log_) {
            const std::array fields{LogField{"name", name}};
            log_({LogLevel::warning, "conn", "the system refuses the congestion control", fields});
        }
    }
    return {};
}

void Connector::finish(Failure failure) {
    auto handler = std::exchange(handler_, nullptr);
    handler(std::move(failure), std::move(socket_));
}

}  // namespace kafka::io
