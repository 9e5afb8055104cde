// SPDX-License-Identifier: Apache-2.0
#include "io/cluster_driver.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/cancellation_signal.hpp>
#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/query.hpp>

#include "io/cluster_link.hpp"
#include "io/cluster_registry.hpp"
#include "io/cluster_seeds.hpp"
#include "io/cluster_settings.hpp"

namespace kafka::io {
namespace {

using Clock = std::chrono::steady_clock;
using core::ClusterCore;
using std::chrono::milliseconds;

std::vector<core::Address> addresses_or_none(const std::string& text) {
    auto parsed = parse_bootstrap(text);
    return parsed ? std::move(*parsed) : std::vector<core::Address>();
}

}  // namespace

struct Cluster::CallWaiter final : Waiter {
    std::unique_ptr<detail::PendingCall> call;
    const detail::CallType* type = nullptr;
    std::vector<BrokerFailure>* failures = nullptr;

    void done(Cluster& cluster, ClusterCore::Done& over) override {
        if (failures)
            for (auto& miss : over.misses)
                failures->push_back({miss.broker, std::move(miss.failure)});
        call->sent = over.sent;
        if (over.failure) {
            if (over.failure.code == std::errc::operation_canceled)
                over.failure.code = asio::error::operation_aborted;
            if (call->diagnostics)
                *call->diagnostics = {over.peer,
                                      over.api.empty() ? type->request->api : std::move(over.api),
                                      std::move(over.failure.detail)};
        } else if (over.response) {
            type->move_response(call->response(), over.response.get());
        }
        cluster.strand_.complete(std::move(call), over.failure.code);
    }
};

struct Cluster::MetadataWaiter final : Waiter {
    MetadataHandler handler;
    Diagnostics* diagnostics = nullptr;

    void done(Cluster& cluster, ClusterCore::Done& over) override {
        if (over.failure.code == std::errc::operation_canceled)
            over.failure.code = asio::error::operation_aborted;
        if (over.failure && diagnostics)
            *diagnostics = {over.peer, "Metadata", std::move(over.failure.detail)};
        std::move(handler).post(over.failure.code,
                                over.failure ? nullptr : cluster.core_.metadata().snapshot());
    }
};

// A part of a call, on a session.
class Cluster::PartCall final : public detail::PendingCall {
public:
    PartCall(std::weak_ptr<Cluster> cluster, std::shared_ptr<Link> link, std::uint64_t piece,
             const protocol::MessageInfo& info, std::shared_ptr<void> response,
             std::shared_ptr<asio::cancellation_signal> signal)
        : PendingCall(info, response.get()),
          cluster_(std::move(cluster)),
          link_(std::move(link)),
          piece_(piece),
          object_(std::move(response)),
          signal_(std::move(signal)) {}

    // On the strand, from inside the session's work: the core hears of it afterwards.
    void complete(const std::error_code& ec) override {
        const auto cluster = cluster_.lock();
        if (!cluster) return;
        cluster->parts_.erase(piece_);
        cluster->answers_.push_back({piece_, {ec, std::move(said.detail)}, sent, std::move(link_)});
        cluster->schedule();
    }
    [[nodiscard]] asio::cancellation_slot slot() const noexcept override { return signal_->slot(); }

