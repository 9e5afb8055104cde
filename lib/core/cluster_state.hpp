// SPDX-License-Identifier: Apache-2.0
// What ClusterCore keeps of a call that is under way. For its sources only.
#pragma once

#include "core/cluster_core.hpp"

namespace kafka::core {

/// A part of a request on its way: unrouted -> placed -> sent -> done. A failed one that may be
/// tried again is unrouted again.
struct ClusterCore::Piece {
    enum class State : std::uint8_t { unrouted, placed, sent };

    std::uint64_t id = 0;
    CallState* call = nullptr;
    Request request;
    State state = State::unrouted;
    bool any = false;          // placed: any broker will do
    std::int32_t broker = -1;  // placed: the one, or the one picked last
    ConnId conn = 0;           // sent
    std::int16_t version = -1;
    std::shared_ptr<void> response;

    Time born{};        // what was answered before is not fresh enough to refuse it
    Time not_before{};  // a pause
    // The broker that said it is not the leader, the epoch as which it was thought one, and what of
    // the metadata was looked at since for another one.
    std::int32_t refused_by = -1, leader_epoch = -1;
    std::uint64_t looked_at = 0;
    std::uint64_t round = 0;  // the refresh to wait for: what is known is known to be wrong
    unsigned tries = 0;
    unsigned unknown_tries = 0;
    Time unknown_seen{};  // the last answer that counted in unknown_tries
    bool waits_for_metadata = false;
    bool waits_for_coordinator = false;
    std::vector<std::int32_t> not_these;  // brokers that will not come about
    Failure last;                         // why it is not done yet
    std::shared_ptr<void> refused;        // a broker's answer that it is not the right one
    std::int16_t refused_code = 0;        // the same of all its items, which may be cut further
};

struct ClusterCore::CallState {
    Call call;
    std::uint64_t serial = 0;
    Own own = Own::none;
    Route route{};
    const Splitter* splitter = nullptr;
    bool apart = false;  // the request may be cut
    std::uint64_t round = 0;
    std::vector<std::unique_ptr<Piece>> pieces;
    bool spans = false;     // it was more than one piece
    bool answered = false;  // a piece has its result
    bool sent = false;
    std::shared_ptr<void> result;
    std::vector<Miss> misses;
    std::string peer, api;
    ConnId conn = 0;
    std::int16_t version = -1;      // of the last piece sent
    std::vector<std::string> keys;  // own: coordinators looked up
    CoordinatorCache::Type type{};
};

}  // namespace kafka::core
