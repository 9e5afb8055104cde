// SPDX-License-Identifier: Apache-2.0
#include "io/session.hpp"

#include <array>
#include <new>
#include <vector>

#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/query.hpp>

#include <kafka/protocol/produce.hpp>

#include "base/escape.hpp"
#include "core/request_frame.hpp"
#include "io/coarse_clock.hpp"
#include "io/session_registry.hpp"

namespace kafka::io {
namespace {

using Clock = std::chrono::steady_clock;
using detail::PendingCall;

Failure check(const ConnConfig& config) {
    for (const auto* name : {&config.client_software_name, &config.client_software_version})
        if (!core::valid_software_name(*name))
            return {errc::invalid_argument,
                    "'" + escaped(*name, 80) +
                        "' is no client software name or version: letters, digits, '-' and '.', "
                        "with a letter or digit at both ends"};
    return {};
}

// acks=0: the broker does not answer.
bool answered(const protocol::MessageInfo& info, const void* request) {
    return &info != &protocol::ProduceRequest::info ||
           static_cast<const protocol::ProduceRequest*>(request)->acks != 0;
}

core::Ticket ticket_of(std::unique_ptr<PendingCall> call) {
    return {call.release(), [](void* p) { delete static_cast<PendingCall*>(p); }};
}
std::unique_ptr<PendingCall> call_of(core::Ticket ticket) {
    return std::unique_ptr<PendingCall>(static_cast<PendingCall*>(ticket.release()));
}

core::OpeningPlan plan_of(const ConnConfig& config) {
    return {.tls = config.tls.has_value(),
            .mechanism = config.sasl ? std::string(config.sasl->name()) : std::string(),
            .software_name = config.client_software_name,
            .software_version = config.client_software_version};
}

Failure out_of_memory() {
    return {std::make_error_code(std::errc::not_enough_memory), "for a response"};
}

}  // namespace

Session::Session(Private, const asio::any_io_executor& executor, ConnConfig config)
    : config_(std::move(config)),
      strand_(strand_of(executor)),
      registry_(
          &asio::use_service<SessionRegistry>(asio::query(executor, asio::execution::context))),
      link_(new_link()),
      timer_(strand_),
      opening_(plan_of(config_)),
      off_loop_(asio::use_service<OffLoop>(asio::query(executor, asio::execution::context))) {}

std::unique_ptr<Session::Link> Session::new_link() {
    core::ConnLimits limits;
    limits.max_frame = config_.max_frame_size;
    limits.max_opening_frame = std::min(limits.max_opening_frame, config_.max_frame_size);
    limits.max_in_flight = std::max<std::size_t>(config_.max_in_flight, 1);
    limits.max_waiting_bytes = config_.max_waiting_bytes;
    limits.silence = config_.request_timeout;
    limits.max_throttle = config_.honour_throttle ? config_.request_timeout : core::milliseconds(0);
    auto link = std::make_unique<Link>(*this, limits);
    if (observer_) link->core.note_traffic();
    link->core.lend_bodies();
    link->core.set_pool(frames_);
    return link;
}

std::shared_ptr<Session> Session::make(const asio::any_io_executor& executor, ConnConfig config) {
    auto session = std::make_shared<Session>(Private{}, executor, std::move(config));
    session->registry_->add(*session);
    return session;
}

Session::~Session() {
    if (registry_) registry_->remove(*this);
}

// Opening.

void Session::connect(Result<core::Address> address, const ConnectOptions& options,
                      ConnectHandler handler) {
    const auto refuse = [&](Failure failure) {
        const auto* peer = this->peer();
        if (options.diagnostics)
            *options.diagnostics = {peer ? peer->name : std::string(), "",
                                    std::move(failure.detail)};
        std::move(handler).post(failure.code);
    };
    auto expected = State::idle;
    if (!state_.compare_exchange_strong(expected, State::connecting)) {
        if (expected == State::closed)
            return refuse({errc::connection_closed, "a Conn connects once: make another"});
        return refuse({errc::already_connected, "a Conn connects once"});
    }
    const auto timeout = options.timeout.value_or(config_.connect_timeout);
    const auto deadline = core::after(Clock::now(), timeout);
    if (auto slot = handler.get_cancellation_slot(); slot.is_connected())
        slot.assign([weak = weak_from_this()](asio::cancellation_type) {
            if (auto self = weak.lock())
                asio::dispatch(self->strand_, [self] {
                    if (self->connect_handler_)
                        self->fail({asio::error::operation_aborted, "cancelled"});
                });
        });
    asio::dispatch(strand_,
                   [self = shared_from_this(), address = std::move(address), deadline, timeout,
                    diagnostics = options.diagnostics, handler = std::move(handler)]() mutable {
                       self->connect_handler_ = std::move(handler);
                       self->connect_diagnostics_ = diagnostics;
                       self->connect_timeout_ = timeout;
                       if (self->link_->core.failed())
                           return self->tear_down();  // close() came first
                       if (!address) return self->fail(address.take_failure());
                       if (auto failure = check(self->config_))
                           return self->fail(std::move(failure));
                       self->start(*address, deadline);
                   });
}

// Calls.

// Whoever watches wants to know how long a call takes; deadlines, and how long a peer was silent,
// may be a tick off.
core::Time Session::now() const noexcept {
    return observed_ ? Clock::now() : coarse_now();
}

void Session::call(const protocol::MessageInfo& info, const void* request,
                   const CallOptions& options, std::unique_ptr<PendingCall> call) {
    call->diagnostics = options.diagnostics;
    const auto* peer = this->peer();
    if (!peer) {
        const bool closed = state_.load() == State::closed;
        const Failure failure(closed ? errc::connection_closed : errc::not_connected,
                              closed ? "it was never open" : "");
        return refuse(std::move(call), info.api, failure);
    }
    auto version = core::choose_version(info, peer->table, {options.version, options.unstable});
    if (!version) return refuse(std::move(call), info.api, version.failure());

    const auto now = this->now();
    core::Outgoing out;
    frames_.take(out.frame);
    out.info = &info;
    out.version = *version;
    out.answered = answered(info, request);
    if (auto failure = core::encode_frame(info, request, out.version, config_.client_id, out.frame))
        return refuse(std::move(call), core::api_name(info, out.version), failure);
    out.deadline = core::after(observed_ ? now : now + coarse_lag,
                               options.timeout.value_or(config_.request_timeout));
    // Before the hop to the strand, so that a signal finds it; the signal hops after the request.
    out.id = shared_id;
    if (auto slot = call->slot(); slot.is_connected()) {
        out.id = next_id_.fetch_add(1, std::memory_order_relaxed);
        slot.assign([weak = weak_from_this(), id = out.id](asio::cancellation_type type) {
            using enum asio::cancellation_type;
            const bool only_unsent = (type & (terminal | partial)) == none;
            if (auto self = weak.lock())
                asio::dispatch(self->strand_,
                               [self, id, only_unsent] { self->cancel(id, only_unsent); });
        });
    }
    out.ticket = ticket_of(std::move(call));
    strand_.perform([&] { submit(std::move(out), now); },
                    [&] {
                        return [self = shared_from_this(), own = std::move(out), now]() mutable {
                            self->submit(std::move(own), now);
                        };
                    });
}

void Session::submit(core::Outgoing&& out, core::Time now) {
    auto& core = link_->core;
    if (core.submit_and_stage(std::move(out), now)) write(now);
    pump(now);
}

void Session::cancel(std::uint64_t id, bool only_unsent) {
    link_->core.cancel(id, only_unsent);
    pump();
}

// The socket.

void Session::read(std::shared_ptr<TransportUser>&& user) {
    std::span<std::uint8_t> space;
    try {
        space = link_->core.read_space();
    } catch (const std::bad_alloc&) {
        return fail(out_of_memory());
    }
    link_->transport->read_some(space, std::move(user));
}

void Session::on_read(const std::error_code& ec, std::size_t count,
                      std::shared_ptr<TransportUser>&& user) {
    auto& link = *link_;
    auto& core = link.core;
    const auto now = this->now();
    if (ec && ec == asio::error::eof) {
        const bool mute = !opening() && !config_.sasl && core.counters().responses == own_answers_;
        core.on_eof(mute ? " before it answered a request: if this listener demands a login, set "
                           "ConnConfig::sasl"
                         : "");
    } else if (ec) {
        core.fail(link_->transport->explain("reading", ec));
    } else {
        try {
            core.on_read(count, now);
        } catch (const std::bad_alloc&) {
            core.fail(out_of_memory());
        }
    }
    pump(now);
    if (link.current()) read(std::move(user));
}

void Session::on_written(const std::error_code& ec) {
    const auto now = this->now();
    if (ec)
        link_->core.fail(link_->transport->explain("writing", ec));
    else
        link_->core.on_written(now);
    pump(now);
}

// Writes what is staged, and what then waits.
void Session::write(core::Time now) {
    auto& core = link_->core;
    do {
        if (!link_->transport->write(core.pieces(), *link_)) return;
        core.on_written(now);
        deliver();
    } while (core.unsent() && core.stage(now));
}

// After every event: hands over what is done, sends what may go.
void Session::pump(core::Time now) {
    deliver();
    // The opening may want to go on with another connection.
    if (const auto& core = link_->core; core.failed() && opening() && !end_ && connector_)
        advance(opening_.failed(core.failure(), core.counters().bytes_in > 0));
    if (link_->core.failed()) return tear_down();
    if (link_->core.unsent() && link_->core.stage(now)) write(now);
    tell_traffic();
    set_timer();
    publish();
}

void Session::tell_traffic() {
    if (!observer_) return;
    auto& core = link_->core;
    for (const auto& one : core.traffic())
        observer_->on_traffic(one);
    core.traffic().clear();
}

void Session::deliver() {
    while (auto completion = link_->core.take()) {
        if (completion->id == own_id)
            on_own_answer(*completion);
        else
            finish(*completion);
    }
}

void Session::finish(core::Completion& completion) {
    auto call = call_of(std::move(completion.ticket));
    call->sent = completion.sent;
    if (!completion.failure && !completion.body.null())
        if (auto failure = decode(completion, *call)) completion.failure = std::move(failure);
    completion.body = {};
    if (completion.failure) {
        // Asio's own category is not the standard's in every version.
        if (completion.failure.code == std::errc::operation_canceled)
            completion.failure.code = asio::error::operation_aborted;
        explain(*call, core::api_name(*completion.info, completion.version), completion.failure);
    }
    strand_.complete(std::move(call), completion.failure.code);
}

Failure Session::decode(const core::Completion& completion, PendingCall& call) {
    std::size_t used = 0;
    Failure failure;
    try {
        failure = protocol::decode(call.info(), call.response(), completion.version,
                                   completion.body, config_.decode_limits, used);
    } catch (const std::bad_alloc&) {
        return out_of_memory();
    }
    if (failure) {
        // A peer that sends one malformed answer is not to be believed in the next. A limit of
        // ours says nothing about it.
        if (failure.code == errc::malformed_message)
            link_->core.fail({failure.code, "an answer before it: " + failure.detail});
        return failure;
    }
    trailing_bytes_ += completion.body.size() - used;
    const auto throttle = core::throttle_time_of(call.info(), call.response());
    throttle_time_.store(std::max(throttle, 0), std::memory_order_relaxed);
    if (throttle > 0) link_->core.on_throttle(throttle, Clock::now());
    if (observer_ && throttle > 0) observer_->on_throttle(call.info(), throttle);
    return {};
}

void Session::explain(PendingCall& call, const std::string& api, const Failure& failure) const {
    if (!call.diagnostics) return;
    const auto* peer = this->peer();
    *call.diagnostics = {peer ? peer->name : std::string(), api, failure.detail};
}

void Session::refuse(std::unique_ptr<PendingCall> call, const std::string& api,
                     const Failure& failure) const {
    explain(*call, api, failure);
    PendingCall::post(std::move(call), failure.code);
}

// Time. The timer is set anew only for an earlier deadline: with equal time-outs that is once in
// a while, not once a call.

void Session::set_timer() {
    const auto next = std::min({link_->core.next_deadline(), connect_deadline_, login_at_});
    if (next >= timer_at_) return;
    timer_at_ = next;
    timer_.expires_at(next);
    timer_.async_wait([self = shared_from_this()](const std::error_code& ec) {
        if (ec != asio::error::operation_aborted) self->on_timer();
    });
}

void Session::on_timer() {
    if (torn_down_) return;
    timer_at_ = core::never;
    const auto now = Clock::now();
    if (now >= connect_deadline_)
        return fail({opening() ? errc::connect_timed_out : errc::request_timed_out,
                     std::to_string(connect_timeout_.count()) + " ms are over while " + doing()});
    if (now >= login_at_) authenticate_again();
    link_->core.on_time(now);
    pump(now);
}

// The end.

void Session::close() {
    asio::dispatch(strand_, [self = shared_from_this()] {
        self->fail({errc::connection_closed, "close() was called"});
    });
}

void Session::forsake() {
    if (state_.load() == State::closed) return;
    asio::dispatch(strand_, [self = shared_from_this()] {
        if (self->torn_down_) return;
        const auto open = self->link_->core.wanted() + (self->connect_handler_ ? 1 : 0);
        const Failure why(errc::connection_closed, "the Conn was destroyed");
        if (open > 0) self->log(LogLevel::warning, "destroyed with requests in flight", why, open);
        self->fail(why);
    });
}

void Session::fail(Failure failure) {
    link_->core.fail(std::move(failure));
    pump();
}

void Session::tear_down() {
    state_.store(State::closed);
    publish();
    const auto failure = end_ ? end_ : link_->core.failure();
    if (connect_handler_) {
        if (connect_diagnostics_)
            *connect_diagnostics_ = {name_, link_->transport ? opening_.api() : std::string(),
                                     failure.detail};
        std::move(connect_handler_).post(failure.code);
        connect_handler_ = {};
    }
    if (std::exchange(torn_down_, true)) return;
    tell_traffic();
    if (auto observer = std::exchange(observer_, nullptr); observer && peer())
        observer->on_end(failure);
    if (peer() && failure.code != errc::connection_closed)
        log(LogLevel::warning, "lost the connection", failure, link_->core.counters().failed);
    if (auto connector = std::exchange(connector_, nullptr)) connector->cancel();
    returning_.forget();
    exchange_.reset();
    if (link_->transport) link_->transport->close();
    timer_.cancel();
}

void Session::abandon() noexcept {
    state_.store(State::closed);
    torn_down_ = true;
    link_->core.fail({errc::connection_closed, "the event loop was destroyed"});
    if (connector_) connector_->forget();
    const auto observer = std::move(observer_);
    const auto handler = std::move(connect_handler_);
    while (auto completion = link_->core.take())
        call_of(std::move(completion->ticket)).reset();
}

void Session::publish() noexcept {
    const auto& counters = link_->core.counters();
    const auto show = [](auto& to, auto value) { to.store(value, std::memory_order_relaxed); };
    show(shown_.requests, counters.requests);
    show(shown_.responses, counters.responses);
    show(shown_.bytes_out, counters.bytes_out);
    show(shown_.bytes_in, counters.bytes_in);
    show(shown_.timed_out, counters.timed_out);
    show(shown_.cancelled, counters.cancelled);
    show(shown_.trailing_bytes, trailing_bytes_);
    show(shown_.in_flight, link_->core.in_flight());
    show(shown_.waiting, link_->core.waiting());
    show(shown_.waiting_bytes, link_->core.waiting_bytes());
}

ConnStats Session::stats() const noexcept {
    const auto read = [](const auto& from) { return from.load(std::memory_order_relaxed); };
    return {.requests = read(shown_.requests),
            .responses = read(shown_.responses),
            .bytes_out = read(shown_.bytes_out),
            .bytes_in = read(shown_.bytes_in),
            .timed_out = read(shown_.timed_out),
            .cancelled = read(shown_.cancelled),
            .trailing_bytes = read(shown_.trailing_bytes),
            .in_flight = read(shown_.in_flight),
            .waiting = read(shown_.waiting),
            .waiting_bytes = read(shown_.waiting_bytes)};
}

void Session::log(LogLevel level, std::string_view message, const Failure& why,
                  std::size_t in_flight) {
    if (!config_.log) return;
    std::vector<LogField> fields{{"peer", name_}};
    if (why) fields.push_back({"cause", why.message()});
    if (in_flight > 0) fields.push_back({"in_flight", std::to_string(in_flight)});
    config_.log({level, "conn", message, fields});
}

}  // namespace kafka::io
