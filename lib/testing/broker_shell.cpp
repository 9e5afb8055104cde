// SPDX-License-Identifier: Apache-2.0
#include "testing/broker_shell.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

#include <kafka/error.hpp>

#include "testing/tls_server.hpp"

namespace kafka::testing {
namespace {

using asio::ip::tcp;

// A client that does not read its answers is not read from either.
constexpr std::size_t most_unsent = std::size_t{8} << 20;
constexpr auto patience_with_goodbyes = std::chrono::milliseconds(250);
constexpr auto pause_after_failed_accept = std::chrono::milliseconds(50);

tcp::endpoint endpoint_of(const BrokerOptions& options, std::uint16_t port) {
    const auto& host = options.host == "localhost" ? "127.0.0.1" : options.host;
    asio::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) {
        throw std::system_error(make_error_code(errc::invalid_argument),
                                "a broker's host has to be a numeric address: " + options.host);
    }
    return {address, port};
}

void check(const BrokerOptions& options) {
    const auto count = static_cast<std::size_t>(options.brokers);
    const char* fault = nullptr;
    if (options.brokers < 1)
        fault = "a cluster needs a broker";
    else if (options.ports.size() > count)
        fault = "more ports than brokers";
    else if (options.racks.size() > count)
        fault = "more racks than brokers";
    else if (options.transaction_version < 0 || options.transaction_version > 2)
        fault = "transaction.version is 0, 1 or 2";
    if (fault) throw std::system_error(make_error_code(errc::invalid_argument), fault);
}

}  // namespace

struct Broker::Shell::Client {
    // What is to be written, or done when all before it is written.
    struct Out {
        Action::Kind kind = Action::Kind::send;
        protocol::Gather frame;
        bool alone = false;
    };

    Client(ConnectionId connection, tcp::socket&& accepted, std::size_t max_frame)
        : id(connection),
          socket(std::move(accepted)),
          cutter(max_frame),
          patience(socket.get_executor()) {}

    ConnectionId id;
    tcp::socket socket;
    std::unique_ptr<TlsConnection> tls;  // over the socket
    FrameCutter cutter;
    asio::steady_timer patience;  // with a peer that does not say goodbye
    std::deque<Slice> requests;   // cut out, not yet given to the core
    std::deque<Out> answers;
    std::size_t writing = 0;  // of the answers, so many are being written
    std::size_t unsent = 0;
    std::size_t readable = SIZE_MAX;     // bytes until a rule ends it...
    Ending ending_then = Ending::close;  // ...in this way
    bool ready = false;                  // TLS is set up
    bool reading = false;
    bool stopped = false;  // by a rule: reads nothing
    bool feeding = false;
    bool ending = false;  // takes nothing any more
    bool gone = false;
    std::vector<std::span<const std::uint8_t>> pieces;
    std::vector<asio::const_buffer> buffers;
};

struct Broker::Shell::Listener {
    Listener(std::int32_t broker, const asio::any_io_executor& executor)
        : broker_id(broker), acceptor(executor), pause(executor) {}

    std::int32_t broker_id;
    tcp::acceptor acceptor;
    asio::steady_timer pause;
    bool closed = false;
};

Broker::Shell::Shell(const asio::any_io_executor* executor, BrokerOptions options)
    : options_((check(options), std::move(options))),
      tls_(options_.tls ? TlsServer::make(*options_.tls) : nullptr),
      core_(options_),
      own_context_(executor ? nullptr : std::make_unique<asio::io_context>(1)),
      strand_(executor ? *executor : asio::any_io_executor(own_context_->get_executor())),
      timer_(strand_) {}

Broker::Shell::~Shell() = default;

