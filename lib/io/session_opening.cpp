// SPDX-License-Identifier: Apache-2.0
// The part of Session that opens the connection and authenticates: does what core::Opening says.
#include <array>
#include <exception>
#include <string>

#include <asio/dispatch.hpp>
#include <asio/error.hpp>

#include "base/escape.hpp"
#include "core/request_frame.hpp"
#include "io/session.hpp"

namespace kafka::io {
namespace {

using Clock = std::chrono::steady_clock;

// Spreads clients that connected together; no more randomness is needed than that.
double jitter(const void* of) {
    const auto mixed = (static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()) ^
                        reinterpret_cast<std::uintptr_t>(of)) *
                       0x9e3779b97f4a7c15U;
    return static_cast<double>(mixed >> 11) * 0x1p-53;
}

Failure no_thread() {
    return {std::make_error_code(std::errc::resource_unavailable_try_again),
            "the system gives no thread for what blocks"};
}

}  // namespace

// One step of a SASL exchange, which may be taken on another thread. Owns nothing of the session.
struct Session::Turn {
    std::shared_ptr<sasl::Exchange> exchange;
    Slice challenge;
    sasl::Time now;
    std::optional<Result<sasl::Step>> result = std::nullopt;

    void take() noexcept {
        try {
            result.emplace(exchange->step(challenge.bytes(), now));
        } catch (const std::exception&) {  // its text may hold anything
            result.emplace(Failure(errc::sasl_authentication_failed, "the mechanism threw"));
        }
    }
};

void Session::start(const core::Address& address, core::Time deadline) {
    address_ = address;
    name_ = core::to_string(address);
    connect_deadline_ = deadline;
    connector_ = std::make_shared<Connector>(strand_, config_, off_loop_);
    advance(opening_.start());
    pump();
}

// The next thing to do. Whoever calls this for an event calls pump() afterwards.
void Session::advance(Step step) {
    switch (step) {
        case Step::prepare:
            return prepare();
        case Step::resolve:
            return resolve();
        case Step::connect:
            return connect_again();
        case Step::secure:
            return secure();
        case Step::send:
            ask();
            if (!std::exchange(link_->reading, true)) read(link_->share());
            return;
        case Step::turn:
            return take_turn();
        case Step::done:
            return opened();
        case Step::failed:
            return give_up();
    }
}

void Session::prepare() {
    using Outcome = std::optional<Result<TlsStore::Prepared>>;
    const auto outcome = std::make_shared<Outcome>();
    returning_ = off_loop_.expect(strand_, [self = shared_from_this(), outcome] {
        if (self->torn_down_) return;
        if (!*outcome) *outcome = Failure(std::make_error_code(std::errc::not_enough_memory));
        auto& prepared = **outcome;
        if (prepared) {
            for (const auto& warning : prepared->warnings) {
                if (!self->config_.log) break;
                const std::array fields{LogField{"peer", self->name_}, LogField{"cause", warning}};
                self->config_.log(
                    {LogLevel::warning, "tls", "what TLS was given deserves a look", fields});
            }
            self->tls_ = std::move(prepared->loaded);
        }
        self->advance(prepared ? self->opening_.resumed()
                               : self->opening_.failed(prepared.take_failure()));
        self->pump();
    });
    const auto work = [store = config_.tls->store(), outcome]() noexcept {
        try {
            outcome->emplace(store->prepare());
        } catch (const std::exception&) {
            outcome->reset();
        }
    };
    if (!off_loop_.run(config_.blocking_executor, work, returning_)) {
        returning_.forget();
        advance(opening_.failed(no_thread()));
    }
}

void Session::resolve() {
    connector_->resolve(address_, [self = shared_from_this()](Failure failure) {
        if (self->torn_down_) return;
        self->advance(failure ? self->opening_.failed(std::move(failure))
                              : self->opening_.resumed());
        self->pump();
    });
}

void Session::connect_again() {
    if (link_->transport) {
        link_->transport->close();
        old_links_.push_back(std::exchange(link_, new_link()));
    }
    connector_->connect(connect_deadline_,
                        [self = shared_from_this()](Failure failure, Socket socket) {
                            self->on_connected(std::move(failure), std::move(socket));
                        });
}

void Session::on_connected(Failure failure, Socket socket) {
    if (torn_down_) return;
    std::error_code ec;
    if (!failure) {
        const auto remote = socket.remote_endpoint(ec);
        if (ec) failure = {errc::connection_lost, "connecting: " + ec.message()};
        name_ = core::to_string(address_) + " (" + remote.address().to_string() + ')';
        safe_for_secrets_ = config_.tls || remote.address().is_loopback();
    }
    if (!failure && config_.tls) {
        auto made =
            make_tls_transport(strand_, std::move(socket), tls_, address_.host, address_.port);
        if (made) {
            link_->tls = made->get();
            link_->transport = *std::move(made);
        } else {
            failure = made.take_failure();
        }
    } else if (!failure) {
        link_->transport = std::make_unique<TcpTransport>(strand_, std::move(socket));
    }
    advance(failure ? opening_.failed(std::move(failure)) : opening_.resumed());
    pump();
}

