// SPDX-License-Identifier: Apache-2.0
#include "io/connector.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <asio/bind_executor.hpp>
#include <asio/post.hpp>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/escape.hpp"

namespace kafka::io {
namespace {

// A name with more addresses than that is a mistake or an attack.
constexpr std::size_t most_addresses = 64;

std::string text(const Endpoint& endpoint) {
    return core::to_string({endpoint.address().to_string(), endpoint.port()});
}

core::Family family_of(const Endpoint& endpoint) {
    return endpoint.address().is_v6() ? core::Family::v6 : core::Family::v4;
}

}  // namespace

// What resolving has found, filled outside the strand.
struct Connector::Found {
    std::vector<Endpoint> endpoints;
    std::string error;
};

// Resolving.

namespace {

void look_up(const std::string& host, std::uint16_t port, std::vector<Endpoint>& endpoints,
             std::string& error) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list)) {
        error = failed == EAI_SYSTEM ? std::generic_category().message(errno)
                                     : std::string(::gai_strerror(failed));
        return;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);
    for (const auto* at = list; at; at = at->ai_next) {
        Endpoint endpoint;
        if ((at->ai_family != AF_INET && at->ai_family != AF_INET6) ||
            at->ai_addrlen > endpoint.capacity())
            continue;
        endpoint.resize(at->ai_addrlen);
        std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
        endpoint.port(port);
        endpoints.push_back(endpoint);
    }
}

}  // namespace

void Connector::resolve(const core::Address& address, ResolveHandler handler) {
    address_ = address;
    resolve_handler_ = std::move(handler);
    std::error_code ec;
    if (const auto number = asio::ip::make_address(address.host, ec); !ec) {
        asio::post(strand_, [self = shared_from_this(), number] {
            self->on_resolved({{Endpoint(number, self->address_.port)}, {}});
        });
    } else if (config_.resolver) {
        ask_hook();
    } else {
        ask_system();
    }
}

void Connector::ask_system() {
    auto found = std::make_shared<Found>();
    resolving_ = off_loop_.expect(
        strand_, [self = shared_from_this(), found] { self->on_resolved(*found); });
    if (off_loop_.run(
            config_.blocking_executor,
            [found, address = address_] {
                look_up(address.host, address.port, found->endpoints, found->error);
            },
            resolving_))
        return;
    found->error = "the system gives no thread to do it";
    resolving_();
}

// The one answer of a resolver; none, when it was dropped, is an answer too.
class Connector::Answer {
public:
    Answer(std::shared_ptr<Found> found, OffLoop::Return way, std::uint16_t port)
        : found_(std::move(found)), return_(std::move(way)), port_(port) {}
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    ~Answer() { give("the resolver gave up without an answer", {}); }

    void give(const std::string& error, const std::vector<std::string>& addresses) {
        if (given_.exchange(true)) return;
        found_->error = error;
        for (const auto& address : addresses) {
            auto parsed = core::parse_address(address, port_);
            std::error_code wrong;
            if (parsed)
                if (const auto number = asio::ip::make_address(parsed->host, wrong); !wrong) {
                    found_->endpoints.emplace_back(number, parsed->port);
                    continue;
                }
            found_->error = "the resolver gave '" + escaped(address, 80) + "', which is no address";
        }
        return_();
    }

private:
    std::shared_ptr<Found> found_;
    OffLoop::Return return_;
    std::uint16_t port_;
    std::atomic<bool> given_{false};
};

void Connector::ask_hook() {
    auto found = std::make_shared<Found>();
    resolving_ = off_loop_.expect(
        strand_, [self = shared_from_this(), found] { self->on_resolved(*found); });
    auto answer = std::make_shared<Answer>(found, resolving_, address_.port);
    try {
        config_.resolver(address_.host, address_.port,
                         [answer](const std::error_code& ec, const std::vector<std::string>& list) {
                             answer->give(ec ? ec.message() : std::string(), list);
                         });
    } catch (const std::exception& error) {
        answer->give("the resolver threw: " + escaped(error.what(), 200), {});
    }
}

void Connector::on_resolved(const Found& found) {
    if (!resolve_handler_) return;
    const auto handler = std::exchange(resolve_handler_, nullptr);
    resolving_ = {};
    const auto name = escaped(address_.host);
    asio::ip::address local;
    if (!config_.local_address.empty()) {
        std::error_code ec;
        local = asio::ip::make_address(config_.local_address, ec);
        if (ec)
            return handler(
                {errc::invalid_argument,
                 "local_address '" + escaped(config_.local_address, 80) + "' is no address"});
    }
    std::vector<Endpoint> all;
    bool other_family = false;
    for (const auto& endpoint : found.endpoints) {
        if (all.size() == most_addresses) break;
        if (std::find(all.begin(), all.end(), endpoint) != all.end()) continue;
        if (!config_.local_address.empty() && endpoint.address().is_v6() != local.is_v6())
            other_family = true;
        else
            all.push_back(endpoint);
    }
    if (all.empty()) {
        auto why = other_family
                       ? "no address of the family of local_address " + config_.local_address
                       : (found.error.empty() ? std::string("no address") : found.error);
        return handler({errc::resolve_failed, "resolving " + name + ": " + why});
    }
    std::vector<core::Family> families;
    for (const auto& endpoint : all)
        families.push_back(family_of(endpoint));
    endpoints_.clear();
    for (const auto place : core::racing_order(families))
        endpoints_.push_back(all[place]);
    handler({});
}