Now Broker::Shell::now() const {
    const std::chrono::milliseconds ahead(ahead_ms_.load(std::memory_order_relaxed));
    const auto wall = std::chrono::system_clock::now().time_since_epoch() + ahead;
    return {std::chrono::steady_clock::now() + ahead,
            std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

std::shared_ptr<Broker::Shell::Listener> Broker::Shell::listen(Node& node, std::uint16_t port) {
    auto listener = std::make_shared<Listener>(node.id, strand_);
    const auto endpoint = endpoint_of(options_, port);
    listener->acceptor.open(endpoint.protocol());
    listener->acceptor.set_option(tcp::acceptor::reuse_address(true));
    listener->acceptor.bind(endpoint);
    listener->acceptor.listen();
    node.bound = listener->acceptor.local_endpoint().port();
    listeners_[node.id] = listener;
    return listener;
}

void Broker::Shell::start() {
    for (auto& node : core_.cluster().nodes()) {
        static_cast<void>(listen(node, node.port));
        node.port = node.bound;
    }
    asio::post(strand_, [self = shared_from_this()] {
        const std::lock_guard lock(self->mutex_);
        for (const auto& [id, listener] : self->listeners_)
            self->accept(listener);
    });
    if (own_context_) {
        work_.emplace(own_context_->get_executor());
        // The thread must not own the shell, which joins it.
        thread_ = std::thread([context = own_context_.get()] { context->run(); });
    }
}

void Broker::Shell::stop() {
    if (stopping_.exchange(true)) return;
    asio::post(strand_, [self = shared_from_this()] {
        const std::lock_guard lock(self->mutex_);
        self->stopped_ = true;
        self->timer_.cancel();
        for (auto& [id, listener] : self->listeners_) {
            asio::error_code ignored;
            listener->acceptor.close(ignored);
            listener->pause.cancel();
        }
        auto clients = self->clients_;
        for (auto& [id, client] : clients)
            self->drop(client);
    });
    work_.reset();
    if (thread_.joinable()) thread_.join();
}

void Broker::Shell::changed() {
    // Nobody would run what is posted to an own context then, and it would hold the shell forever.
    if (stopping_) return;
    asio::post(strand_, [self = shared_from_this()] {
        const std::lock_guard lock(self->mutex_);
        self->core_.on_time(self->now());
        self->act();
    });
}

Result<RuleId> Broker::Shell::add_rule(const Rule& rule) {
    const std::lock_guard lock(mutex_);
    return core_.add_rule(rule, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->changed();
    });
}

// Acceptors are used under the lock only, so that this may be any thread. Sockets are not: their
// operations go on without it.
Failure Broker::Shell::stop_broker(std::int32_t id, Ending ending) {
    {
        const std::lock_guard lock(mutex_);
        if (!core_.kill(id, ending)) {
            return Failure(broker_errc::broker_not_available, "broker " + std::to_string(id));
        }
        if (const auto at = listeners_.find(id); at != listeners_.end()) {
            asio::error_code ignored;
            at->second->closed = true;
            at->second->acceptor.close(ignored);
            at->second->pause.cancel();
            listeners_.erase(at);
        }
    }
    changed();
    return {};
}

Failure Broker::Shell::start_broker(std::int32_t id, bool on_new_port) {
    {
        const std::lock_guard lock(mutex_);
        auto* node = core_.cluster().node(id);
        if (!node || node->alive) {
            return Failure(make_error_code(errc::invalid_argument),
                           "broker " + std::to_string(id) + " is not one that is down");
        }
        try {
            const bool told = node->port == node->bound;
            const auto listener = listen(*node, on_new_port ? std::uint16_t{0} : node->bound);
            if (told) node->port = node->bound;
            accept(listener);
        } catch (const std::system_error& error) {
            return Failure(error.code(), "broker " + std::to_string(id) + " cannot listen");
        }
        static_cast<void>(core_.restart(id));
    }
    changed();
    return {};
}

Failure Broker::Shell::resume_broker(std::int32_t id) {
    {
        const std::lock_guard lock(mutex_);
        if (!core_.resume(id, now())) {
            return Failure(make_error_code(errc::invalid_argument),
                           "broker " + std::to_string(id) + " is not paused");
        }
    }
    changed();
    return {};
}

void Broker::Shell::advance(std::chrono::milliseconds time) {
    {
        const std::lock_guard lock(mutex_);
        ahead_ms_ += time.count();
        timer_set_ = never;  // to be set again
    }
    changed();
}

void Broker::Shell::accept(const std::shared_ptr<Listener>& listener) {
    if (stopped_ || listener->closed) return;
    listener->acceptor.async_accept(
        [self = shared_from_this(), listener](const asio::error_code& error, tcp::socket socket) {
            const std::lock_guard lock(self->mutex_);
            if (self->stopped_ || listener->closed) return;
            if (error) {
                self->report("cannot accept", error.message());
                listener->pause.expires_after(pause_after_failed_accept);
                listener->pause.async_wait([self, listener](const asio::error_code&) {
                    const std::lock_guard again(self->mutex_);
                    self->accept(listener);
                });
                return;
            }
            asio::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            const auto id = self->next_client_++;
            auto client =
                std::make_shared<Client>(id, std::move(socket), self->options_.max_request_bytes);
            self->clients_.emplace(id, client);
            self->welcome(client, listener->broker_id);
            self->accept(listener);
        });
}

void Broker::Shell::welcome(const std::shared_ptr<Client>& client, std::int32_t broker_id) {
    core_.connected(client->id, broker_id, now());
    // Rules may speak before TLS does: bytes that are none of it.
    const bool speaks_first = tls_ != nullptr;
    client->ready = !speaks_first;
    act();
    if (client->gone) return;
    if (!speaks_first) return read(client);
    if (client->stopped) return;
    client->tls = tls_->over(client->socket);
    client->tls->handshake([self = shared_from_this(), client](const asio::error_code& error) {
        const std::lock_guard lock(self->mutex_);
        if (client->gone) return;
        if (error) {
            self->report("TLS handshake failed", error.message());
            return self->drop(client);
        }
        client->ready = true;
        if (auto principal = client->tls->principal(); !principal.empty()) {
            self->core_.set_principal(client->id, std::move(principal));
        }
        self->write(client);
        self->feed(client);
    });
}

void Broker::Shell::read(const std::shared_ptr<Client>& client) {
    if (client->reading || client->gone || client->ending || !client->ready) return;
    if (client->stopped || !client->requests.empty() || client->unsent > most_unsent) return;
    client->reading = true;
    auto space = client->cutter.space();
    space = space.first(std::min(space.size(), client->readable));
    auto handler = [self = shared_from_this(), client](const asio::error_code& error,
                                                       std::size_t count) {
        const std::lock_guard lock(self->mutex_);
        client->reading = false;
        if (client->gone) return;
        if (error) return self->drop(client);
        self->took(client, count);
    };
    if (client->tls) {
        client->tls->read_some(space, std::move(handler));
    } else {
        client->socket.async_read_some(asio::buffer(space.data(), space.size()),
                                       std::move(handler));
    }
}

void Broker::Shell::took(const std::shared_ptr<Client>& client, std::size_t count) {
    const auto fault = client->cutter.took(count, client->requests);
    if (!fault.empty()) {
        report("request of an impossible size", fault);
        return drop(client);
    }
    if (client->readable != SIZE_MAX) client->readable -= count;
    const bool over = client->readable == 0;
    // What came in whole takes effect; nobody hears of it.
    client->ending = over;
    feed(client);
    act();
    if (over) drop(client, client->ending_then);
}

// One request at a time: what waits in the core holds up the rest.
void Broker::Shell::feed(const std::shared_ptr<Client>& client) {
    if (std::exchange(client->feeding, true)) return;
    while (!client->gone && !client->requests.empty() && !core_.busy(client->id) &&
           client->unsent <= most_unsent) {
        auto frame = std::move(client->requests.front());
        client->requests.pop_front();
        core_.receive(client->id, std::move(frame), now(), client->requests.size());
        act();
    }
    client->feeding = false;
    if (!core_.busy(client->id)) read(client);
}

void Broker::Shell::act() {
    for (auto& action : core_.take_actions()) {
        const auto at = clients_.find(action.connection);
        if (at == clients_.end()) continue;
        const auto client = at->second;
        act_on(client, action);
    }
    set_timer();
    if (waiters_ > 0) happened_.notify_all();
}

void Broker::Shell::act_on(const std::shared_ptr<Client>& client, Action& action) {
    using Kind = Action::Kind;
    switch (action.kind) {
        case Kind::send:
            if (client->ending) return;
            client->unsent += action.frame.size();
            break;
        case Kind::close:
        case Kind::reset:
            // What was answered before still goes out.
            client->ending = true;
            client->requests.clear();
            break;
        case Kind::half_close:
            break;
        case Kind::stop_reading:
            client->stopped = true;
            return;
        case Kind::read_on:
            client->stopped = false;
            return read(client);
        case Kind::next:
            return feed(client);
        case Kind::limit_reads:
            client->readable = action.count;
            client->ending_then = action.ending;
            if (action.count == 0) drop(client, action.ending);
            return;
    }
    client->answers.push_back({action.kind, std::move(action.frame), action.alone});
    write(client);
}

void Broker::Shell::write(const std::shared_ptr<Client>& client) {
    using Kind = Action::Kind;
    if (client->writing > 0 || client->gone) return;
    asio::error_code ignored;
    while (!client->answers.empty() && client->answers.front().kind != Kind::send) {
        const auto kind = client->answers.front().kind;
        client->answers.pop_front();
        if (kind == Kind::reset) return drop(client, Ending::reset);
        if (kind == Kind::close) return client->ready ? finish_tls(client) : drop(client);
        client->socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
    if (client->answers.empty()) return;
    client->pieces.clear();
    client->buffers.clear();
    // A deque's elements stay where they are while others are added.
    for (const auto& answer : client->answers) {
        const bool ends = answer.kind != Kind::send || (answer.alone && client->writing > 0);
        if (ends) break;
        answer.frame.pieces(client->pieces);
        ++client->writing;
        if (answer.alone) break;
    }
    for (const auto& piece : client->pieces) {
        client->buffers.emplace_back(piece.data(), piece.size());
    }
    auto handler = [self = shared_from_this(), client](const asio::error_code& error,
                                                       std::size_t count) {
        const std::lock_guard lock(self->mutex_);
        if (client->gone) return;
        if (error) return self->drop(client);
        client->unsent -= count;
        for (; client->writing > 0; --client->writing)
            client->answers.pop_front();
        if (!client->answers.empty()) return self->write(client);
        if (!client->ending) self->feed(client);
    };
    if (client->tls && client->ready) {
        client->tls->write(client->buffers, std::move(handler));
    } else {
        asio::async_write(client->socket, client->buffers, std::move(handler));
    }
}

// Says goodbye where TLS has a word for it, and does not wait long for the answer.
void Broker::Shell::finish_tls(const std::shared_ptr<Client>& client) {
    if (!client->tls) return drop(client);
    client->tls->shutdown([self = shared_from_this(), client] {
        const std::lock_guard lock(self->mutex_);
        self->drop(client);
    });
    client->patience.expires_after(patience_with_goodbyes);
    client->patience.async_wait([self = shared_from_this(), client](const asio::error_code&) {
        const std::lock_guard lock(self->mutex_);
        self->drop(client);
    });
}

void Broker::Shell::drop(const std::shared_ptr<Client>& client, Ending ending) {
    if (std::exchange(client->gone, true)) return;
    asio::error_code ignored;
    client->patience.cancel();
    if (ending == Ending::reset) {
        client->socket.set_option(tcp::socket::linger(true, 0), ignored);
    }
    client->socket.close(ignored);
    core_.disconnected(client->id);
    clients_.erase(client->id);
}

void Broker::Shell::set_timer() {
    const auto deadline = core_.next_deadline();
    if (deadline == timer_set_ || stopped_) return;
    timer_set_ = deadline;
    if (deadline == never) {
        timer_.cancel();
        return;
    }
    timer_.expires_at(deadline - std::chrono::milliseconds(ahead_ms_.load()));
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
        if (error) return;
        const std::lock_guard lock(self->mutex_);
        self->timer_set_ = never;
        self->core_.on_time(self->now());
        self->act();
        self->set_timer();
    });
}

void Broker::Shell::report(std::string_view message, const std::string& detail) {
    if (!options_.log) return;
    const std::array<LogField, 1> fields{LogField{"detail", detail}};
    options_.log({LogLevel::warning, "broker", message, fields});
}

}  // namespace kafka::testing