void Session::connect(std::unique_ptr<Transport> transport, std::string name,
                      ConnectHandler handler) {
    auto expected = State::idle;
    if (!state_.compare_exchange_strong(expected, State::connecting))
        return std::move(handler).post(expected == State::closed ? errc::connection_closed
                                                                 : errc::already_connected);
    asio::dispatch(strand_, [self = shared_from_this(), transport = std::move(transport),
                             name = std::move(name), handler = std::move(handler)]() mutable {
        self->connect_handler_ = std::move(handler);
        if (self->link_->core.failed()) return self->tear_down();  // close() came first
        self->name_ = std::move(name);
        self->connect_timeout_ = self->config_.connect_timeout;
        self->connect_deadline_ = core::after(Clock::now(), self->connect_timeout_);
        self->link_->transport = std::move(transport);
        self->safe_for_secrets_ = true;
        auto step = self->opening_.start();
        while (step != Step::send && step != Step::failed)
            step = self->opening_.resumed();
        self->advance(step);
        self->pump();
    });
}

void Session::secure() {
    link_->tls->handshake(
        [self = shared_from_this(), link = link_.get()](const std::error_code& ec) {
            if (!link->current()) return;
            self->advance(ec ? self->opening_.failed(link->tls->explain("the TLS handshake", ec),
                                                     link->tls->heard())
                             : self->opening_.resumed());
            self->pump();
        });
}

// Sends the opening's question.
void Session::ask() {
    auto& core = link_->core;
    const auto question = opening_.question();
    core::Outgoing out;
    out.id = own_id;
    out.info = question.info;
    out.version = question.version;
    // The opening as a whole has a deadline; a login on an open connection waits for what is in
    // flight before it.
    if (!opening())
        out.deadline = core::after(core.drained_by(Clock::now()), config_.request_timeout);
    if (auto failure = core::encode_frame(*question.info, question.message, question.version,
                                          config_.client_id, out.frame))
        return core.fail(std::move(failure));
    core.submit_first(std::move(out));
}

void Session::on_own_answer(core::Completion& completion) {
    if (link_->core.failed()) return;  // that is dealt with
    if (completion.failure) {
        completion.failure.detail = "authenticating anew: " + completion.failure.detail;
        return link_->core.fail(std::move(completion.failure));
    }
    advance(opening_.answered(completion.body));
}

void Session::take_turn() {
    const auto now = std::chrono::system_clock::now();
    const auto turn = std::make_shared<Turn>(Turn{nullptr, opening_.challenge(), now});
    if (turn->challenge.null()) {
        if (config_.sasl->reveals_secret() && !safe_for_secrets_ &&
            !config_.allow_plaintext_credentials)
            return advance(opening_.failed(
                {errc::invalid_argument,
                 std::string(config_.sasl->name()) +
                     " would show the secret to everybody on the way: set ConnConfig::tls, or "
                     "allow_plaintext_credentials where the way is safe"}));
        std::optional<Failure> failure;
        try {
            auto exchange = config_.sasl->start({address_.host, address_.port});
            if (exchange)
                exchange_ = *std::move(exchange);
            else
                failure = exchange.take_failure();
        } catch (const std::exception&) {
            failure = Failure(errc::sasl_authentication_failed, "the mechanism threw");
        }
        if (failure) return advance(opening_.failed(*std::move(failure)));
    }
    turn->exchange = exchange_;
    if (!exchange_->blocks(now)) {
        turn->take();
        return on_turn(*turn);
    }
    if (!opening()) connect_deadline_ = core::after(Clock::now(), connect_timeout_);
    returning_ = off_loop_.expect(strand_, [self = shared_from_this(), turn, link = link_.get()] {
        if (!link->current()) return;
        if (!self->opening()) self->connect_deadline_ = core::never;
        self->on_turn(*turn);
        self->pump();
    });
    if (!off_loop_.run(
            config_.blocking_executor, [turn] { turn->take(); }, returning_)) {
        returning_.forget();
        advance(opening_.failed(no_thread()));
    }
}

void Session::on_turn(Turn& turn) {
    auto& result = *turn.result;
    if (!result) return advance(opening_.failed(result.take_failure()));
    advance(
        opening_.turned(result->done ? std::nullopt : std::optional(std::move(result->response))));
}

void Session::opened() {
    auto& core = link_->core;
    exchange_.reset();
    login_at_ =
        core::reauthentication_time(opening_.session_lifetime_ms(), Clock::now(), jitter(this));
    if (!opening()) {
        log(LogLevel::debug, "authenticated anew", {}, 0);
        return core.park(false);
    }
    auto peer = std::make_unique<Peer>();
    peer->name = name_;
    peer->versions = opening_.versions();
    peer->table = core::VersionTable(peer->versions);
    if (link_->tls) peer->tls = link_->tls->info();
    throttle_time_.store(std::max(peer->versions.throttle_time_ms, 0), std::memory_order_relaxed);
    core.on_throttle(peer->versions.throttle_time_ms, Clock::now());
    core.set_open();
    own_answers_ = core.counters().responses;
    connect_deadline_ = core::never;
    connector_.reset();
    peer_owner_ = std::move(peer);
    peer_.store(peer_owner_.get(), std::memory_order_release);
    auto connecting = State::connecting;
    state_.compare_exchange_strong(connecting, State::open);
    log(LogLevel::debug, "connected", {}, 0);
    std::move(connect_handler_).post({});
    connect_handler_ = {};
}

void Session::give_up() {
    auto failure = opening_.failure();
    if (opening_.refusal() && exchange_) {
        try {
            failure = exchange_->refused(failure.code, *opening_.refusal());
        } catch (const std::exception&) {  // what the broker said stands
        }
    }
    end_ = failure;
    link_->core.fail(std::move(failure));
}

void Session::authenticate_again() {
    login_at_ = core::never;
    link_->core.park(true);
    advance(opening_.reauthenticate());
}

std::string Session::doing() const {
    if (opening_.reaching() && connector_) return connector_->progress();
    return (opening() ? "" : "authenticating anew: ") + opening_.doing();
}

}  // namespace kafka::io