// Connecting.

void Connector::connect(core::Time deadline, ConnectHandler handler) {
    connect_handler_ = std::move(handler);
    race_ = core::AddressRace(endpoints_.size(), config_.fallback_delay, deadline);
    tries_.clear();
    asio::post(strand_, [self = shared_from_this()] { self->race(); });
}

void Connector::race() {
    while (connect_handler_) {
        const auto next = race_.next(std::chrono::steady_clock::now());
        if (!next) break;
        begin(endpoints_[*next]);
    }
    if (!connect_handler_) return;
    if (race_.lost()) return finish(failure(), Socket(strand_.inner()));
    if (race_.next_start() == core::never) return;
    timer_.expires_at(race_.next_start());
    timer_.async_wait([self = shared_from_this()](const std::error_code& ec) {
        if (!ec) self->race();
    });
}

void Connector::begin(const Endpoint& endpoint) {
    const auto attempt =
        tries_.emplace_back(std::make_shared<Try>(Try{endpoint, Socket(strand_.inner()), {}}));
    if (const auto ec = open(*attempt)) {
        attempt->error = ec;
        attempt->over = true;
        return race_.failed();
    }
    attempt->socket.async_connect(
        endpoint, asio::bind_executor(
                      strand_, [self = shared_from_this(), attempt](const std::error_code& ec) {
                          self->on_tried(*attempt, ec);
                      }));
}

void Connector::on_tried(Try& attempt, const std::error_code& ec) {
    if (!connect_handler_ || std::exchange(attempt.over, true)) return;
    if (!ec) return finish({}, std::move(attempt.socket));
    attempt.error = ec;
    std::error_code ignored;
    attempt.socket.close(ignored);
    race_.failed();
    timer_.cancel();
    race();
}

// The first address's error stands for all; where there are several the detail has every one.
Failure Connector::failure() const {
    Failure all;
    for (const auto& attempt : tries_) {
        if (!all) all.code = attempt->error;
        if (!all.detail.empty()) all.detail += "; ";
        all.detail += text(attempt->endpoint);
        if (endpoints_.size() > 1) all.detail += ": " + attempt->error.message();
    }
    return all;
}

std::error_code Connector::open(Try& attempt) {
    std::error_code ec, ignored;
    auto& socket = attempt.socket;
    const auto& options = config_.socket;
    socket.open(attempt.endpoint.protocol(), ec);
    if (ec) return ec;
    const auto fd = socket.native_handle();
    // A program that the application starts must not keep the connection open.
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    // The rest tunes: a system that refuses loses speed, not correctness.
    socket.set_option(asio::ip::tcp::no_delay(options.no_delay), ignored);
    socket.set_option(asio::socket_base::keep_alive(options.keep_alive), ignored);
    if (options.send_buffer > 0)
        socket.set_option(asio::socket_base::send_buffer_size(options.send_buffer), ignored);
    if (options.receive_buffer > 0)
        socket.set_option(asio::socket_base::receive_buffer_size(options.receive_buffer), ignored);
    if (const auto& name = options.congestion_control; !name.empty()) {
        int refused = -1;
#ifdef TCP_CONGESTION
        refused = ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                               static_cast<socklen_t>(name.size()));
#endif
        if (refused != 0 && config_.log) {
            const std::array fields{LogField{"name", name}};
            config_.log(
                {LogLevel::warning, "conn", "the system refuses the congestion control", fields});
        }
    }
    if (config_.socket_hook) {
        try {
            ec = config_.socket_hook(fd, text(attempt.endpoint));
        } catch (const std::exception&) {
            ec = std::make_error_code(std::errc::operation_canceled);
        }
        if (ec) return ec;
    }
    if (!config_.local_address.empty()) {
        const auto local = asio::ip::make_address(config_.local_address, ec);
        if (!ec) socket.bind(Endpoint(local, 0), ec);
    }
    return ec;
}

void Connector::close_tries() {
    std::error_code ignored;
    for (auto& attempt : tries_) {
        attempt->over = true;
        attempt->socket.close(ignored);
    }
}

void Connector::finish(Failure failure, Socket socket) {
    const auto handler = std::exchange(connect_handler_, nullptr);
    timer_.cancel();
    close_tries();
    handler(std::move(failure), std::move(socket));
}

void Connector::cancel() {
    resolve_handler_ = nullptr;
    connect_handler_ = nullptr;
    resolving_.forget();
    timer_.cancel();
    close_tries();
}

void Connector::forget() noexcept {
    resolve_handler_ = nullptr;
    connect_handler_ = nullptr;
}

std::string Connector::progress() const {
    if (tries_.empty()) return "resolving " + escaped(address_.host);
    std::string list;
    for (const auto& attempt : tries_)
        if (!attempt->over) list += (list.empty() ? "" : ", ") + text(attempt->endpoint);
    if (list.empty()) list = text(tries_.back()->endpoint);
    if (endpoints_.size() > 1)
        list += " (" + std::to_string(tries_.size()) + " of " + std::to_string(endpoints_.size()) +
                " addresses tried)";
    return "connecting to " + list;
}

}  // namespace kafka::io
