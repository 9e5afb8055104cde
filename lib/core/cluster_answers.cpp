// SPDX-License-Identifier: Apache-2.0
// ClusterCore: what answers and lost connections mean for the pieces.
#include <algorithm>

#include "core/cluster_state.hpp"

namespace kafka::core {

// True: the hints say where to go, so that metadata need not be asked for.
bool ClusterCore::take_hints(const Splitter& splitter, const void* response) {
    std::vector<LeaderHint> hints;
    std::vector<BrokerMetadata> endpoints;
    splitter.hints(response, hints, endpoints);
    bool all = !hints.empty();
    for (const auto& hint : hints)
        all &= metadata_.apply_hint(hint.topic, hint.id, hint.partition, hint.leader, hint.epoch,
                                    endpoints);
    if (!hints.empty() && !all) metadata_.stale();
    return all;
}

void ClusterCore::take_answer(Piece& piece, Time now) {
    auto& call = *piece.call;
    auto response = std::move(piece.response);
    const auto* splitter = call.splitter;
    if (splitter && splitter->complete)
        splitter->complete(piece.request.get(), response.get(), piece.version);
    if (call.own != Own::none) return piece_done(piece, std::move(response), now);
    const bool hinted = splitter && splitter->hints && take_hints(*splitter, response.get());

    const auto to = call.route.to;
    const auto& info = *call.call.type->response;
    auto code = find_wrong_place(to, info, response.get());
    if (code == 0) return piece_done(piece, std::move(response), now);
    // Whoever asks next should not be sent there again.
    const auto error = static_cast<broker_errc>(code);
    if (to == Destination::leader) {
        if (!hinted) metadata_.stale();
    } else if (to == Destination::controller) {
        metadata_.doubt_controller();
        metadata_.stale();
    } else if (to != Destination::every && error != broker_errc::coordinator_load_in_progress) {
        coordinators_.forget_broker(piece.broker);
    }
    const bool believed =
        is_unknown_topic(code) && ++piece.unknown_tries >= limits_.unknown_topic_tries;
    if (!call.call.retry || call.call.broker || believed)
        return piece_done(piece, std::move(response), now);

    const Failure why(broker_error(code), "the broker's answer");
    if (call.apart) {
        std::int16_t first = 0;
        auto again = splitter->take_failed(to, piece.request.get(), response.get(), first);
        if (!again) return piece_done(piece, std::move(response), now);
        merge_result(call, std::move(response));
        piece.request = std::move(again);
        piece.refused_code = first;
    } else {
        piece.refused = std::move(response);
    }
    piece.refused_by = to == Destination::leader ? piece.broker : -1;
    if (to != Destination::every) piece.broker = -1;
    if (!hinted && (to == Destination::leader || to == Destination::controller))
        piece.round = rounds_begun_ + 1;
    const auto id = piece.id;
    retry_piece(piece, why, now);
    // Where it should go is known: no pause, unless brokers send it round and round.
    if (const auto at = waiting_.find(id); hinted && at != waiting_.end() && piece.tries <= 2) {
        piece.not_before = now;
        dirty_ = true;
    }
}

void ClusterCore::on_connect_failed(ConnId id, Failure failure, Time now) {
    auto* conn = pool_.find(id);
    if (!conn) return;  // it was given up
    const auto key = conn->key;
    failure.detail = (key.broker >= 0 ? "broker " + std::to_string(key.broker) + " at "
                                      : std::string("bootstrap address ")) +
                     to_string(conn->address) +
                     (failure.detail.empty() ? "" : ": " + failure.detail);
    pool_.on_connect_failed(*conn, failure, now);
    if (failure.code == broker_errc::rebootstrap_required && limits_.rebootstrap) {
        rebootstrap(failure.message(), now);
        return pump(now);
    }
    const bool fatal = !is_retriable(failure.code);
    std::vector<std::uint64_t> there;
    for (const auto& [piece, state] : waiting_)
        if (state->state == Piece::State::placed && state->broker == key.broker)
            there.push_back(piece);
    for (const auto piece_id : there) {
        const auto at = waiting_.find(piece_id);
        if (at == waiting_.end()) continue;  // it failed with another piece of its call
        auto& piece = *at->second;
        piece.last = failure;
        // Another broker of the same cluster would refuse the credentials just the same.
        if (fatal && (!piece.any || is_authentication_error(failure.code))) {
            fail_piece(piece, failure, now);
        } else if (piece.any) {
            if (fatal) piece.not_these.push_back(key.broker);
        } else if (!piece.call->call.broker && piece.call->call.kind == Kind::request &&
                   piece.call->own == Own::none) {
            // Somebody else may lead or coordinate by now.
            const auto to = piece.call->route.to;
            if (to == Destination::leader || to == Destination::controller)
                metadata_.stale();
            else
                coordinators_.forget_broker(key.broker);
            piece.state = Piece::State::unrouted;
        }
    }
    dirty_ = true;
    pump(now);
}

void ClusterCore::on_disconnected(ConnId id, Failure failure, Time now) {
    if (auto* conn = pool_.find(id)) {
        const auto broker = conn->key.broker;
        pool_.on_lost(*conn, failure, now);
        // Groups find their coordinator anew where a broker goes; leaders are asked for when
        // somebody needs one.
        if (broker >= 0 && is_retriable(failure.code)) coordinators_.forget_broker(broker);
    }
    dirty_ = true;
    pump(now);
}

}  // namespace kafka::core
