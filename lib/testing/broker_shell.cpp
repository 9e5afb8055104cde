// SPDX-License-Identifier: Apache-2.0
#include "testing/broker_shell.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

#include <kafka/error.hpp>

namespace kafka::testing {
namespace {

using asio::ip::tcp;

// A client that does not read its answers is not read from either.
constexpr std::size_t most_unsent = std::size_t{8} << 20;
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
    if (fault) throw std::system_error(make_error_code(errc::invalid_argument), fault);
}

}  // namespace

struct Broker::Shell::Client {
    Client(ConnectionId connection, tcp::socket&& accepted, std::size_t max_frame)
        : id(connection), socket(std::move(accepted)), cutter(max_frame) {}

    ConnectionId id;
    tcp::socket socket;
    FrameCutter cutter;
    std::deque<Slice> requests;  // cut out, not yet given to the core
    std::deque<protocol::Gather> answers;
    std::size_t writing = 0;  // of the answers, so many are being written
    std::size_t unsent = 0;
    bool reading = false;
    bool ending = false;  // close when all is written
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
};

Broker::Shell::Shell(const asio::any_io_executor* executor, BrokerOptions options)
    : options_((check(options), std::move(options))),
      core_(options_),
      own_context_(executor ? nullptr : std::make_unique<asio::io_context>(1)),
      strand_(executor ? *executor : asio::any_io_executor(own_context_->get_executor())),
      timer_(strand_) {}

Broker::Shell::~Shell() = default;

Now Broker::Shell::now() {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::steady_clock::now(),
            std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

void Broker::Shell::start() {
    for (auto& node : core_.cluster().nodes()) {
        auto listener = std::make_unique<Listener>(node.id, strand_);
        const auto endpoint = endpoint_of(options_, node.port);
        listener->acceptor.open(endpoint.protocol());
        listener->acceptor.set_option(tcp::acceptor::reuse_address(true));
        listener->acceptor.bind(endpoint);
        listener->acceptor.listen();
        node.port = listener->acceptor.local_endpoint().port();
        listeners_.push_back(std::move(listener));
    }
    asio::post(strand_, [self = shared_from_this()] {
        const std::lock_guard lock(self->mutex_);
        for (auto& listener : self->listeners_)
            self->accept(*listener);
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
        for (auto& listener : self->listeners_) {
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
        self->core_.on_time(now());
        self->act();
    });
}

void Broker::Shell::accept(Listener& listener) {
    if (stopped_) return;
    listener.acceptor.async_accept(
        [self = shared_from_this(), &listener](const asio::error_code& error, tcp::socket socket) {
            const std::lock_guard lock(self->mutex_);
            if (self->stopped_) return;
            if (error) {
                self->report("cannot accept", error.message());
                listener.pause.expires_after(pause_after_failed_accept);
                listener.pause.async_wait([self, &listener](const asio::error_code&) {
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
            self->core_.connected(id, listener.broker_id);
            self->read(client);
            self->accept(listener);
        });
}

void Broker::Shell::read(const std::shared_ptr<Client>& client) {
    if (client->reading || client->gone || client->ending) return;
    if (!client->requests.empty() || client->unsent > most_unsent) return;
    client->reading = true;
    const auto space = client->cutter.space();
    client->socket.async_read_some(
        asio::buffer(space.data(), space.size()),
        [self = shared_from_this(), client](const asio::error_code& error, std::size_t count) {
            const std::lock_guard lock(self->mutex_);
            client->reading = false;
            if (client->gone) return;
            if (error) return self->drop(client);
            self->took(client, count);
        });
}

void Broker::Shell::took(const std::shared_ptr<Client>& client, std::size_t count) {
    const auto fault = client->cutter.took(count, client->requests);
    if (!fault.empty()) {
        report("request of an impossible size", fault);
        return drop(client);
    }
    feed(client);
    act();
}

// One request at a time: what waits in the core holds up the rest.
void Broker::Shell::feed(const std::shared_ptr<Client>& client) {
    while (!client->gone && !client->requests.empty() && !core_.busy(client->id) &&
           client->unsent <= most_unsent) {
        auto frame = std::move(client->requests.front());
        client->requests.pop_front();
        core_.receive(client->id, std::move(frame), now());
        act();
    }
    if (!core_.busy(client->id)) read(client);
}

void Broker::Shell::act() {
    for (auto& action : core_.take_actions()) {
        const auto at = clients_.find(action.connection);
        if (at == clients_.end()) continue;
        const auto client = at->second;
        if (action.close) {
            // What was answered before still goes out.
            client->ending = true;
            client->requests.clear();
            if (client->answers.empty()) drop(client);
            continue;
        }
        client->unsent += action.frame.size();
        client->answers.push_back(std::move(action.frame));
        write(client);
    }
    set_timer();
}

void Broker::Shell::write(const std::shared_ptr<Client>& client) {
    if (client->writing > 0 || client->answers.empty() || client->gone) return;
    client->pieces.clear();
    client->buffers.clear();
    // A deque's elements stay where they are while others are added.
    for (const auto& answer : client->answers)
        answer.pieces(client->pieces);
    for (const auto& piece : client->pieces) {
        client->buffers.emplace_back(piece.data(), piece.size());
    }
    client->writing = client->answers.size();
    asio::async_write(
        client->socket, client->buffers,
        [self = shared_from_this(), client](const asio::error_code& error, std::size_t count) {
            const std::lock_guard lock(self->mutex_);
            if (client->gone) return;
            if (error) return self->drop(client);
            client->unsent -= count;
            for (; client->writing > 0; --client->writing)
                client->answers.pop_front();
            if (!client->answers.empty()) return self->write(client);
            if (client->ending) return self->drop(client);
            self->feed(client);
        });
}

void Broker::Shell::drop(const std::shared_ptr<Client>& client) {
    if (std::exchange(client->gone, true)) return;
    asio::error_code ignored;
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
    timer_.expires_at(deadline);
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
        if (error) return;
        const std::lock_guard lock(self->mutex_);
        self->timer_set_ = never;
        self->core_.on_time(now());
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