    Diagnostics said;

private:
    std::weak_ptr<Cluster> cluster_;
    std::shared_ptr<Link> link_;
    std::uint64_t piece_;
    std::shared_ptr<void> object_;
    std::shared_ptr<asio::cancellation_signal> signal_;
};

// Construction and the end.

Cluster::Cluster(Private, const asio::any_io_executor& executor, ClientConfig config)
    : config_(std::move(config)),
      strand_(strand_of(executor)),
      registry_(
          &asio::use_service<ClusterRegistry>(asio::query(executor, asio::execution::context))),
      core_(limits_of(config_), addresses_or_none(config_.bootstrap)),
      timer_(strand_),
      snapshot_(core_.metadata().snapshot()) {}

std::shared_ptr<Cluster> Cluster::make(const asio::any_io_executor& executor, ClientConfig config) {
    auto cluster = std::make_shared<Cluster>(Private{}, executor, std::move(config));
    cluster->registry_->add(*cluster);
    if (auto parsed = parse_bootstrap(cluster->config_.bootstrap); !parsed)
        cluster->core_.close(parsed.failure(), Clock::now());
    return cluster;
}

Cluster::~Cluster() {
    if (registry_) registry_->remove(*this);
}

void Cluster::end(const Failure& why) {
    if (!std::exchange(closed_, true)) {
        core_.close(why, Clock::now());
        run();
        if (auto finder = std::exchange(finder_, nullptr)) finder->cancel();
        timer_.cancel();
        subscribers_.clear();
    }
}

// Posted: a hook may call it, from inside the work of a session.
void Cluster::close(CloseHandler handler) {
    asio::post(strand_, [self = shared_from_this(), handler = std::move(handler)]() mutable {
        self->end({errc::connection_closed, "close() was called"});
        if (handler) std::move(handler).post({});
    });
}

void Cluster::forsake() {
    if (!registry_) return;  // the event loop is gone
    asio::post(strand_, [self = shared_from_this()] {
        if (self->closed_) return;
        if (const auto calls = self->core_.calls(); calls > 0)
            self->log(LogLevel::warning, "destroyed with calls under way",
                      std::to_string(calls) + " calls");
        self->end({errc::connection_closed, "the Client was destroyed"});
    });
}

void Cluster::abandon() noexcept {
    registry_ = nullptr;
    closed_ = true;
    if (finder_) finder_->forget();
    core_.close({errc::connection_closed, "the event loop was destroyed"}, core::Time{});
    ClusterCore::Action action;
    std::vector<ClusterCore::Action> dropped;
    while (core_.take(action))
        dropped.push_back(std::move(action));
    links_.clear();
    subscribers_.clear();
}

// Calls.

core::Time Cluster::deadline_of(const ClientCallOptions& options) const {
    return core::after(Clock::now(), options.timeout.value_or(config_.conn.request_timeout));
}

void Cluster::assign_slot(asio::cancellation_slot slot, std::uint64_t id) {
    if (!slot.is_connected()) return;
    slot.assign([weak = weak_from_this(), id](asio::cancellation_type type) {
        using enum asio::cancellation_type;
        const bool only_unsent = (type & (terminal | partial)) == none;
        if (auto self = weak.lock())
            asio::dispatch(self->strand_, [self, id, only_unsent] {
                self->core_.cancel(id, only_unsent, Clock::now());
                self->schedule();
            });
    });
}

void Cluster::submit(ClusterCore::Call call) {
    asio::dispatch(strand_, [self = shared_from_this(), call = std::move(call)]() mutable {
        self->core_.submit(std::move(call), Clock::now());
        self->schedule();
    });
}

void Cluster::call(const detail::CallType& type, core::Request request,
                   const ClientCallOptions& options, std::unique_ptr<detail::PendingCall> call,
                   protocol::VersionRange allowed) {
    call->diagnostics = options.diagnostics;
    ClusterCore::Call own;
    own.id = next_id_.fetch_add(1, std::memory_order_relaxed);
    own.deadline = deadline_of(options);
    own.type = &type;
    own.request = std::move(request);
    own.broker = options.broker_id;
    own.version = options.version;
    own.allowed = allowed;
    own.unstable = options.unstable;
    own.retry = options.retry;
    assign_slot(call->slot(), own.id);
    auto waiter = std::make_unique<CallWaiter>();
    waiter->call = std::move(call);
    waiter->type = &type;
    waiter->failures = options.failures;
    own.ticket = Waiter::ticket(std::move(waiter));
    submit(std::move(own));
}

void Cluster::refresh_metadata(std::vector<std::string> topics, const ClientCallOptions& options,
                               MetadataHandler handler) {
    ClusterCore::Call own;
    own.id = next_id_.fetch_add(1, std::memory_order_relaxed);
    own.kind = ClusterCore::Kind::metadata;
    own.deadline = deadline_of(options);
    own.topics = std::move(topics);
    assign_slot(handler.get_cancellation_slot(), own.id);
    auto waiter = std::make_unique<MetadataWaiter>();
    waiter->handler = std::move(handler);
    waiter->diagnostics = options.diagnostics;
    own.ticket = Waiter::ticket(std::move(waiter));
    submit(std::move(own));
}

// What is known.

std::shared_ptr<const ClusterMetadata> Cluster::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

std::shared_ptr<const TopicMetadata> Cluster::topic(std::string_view name) const {
    const auto* found = core_.metadata().topic(name);
    return found ? found->data : nullptr;
}

void Cluster::hold_topic(std::string_view name) {
    core_.hold_topic(name, Clock::now());
    schedule();
}

void Cluster::release_topic(std::string_view name) {
    core_.release_topic(name, Clock::now());
}

void Cluster::stale_metadata() {
    core_.stale(Clock::now());
    schedule();
}

void Cluster::apply_hints(const std::vector<core::LeaderHint>& hints,
                          const std::vector<BrokerMetadata>& endpoints) {
    core_.apply_hints(hints, endpoints, Clock::now());
    schedule();
}

std::uint64_t Cluster::subscribe(Subscriber subscriber) {
    subscribers_.emplace(next_subscriber_, std::move(subscriber));
    return next_subscriber_++;
}

// The core's actions. They are done from here only, so that the core and the sessions never call
// each other.

void Cluster::schedule() {
    if (std::exchange(scheduled_, true)) return;
    asio::post(strand_, [self = shared_from_this()] { self->run(); });
}

void Cluster::run() {
    scheduled_ = false;
    ClusterCore::Action action;
    for (bool more = true; more;) {
        // A connection's end comes before the failures that it brings, so that none of them is
        // sent on it again.
        const auto answers = std::exchange(answers_, {});
        const auto now = Clock::now();
        for (const auto& answer : answers)
            if (answer.failure && !answer.link->alive() && links_.count(answer.link->id) > 0) {
                links_.erase(answer.link->id);
                core_.on_disconnected(answer.link->id, answer.failure, now);
            }
        for (const auto& answer : answers)
            core_.on_answer(answer.piece, answer.failure, answer.sent, now);
        more = !answers.empty();
        while (core_.take(action)) {
            act(action);
            more = true;
        }
    }
    counters_.publish(core_.counters(), core_.pool().open_count());
    if (!closed_) set_timer();
}

void Cluster::act(ClusterCore::Action& action) {
    if (auto* connection = std::get_if<ClusterCore::Connect>(&action)) {
        connect(*connection);
    } else if (auto* request = std::get_if<ClusterCore::Send>(&action)) {
        send(*request);
    } else if (auto* over = std::get_if<ClusterCore::Done>(&action)) {
        const auto ticket = std::move(over->ticket);
        if (ticket) static_cast<Waiter*>(ticket.get())->done(*this, *over);
    } else if (const auto* unwanted = std::get_if<ClusterCore::Close>(&action)) {
        shut(unwanted->conn);
    } else if (const auto* abandoned = std::get_if<ClusterCore::Abandon>(&action)) {
        if (const auto part = parts_.find(abandoned->piece); part != parts_.end()) {
            const auto signal = std::move(part->second);
            parts_.erase(part);
            signal->emit(asio::cancellation_type::terminal);
        }
    } else if (const auto* seeds = std::get_if<ClusterCore::FindSeeds>(&action)) {
        find_seeds(*seeds);
    } else if (const auto* note = std::get_if<ClusterCore::Note>(&action)) {
        log(note->level, note->message, note->detail);
    } else {
        metadata_changed();
    }
}

void Cluster::connect(const ClusterCore::Connect& action) {
    auto link = std::make_shared<Link>();
    link->cluster = weak_from_this();
    link->id = action.conn;
    link->key = action.key;
    link->address = action.address;
    link->started = Clock::now();
    link->session = Session::make(strand_, config_.conn);
    link->session->observe(link);
    if (action.cluster_id) link->session->expect(*action.cluster_id, action.key.broker);
    links_.emplace(action.conn, link);
    link->session->connect(link->address,
                           {.timeout = action.timeout, .diagnostics = &link->diagnostics},
                           {[weak = weak_from_this(), link](const std::error_code& ec) {
                                if (const auto self = weak.lock()) self->on_connect(link, ec);
                            },
                            strand_});
}

void Cluster::on_connect(const std::shared_ptr<Link>& link, const std::error_code& ec) {
    const auto took = Clock::now() - link->started;
    const Failure failure(ec, ec ? link->diagnostics.detail : std::string());
    tell(config_.hooks.connect, ConnectEvent{link->ref(), took, ec ? &failure : nullptr});
    if (ec)
        counters_.connect_failed(link->key.broker);
    else
        counters_.connected(link->key.broker);
    if (links_.count(link->id) == 0) return;  // it was given up meanwhile
    if (ec) {
        links_.erase(link->id);
        core_.on_connect_failed(link->id, failure, Clock::now());
    } else {
        const auto* peer = link->session->peer();
        features_.take(peer->versions);
        core_.on_connected(link->id, peer->table, peer->name, Clock::now());
    }
    schedule();
}

void Cluster::send(ClusterCore::Send& action) {
    const auto at = links_.find(action.conn);
    if (at == links_.end()) {
        answers_.push_back({action.piece,
                            {errc::connection_lost, "before it was sent"},
                            false,
                            std::make_shared<Link>()});
        return;
    }
    auto signal = std::make_shared<asio::cancellation_signal>();
    parts_.emplace(action.piece, signal);
    auto part = std::make_unique<PartCall>(weak_from_this(), at->second, action.piece,
                                           *action.type->response, std::move(action.response),
                                           std::move(signal));
    CallOptions options;
    options.timeout = action.timeout;
    options.version = action.version;
    options.diagnostics = &part->said;
    at->second->session->call(*action.type->request, action.request.get(), options,
                              std::move(part));
}

void Cluster::shut(ClusterCore::ConnId conn) {
    const auto at = links_.find(conn);
    if (at == links_.end()) return;
    const auto link = at->second;
    links_.erase(at);
    link->session->close();
}

void Cluster::find_seeds(const ClusterCore::FindSeeds& action) {
    finder_ = std::make_shared<SeedFinder>(strand_);
    finder_->start(action.names,
                   [weak = weak_from_this()](std::vector<core::Address> found, Failure failure) {
                       const auto self = weak.lock();
                       if (!self) return;
                       self->finder_.reset();
                       self->core_.on_seeds(std::move(found), std::move(failure), Clock::now());
                       self->schedule();
                   });
}

void Cluster::metadata_changed() {
    // A bootstrap connection may have become a broker's.
    for (const auto& [id, link] : links_)
        if (link->key.broker < 0)
            if (const auto* conn = core_.pool().find(id)) link->key = conn->key;
    const auto after = core_.metadata().snapshot();
    std::shared_ptr<const ClusterMetadata> before;
    {
        const std::lock_guard lock(snapshot_mutex_);
        before = std::exchange(snapshot_, after);
    }
    if (before == after) return;
    tell(config_.hooks.metadata, MetadataEvent{before.get(), after.get()});
    std::vector<std::uint64_t> ids;
    for (const auto& [id, subscriber] : subscribers_)
        ids.push_back(id);
    const auto changed = core::changed_topics(*before, *after);
    for (const auto id : ids)
        if (const auto at = subscribers_.find(id); at != subscribers_.end()) {
            const auto subscriber = at->second;
            subscriber(changed);
        }
}

// The timer is set anew only for an earlier deadline.
void Cluster::set_timer() {
    const auto next = core_.next_deadline();
    if (next >= timer_at_) return;
    timer_at_ = next;
    timer_.expires_at(next);
    timer_.async_wait([weak = weak_from_this()](const std::error_code& ec) {
        if (ec == asio::error::operation_aborted) return;
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        self->timer_at_ = core::never;
        self->core_.on_time(Clock::now());
        self->run();
    });
}

// What is told.

void Cluster::log(LogLevel level, std::string_view message, std::string_view detail) const {
    if (!config_.conn.log) return;
    const std::array fields{LogField{"cause", std::string(detail)}};
    config_.conn.log({level, "client", message,
                      detail.empty() ? std::span<const LogField>() : std::span(fields)});
}

}  // namespace kafka::io
