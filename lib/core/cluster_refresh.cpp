// SPDX-License-Identifier: Apache-2.0
// ClusterCore: its own requests. Metadata, coordinators, bootstrap and its repetition, idle
// connections.
#include <algorithm>
#include <utility>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/metadata.hpp>

#include "core/cluster_state.hpp"

namespace kafka::core {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

// Metadata.

// After a failure only while somebody waits for it: no attempts for nobody.
Time ClusterCore::refresh_due() const noexcept {
    if (refreshing_ || (metadata_failure_ && waiting_.empty() && !pressed_)) return never;
    return metadata_.due();
}

void ClusterCore::refresh(Time now) {
    if (refresh_due() > now) return;
    pressed_ = false;
    ++counters_.refreshes;
    ++rounds_begun_;
    if (no_metadata_since_ == never) no_metadata_since_ = now;
    Call call;
    call.type = &detail::call_type_of<MetadataRequest>;
    call.request = std::make_shared<MetadataRequest>(metadata_.ask(now));
    call.deadline = after(now, limits_.request_timeout);
    refreshing_ = &begin(std::move(call), Own::metadata, now);
    advance(*refreshing_->pieces.front(), now);
}

void ClusterCore::own_done(CallState& call, const Failure& failure, Time now) {
    switch (call.own) {
        case Own::metadata:
            return metadata_done(call, failure, now);
        case Own::coordinators:
            return coordinators_done(call, failure, now);
        case Own::warming:
            if (auto* conn = pool_.find(call.call.key)) {
                conn->warming = false;
                pool_.on_used(*conn, false, now);
            }
            return;
        case Own::none:
            return;
    }
}

void ClusterCore::metadata_done(CallState& call, const Failure& failure, Time now) {
    refreshing_ = nullptr;
    if (closed_) return;
    dirty_ = true;
    if (!failure) own_timeouts_ = 0;
    if (failure) {
        metadata_.failed(now, random_.fraction());
        return metadata_failed(failure, now);
    }
    auto outcome = metadata_.update(*static_cast<const MetadataRequest*>(call.call.request.get()),
                                    std::move(*static_cast<MetadataResponse*>(call.result.get())),
                                    call.version, now, random_.fraction());
    for (const auto& odd : outcome.odd)
        if (last_odd_ != odd) {
            last_odd_ = odd;
            note(LogLevel::warning, "left out a part of the metadata", odd);
        }
    if (outcome.failure) {
        const auto code = outcome.failure.code;
        const bool elsewhere = outcome.other_cluster || code == broker_errc::rebootstrap_required;
        metadata_failure_ = outcome.failure;
        if (elsewhere && limits_.rebootstrap) return rebootstrap(outcome.failure.message(), now);
        // Another broker, or this one later, may do better: nobody is failed for it.
        for (const auto& [id, piece] : waiting_)
            if (piece->waits_for_metadata) piece->last = outcome.failure;
        return;
    }
    if (outcome.other_cluster) note(LogLevel::warning, "the cluster is another one");
    metadata_failure_ = {};
    no_metadata_since_ = never;
    rounds_done_ = rounds_begun_;
    if (!std::exchange(bootstrapping_, false)) return;
    sync_brokers(now);  // a bootstrap connection may be a broker's
    std::vector<ConnId> seeds;
    for (const auto id : pool_.all())
        if (const auto* conn = pool_.find(id); conn->key.broker < 0) seeds.push_back(id);
    drop_connections(seeds, {errc::connection_closed, "the cluster's brokers are known"});
}

void ClusterCore::metadata_failed(const Failure& failure, Time now) {
    metadata_failure_ = failure;
    const bool fatal = !is_retriable(failure.code);
    std::vector<std::uint64_t> there;
    for (const auto& [id, piece] : waiting_)
        if (piece->waits_for_metadata) there.push_back(id);
    for (const auto id : there)
        if (const auto at = waiting_.find(id); at != waiting_.end()) {
            at->second->last = failure;
            if (fatal) fail_piece(*at->second, failure, now);
        }
}

// The pool's brokers are the metadata's; whoever cares is told of the change.
void ClusterCore::sync_brokers(Time) {
    if (synced_ == metadata_.version()) return;
    synced_ = metadata_.version();
    dirty_ = true;
    drop_connections(pool_.set_brokers(metadata_.brokers()),
                     {errc::connection_closed, "the broker has another address, or is gone"});
    push(MetadataChanged{});
}

// Coordinators.

void ClusterCore::look_up_coordinators(Time now) {
    if (bootstrapping_ || waiting_.empty() || coordinators_.due() > now) return;
    using Type = CoordinatorCache::Type;
    for (const auto type : {Type::group, Type::transaction, Type::share}) {
        auto keys = coordinators_.take_wanted(type, now);
        if (keys.empty()) continue;
        auto request = std::make_shared<FindCoordinatorRequest>();
        request->key_type = static_cast<std::int8_t>(type);
        request->coordinator_keys = keys;
        Call call;
        call.type = &detail::call_type_of<FindCoordinatorRequest>;
        call.request = std::move(request);
        call.deadline = after(now, limits_.request_timeout);
        auto& state = begin(std::move(call), Own::coordinators, now);
        state.keys = std::move(keys);
        state.type = type;
        advance(*state.pieces.front(), now);
    }
}

void ClusterCore::coordinators_done(CallState& call, const Failure& failure, Time now) {
    if (closed_) return;
    dirty_ = true;
    if (!failure) {
        own_timeouts_ = 0;
        const auto& answer = *static_cast<const FindCoordinatorResponse*>(call.result.get());
        return coordinators_.update(call.type, call.keys, answer, metadata_, now,
                                    random_.fraction());
    }
    coordinators_.failed(call.type, call.keys, now, random_.fraction());
    const bool fatal = !is_retriable(failure.code);
    std::vector<std::uint64_t> there;
    for (const auto& [id, piece] : waiting_)
        if (piece->waits_for_coordinator &&
            CoordinatorCache::type_of(piece->call->route.to) == call.type)
            there.push_back(id);
    for (const auto id : there)
        if (const auto at = waiting_.find(id); at != waiting_.end()) {
            at->second->last = failure;
            if (fatal) fail_piece(*at->second, failure, now);
        }
}

// Bootstrap.

void ClusterCore::find_seeds(Time now) {
    if (!bootstrapping_ || seeds_ready_ || finding_seeds_ || waiting_.empty()) return;
    if (!limits_.canonical_seeds) {
        seeds_ready_ = dirty_ = true;
        return pool_.set_seeds(names_);
    }
    if (now < seeds_retry_) return;
    finding_seeds_ = true;
    push(FindSeeds{names_});
}

void ClusterCore::on_seeds(std::vector<Address> found, Failure failure, Time now) {
    finding_seeds_ = false;
    if (closed_) return;
    if (found.empty()) {
        seeds_retry_ = now + limits_.retry.delay(++seeds_failures_, random_.fraction());
        for (const auto& [id, piece] : waiting_)
            piece->last = failure;
        metadata_failure_ = std::move(failure);
    } else {
        seeds_failures_ = 0;
        seeds_ready_ = true;
        pool_.set_seeds(std::move(found));
    }
    dirty_ = true;
    pump(now);
}

// KIP-899, KIP-1102: as at the start, but for the pauses that brokers have earned.
void ClusterCore::rebootstrap(const std::string& why, Time now) {
    ++counters_.rebootstraps;
    next_restart_ = now + limits_.retry.delay(++restarts_, random_.fraction());
    note(LogLevel::warning, "starting again from the bootstrap addresses", why);
    bootstrapping_ = true;
    seeds_ready_ = false;
    no_metadata_since_ = now;
    coordinators_.clear();
    std::vector<ConnId> brokers;
    for (const auto id : pool_.all())
        if (const auto* conn = pool_.find(id); conn->key.broker >= 0) brokers.push_back(id);
    drop_connections(brokers, {errc::connection_closed, "starting again: " + why});
    metadata_.forget_brokers();
    for (const auto& [id, piece] : waiting_) {
        piece->not_these.clear();
        if (piece->call->own == Own::none && !piece->call->call.broker)
            piece->state = Piece::State::unrouted;
    }
    dirty_ = true;
}

// Connections.

void ClusterCore::drop_connections(const std::vector<ConnId>& conns, const Failure& why) {
    for (const auto id : conns) {
        // What is on the wire was not ended by the user, who may think so otherwise.
        for (const auto& [number, piece] : sent_)
            if (piece->conn == id) piece->last = {errc::connection_lost, why.detail};
        pool_.erase(id);
        push(Close{id, why});
        dirty_ = true;
    }
}

void ClusterCore::look_after_idle(Time now) {
    std::vector<ConnId> unused;
    for (const auto id : pool_.take_idle(now)) {
        auto& conn = *pool_.find(id);
        if (!limits_.keep_warm || conn.key.broker < 0) {
            unused.push_back(id);
            continue;
        }
        conn.warming = true;
        Call call;
        call.type = &detail::call_type_of<protocol::ApiVersionsRequest>;
        call.request = std::make_shared<protocol::ApiVersionsRequest>();
        call.key = conn.key;
        call.deadline = after(now, limits_.request_timeout);
        advance(*begin(std::move(call), Own::warming, now).pieces.front(), now);
    }
    drop_connections(unused, {errc::connection_closed, "nobody used it"});
}

}  // namespace kafka::core
