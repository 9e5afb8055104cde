// SPDX-License-Identifier: Apache-2.0
#include "core/cluster_core.hpp"

#include <algorithm>
#include <utility>

#include "core/cluster_state.hpp"
#include "core/request_frame.hpp"

namespace kafka::core {
namespace {

std::error_code cancelled() {
    return std::make_error_code(std::errc::operation_canceled);
}

}  // namespace

ClusterCore::ClusterCore(ClusterLimits limits, std::vector<Address> bootstrap)
    : limits_(std::move(limits)),
      names_(std::move(bootstrap)),
      random_(limits_.seed),
      metadata_([this] {
          auto own = limits_.metadata;
          own.refuse_other_cluster = limits_.cluster_check && limits_.rebootstrap;
          return own;
      }()),
      coordinators_(limits_.retry),
      pool_(limits_.pool, random_) {}

ClusterCore::~ClusterCore() = default;

void ClusterCore::note(LogLevel level, std::string message, std::string detail) {
    push(Note{level, std::move(message), std::move(detail)});
}

// Calls.

void ClusterCore::submit(Call call, Time now) {
    const auto refuse = [&](Failure failure) {
        ++counters_.calls, ++counters_.failed;
        push(Done{.id = call.id,
                  .kind = call.kind,
                  .failure = std::move(failure),
                  .ticket = std::move(call.ticket)});
    };
    if (closed_) return refuse(closed_why_);
    if (calls() >= limits_.max_calls)
        return refuse({errc::too_many_in_flight,
                       std::to_string(limits_.max_calls) + " calls are under way already"});
    ++counters_.calls;
    auto& state = begin(std::move(call), Own::none, now);
    advance(*state.pieces.front(), now);
    pump(now);
}

ClusterCore::CallState& ClusterCore::begin(Call call, Own own, Time now) {
    const auto serial = next_serial_++;
    auto& state = *calls_.emplace(serial, std::make_unique<CallState>()).first->second;
    state.serial = serial;
    state.own = own;
    state.call = std::move(call);
    if (own == Own::none)
        serials_[state.call.id] = serial;
    else
        ++own_calls_;
    if (state.call.kind == Kind::request) {
        state.route = route_of(state.call.type->request->api_key);
        state.splitter = find_splitter(state.route.api_key);
        const auto* s = state.splitter;
        state.apart =
            s && !state.call.broker && (!s->separable || s->separable(state.call.request.get()));
    }
    if (state.call.kind == Kind::metadata) {
        // One that is under way may have been answered before this call.
        state.round = rounds_begun_ + 1;
        if (state.call.topics.empty()) metadata_.demand();
        for (const auto& topic : state.call.topics)
            metadata_.demand(topic, now);
    }
    earliest_ = std::min(earliest_, state.call.deadline);
    add_piece(state, state.call.request).born = now;
    return state;
}

ClusterCore::Piece& ClusterCore::add_piece(CallState& call, Request request) {
    auto& piece = *call.pieces.emplace_back(std::make_unique<Piece>());
    piece.id = next_piece_++;
    piece.call = &call;
    piece.request = std::move(request);
    waiting_.emplace(piece.id, &piece);
    return piece;
}

void ClusterCore::drop_piece(Piece& piece) {
    waiting_.erase(piece.id);
    if (sent_.erase(piece.id) > 0) {
        if (auto* conn = pool_.find(piece.conn)) --conn->in_flight;
        push(Abandon{piece.id});
    }
    auto& pieces = piece.call->pieces;
    std::erase_if(pieces, [&piece](const auto& other) { return other.get() == &piece; });
}

void ClusterCore::finish(CallState& call, Failure failure, Time now) {
    while (!call.pieces.empty())
        drop_piece(*call.pieces.back());
    const auto keep = std::move(calls_.at(call.serial));
    calls_.erase(call.serial);
    if (call.own != Own::none) {
        --own_calls_;
        return own_done(call, failure, now);
    }
    serials_.erase(call.call.id);
    ++(failure ? counters_.failed : counters_.succeeded);
    if (failure) call.result.reset();
    push(Done{call.call.id, call.call.kind, std::move(failure), std::move(call.peer),
              std::move(call.api), call.sent, std::move(call.result), call.conn,
              std::move(call.misses), std::move(call.call.ticket)});
}

void ClusterCore::merge_result(CallState& call, std::shared_ptr<void> response) {
    call.answered = true;
    if (!response) return;
    if (!call.result)
        call.result = std::move(response);
    else if (call.splitter)
        call.splitter->merge(call.result.get(), response.get());
}

void ClusterCore::piece_done(Piece& piece, std::shared_ptr<void> response, Time now) {
    auto& call = *piece.call;
    merge_result(call, std::move(response));
    drop_piece(piece);
    if (call.pieces.empty()) finish(call, {}, now);
}

// A request that spans brokers goes on without what this one would have said; any other fails.
void ClusterCore::fail_piece(Piece& piece, Failure failure, Time now) {
    auto& call = *piece.call;
    if (!call.spans || !call.splitter) return finish(call, std::move(failure), now);
    call.misses.push_back({piece.any ? -1 : piece.broker, failure});
    const bool last = call.pieces.size() == 1;
    if (last && !call.answered) return finish(call, Failure(call.misses.front().failure), now);
    if (!call.result) call.result = call.call.type->make_response();
    call.splitter->refuse(piece.request.get(), call.result.get(), stand_in_code(failure.code));
    drop_piece(piece);
    if (call.pieces.empty()) finish(call, {}, now);
}

void ClusterCore::retry_piece(Piece& piece, Failure why, Time now) {
    auto& call = *piece.call;
    ++counters_.retries;
    ++piece.tries;
    piece.last = std::move(why);
    piece.state = Piece::State::unrouted;
    piece.conn = 0;
    piece.response.reset();
    piece.not_before = now + limits_.retry.delay(piece.tries, random_.fraction());
    waiting_.emplace(piece.id, &piece);
    wake_at(piece.not_before);
    // Is there no time for another try, what the broker said is the answer.
    if (piece.not_before >= call.call.deadline && was_refused(piece)) take_refusal(piece, now);
}

bool ClusterCore::was_refused(const Piece& piece) noexcept {
    return piece.refused || piece.refused_code != 0;
}

void ClusterCore::take_refusal(Piece& piece, Time now) {
    auto& call = *piece.call;
    auto answer = std::move(piece.refused);
    if (!answer) {
        answer = call.call.type->make_response();
        call.splitter->refuse(piece.request.get(), answer.get(), piece.refused_code);
    }
    piece_done(piece, std::move(answer), now);
}

std::string ClusterCore::waiting_for(const Piece& piece) const {
    std::string text;
    if (piece.state == Piece::State::sent)
        text = "it was sent and is not answered";
    else if (piece.state == Piece::State::placed && !piece.any)
        text =
            "it was not sent, for want of a connection to broker " + std::to_string(piece.broker);
    else if (piece.state == Piece::State::placed || bootstrapping_)
        text = "it was not sent, for want of a connection to any broker";
    else if (piece.waits_for_coordinator)
        text = "it was not sent, for want of a coordinator";
    else if (piece.waits_for_metadata)
        text = "it was not sent, for want of metadata";
    else
        text = "it was about to be sent again";
    const bool asking = refreshing_ && !refreshing_->pieces.empty();
    const auto& last = piece.last ? piece.last
                       : asking && refreshing_->pieces.front()->last
                           ? refreshing_->pieces.front()->last
                           : metadata_failure_;
    if (last) text += "; before that: " + last.message();
    return text;
}

// No answer came from where it went: somebody else may lead or coordinate by now.
void ClusterCore::doubt(const Piece& piece) {
    const auto to = piece.call->route.to;
    if (to == Destination::leader || to == Destination::controller)
        metadata_.stale();
    else if (!piece.any)
        coordinators_.forget_broker(piece.broker);
}

void ClusterCore::expire(CallState& call, Time now) {
    for (const auto& piece : call.pieces) {
        if (was_refused(*piece)) call.answered = true;
        if (piece->state == Piece::State::sent) doubt(*piece);
    }
    if (call.sent && (call.own == Own::metadata || call.own == Own::coordinators)) ++own_timeouts_;
    Failure failure(errc::request_timed_out, waiting_for(*call.pieces.front()));
    if (!call.answered || call.own != Own::none) return finish(call, std::move(failure), now);
    const auto serial = call.serial;
    while (calls_.count(serial) > 0) {
        auto& piece = *call.pieces.back();
        if (was_refused(piece)) {
            take_refusal(piece, now);
        } else {
            call.spans = call.spans || call.splitter;
            fail_piece(piece, {errc::request_timed_out, waiting_for(piece)}, now);
        }
    }
}

void ClusterCore::cancel(std::uint64_t id, bool only_unsent, Time now) {
    const auto at = serials_.find(id);
    if (at == serials_.end()) return;
    auto& call = *calls_.at(at->second);
    if (only_unsent && call.sent) return;
    finish(
        call,
        {cancelled(), call.sent ? "cancelled after it was sent" : "cancelled before it was sent"},
        now);
    pump(now);
}

void ClusterCore::close(const Failure& why, Time now) {
    if (std::exchange(closed_, true)) return;
    closed_why_ = why;
    while (!calls_.empty())
        finish(*calls_.begin()->second, why, now);
    drop_connections(pool_.all(), why);
}

// Events.

void ClusterCore::on_connected(ConnId id, VersionTable versions, std::string peer, Time now) {
    auto* conn = pool_.find(id);
    if (!conn) return;
    pool_.on_open(*conn, std::move(versions), std::move(peer), now);
    dirty_ = true;
    pump(now);
}

void ClusterCore::on_answer(std::uint64_t id, Failure failure, bool sent, Time now) {
    const auto at = sent_.find(id);
    if (at == sent_.end()) return;  // nobody waits for it any more
    auto& piece = *at->second;
    auto& call = *piece.call;
    sent_.erase(at);
    // On its way it was overtaken by the end of the connection.
    if (failure && !sent && piece.tries == 0 && call.pieces.size() == 1) call.sent = false;
    if (auto* conn = pool_.find(piece.conn)) {
        --conn->in_flight;
        call.peer = conn->peer;
        pool_.on_used(*conn, !failure, now);
        if (!failure && conn->key.broker >= 0) restarts_ = 0;
    }
    if (!failure) {
        take_answer(piece, now);
    } else if (failure.code == errc::request_timed_out) {
        expire(call, now);
    } else {
        // Closed by this side, but not by the user: see drop_connections().
        if (failure.code == errc::connection_closed && !closed_ && piece.last)
            failure = std::move(piece.last);
        const bool passing = is_retriable(failure.code) || failure.code == errc::connection_closed;
        const bool safe = !sent || call.route.read_only;
        if (passing && safe && call.call.retry && !closed_ && call.own != Own::warming) {
            doubt(piece);
            retry_piece(piece, std::move(failure), now);
        } else {
            fail_piece(piece, std::move(failure), now);
        }
    }
    pump(now);
}

void ClusterCore::release_connection(ConnId id, Time now) {
    if (auto* conn = pool_.find(id); conn && conn->leases > 0) {
        --conn->leases;
        pool_.on_used(*conn, false, now);
    }
}

void ClusterCore::apply_hints(const std::vector<LeaderHint>& hints,
                              const std::vector<BrokerMetadata>& endpoints, Time now) {
    bool all = true;
    for (const auto& hint : hints)
        all &= metadata_.apply_hint(hint.topic, hint.id, hint.partition, hint.leader, hint.epoch,
                                    endpoints);
    if (!all) metadata_.stale(), pressed_ = true;
    pump(now);
}

void ClusterCore::stale(Time now) {
    metadata_.stale();
    pressed_ = true;
    pump(now);
}

void ClusterCore::hold_topic(std::string_view topic, Time now) {
    metadata_.hold(topic, now);
    pressed_ = true;
    pump(now);
}

void ClusterCore::release_topic(std::string_view topic, Time now) {
    metadata_.release(topic, now);
}

const BrokerPool::Conn* ClusterCore::connection(const BrokerPool::Key& key) {
    const auto* conn = pool_.find(key);
    return conn && conn->open ? conn : nullptr;
}

// Time.

Time ClusterCore::next_deadline() const noexcept {
    if (closed_) return never;
    auto next = std::min({earliest_, wake_, refresh_due(), pool_.idle_due()});
    // As look_up_coordinators() has it: what it leaves alone must not be waited for.
    if (!waiting_.empty() && !bootstrapping_) next = std::min(next, coordinators_.due());
    if (finding_seeds_ || !waiting_.empty()) {
        if (bootstrapping_ && !seeds_ready_ && !finding_seeds_) next = std::min(next, seeds_retry_);
    }
    if (refreshing_ && limits_.rebootstrap && !bootstrapping_)
        next = std::min(next, after(no_metadata_since_, limits_.rebootstrap_trigger));
    return next;
}

void ClusterCore::on_time(Time now) {
    if (closed_) return;
    if (earliest_ <= now) {
        std::vector<std::uint64_t> late;
        earliest_ = never;
        for (const auto& [serial, call] : calls_) {
            if (call->call.deadline <= now)
                late.push_back(serial);
            else
                earliest_ = std::min(earliest_, call->call.deadline);
        }
        for (const auto serial : late)
            if (const auto at = calls_.find(serial); at != calls_.end()) expire(*at->second, now);
    }
    if (wake_ <= now) dirty_ = true;
    if (pool_.idle_due() <= now) look_after_idle(now);
    if (refreshing_ && limits_.rebootstrap && !bootstrapping_ &&
        after(no_metadata_since_, limits_.rebootstrap_trigger) <= now)
        rebootstrap(
            "no metadata for " + std::to_string(limits_.rebootstrap_trigger.count()) + " ms", now);
    pump(now);
}

bool ClusterCore::take(Action& action) {
    if (actions_.empty()) return false;
    action = std::move(actions_.front());
    actions_.pop_front();
    return true;
}

}  // namespace kafka::core
