// SPDX-License-Identifier: Apache-2.0
// A ClusterCore with time and a network that a test plays.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/registry.hpp>

#include "core/cluster_core.hpp"

namespace kafka::core::testing {

using namespace std::chrono_literals;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

inline Time at(milliseconds t) {
    return Time{} + 1h + t;
}

inline MetadataResponse::Partition partition(std::int32_t number, std::int32_t leader,
                                             std::int32_t epoch = 0) {
    MetadataResponse::Partition row;
    row.partition_index = number;
    row.leader_id = leader;
    row.leader_epoch = epoch;
    row.replica_nodes = row.isr_nodes = {leader};
    return row;
}
inline Uuid uuid(std::uint8_t n) {
    Uuid id;
    id.bytes[15] = n;
    return id;
}
inline MetadataResponse::Topic topic(std::string name, std::uint8_t id,
                                     std::vector<MetadataResponse::Partition> partitions) {
    MetadataResponse::Topic row;
    row.name = std::move(name);
    if (id > 0) row.topic_id = uuid(id);
    row.partitions = std::move(partitions);
    return row;
}
/// Brokers 1 to n at "bN:9092", broker 1 speaks for the controller.
inline MetadataResponse cluster(int n, std::vector<MetadataResponse::Topic> topics = {}) {
    MetadataResponse response;
    for (int id = 1; id <= n; ++id)
        response.brokers.push_back({.node_id = id, .host = "b" + std::to_string(id), .port = 9092});
    response.cluster_id = "c";
    response.controller_id = n > 0 ? 1 : -1;
    response.topics = std::move(topics);
    return response;
}

/// What every broker has: all of this library's versions, or those of an older one.
inline VersionTable all_versions(std::map<std::int16_t, std::int16_t> newest = {}) {
    protocol::ApiVersionsResponse response;
    for (const auto& api : protocol::apis()) {
        auto max = api.request->stable().max;
        if (const auto at = newest.find(api.request->api_key); at != newest.end()) max = at->second;
        response.api_keys.push_back({.api_key = api.request->api_key,
                                     .min_version = api.request->versions.min,
                                     .max_version = max});
    }
    return VersionTable(response);
}

struct Script {
    explicit Script(ClusterLimits limits = {}, std::vector<Address> bootstrap = {{"seed", 9092}})
        : core(std::move(limits), std::move(bootstrap)) {}

    Time now = at(0ms);
    ClusterCore core;
    std::deque<ClusterCore::Connect> connects;
    std::deque<ClusterCore::Send> sends;
    std::deque<ClusterCore::Done> done;
    std::deque<ClusterCore::Close> closes;
    std::vector<std::uint64_t> abandoned;
    std::vector<ClusterCore::Note> notes;
    int metadata_changes = 0;
    int seed_searches = 0;
    std::map<std::uint64_t, std::int32_t> broker_of;  // connections
    std::uint64_t next_id = 1;

    void drain() {
        ClusterCore::Action action;
        while (core.take(action)) {
            if (auto* connect = std::get_if<ClusterCore::Connect>(&action)) {
                broker_of[connect->conn] = connect->key.broker;
                connects.push_back(std::move(*connect));
            } else if (auto* send = std::get_if<ClusterCore::Send>(&action)) {
                sends.push_back(std::move(*send));
            } else if (auto* over = std::get_if<ClusterCore::Done>(&action)) {
                done.push_back(std::move(*over));
            } else if (auto* close = std::get_if<ClusterCore::Close>(&action)) {
                // What is on the wire fails with the connection.
                const auto conn = close->conn;
                closes.push_back(std::move(*close));
                std::erase_if(connects, [&](const auto& c) { return c.conn == conn; });
                std::vector<std::uint64_t> lost;
                for (const auto& one : sends)
                    if (one.conn == conn) lost.push_back(one.piece);
                std::erase_if(sends, [&](const auto& one) { return one.conn == conn; });
                for (const auto piece : lost)
                    core.on_answer(piece, {errc::connection_closed, ""}, true, now);
            } else if (auto* abandon = std::get_if<ClusterCore::Abandon>(&action)) {
                abandoned.push_back(abandon->piece);
                std::erase_if(sends, [&](const auto& s) { return s.piece == abandon->piece; });
            } else if (auto* note = std::get_if<ClusterCore::Note>(&action)) {
                notes.push_back(std::move(*note));
            } else if (std::holds_alternative<ClusterCore::MetadataChanged>(action)) {
                ++metadata_changes;
            } else {
                ++seed_searches;
            }
        }
    }
    /// To that time, stopping at every deadline on the way.
    void run_to(Time until) {
        for (int steps = 0;; ++steps) {
            REQUIRE(steps < 10'000);  // no hot loop
            drain();
            const auto next = core.next_deadline();
            if (next > until) break;
            now = std::max(now, next);
            core.on_time(now);
        }
        now = until;
        drain();
    }
    void run_for(milliseconds span) { run_to(now + span); }

    template <class R>
    std::uint64_t call(R request, milliseconds timeout = 30s, std::optional<int> broker = {},
                       bool retry = true) {
        ClusterCore::Call call;
        call.id = next_id++;
        call.type = &detail::call_type_of<R>;
        call.request = std::make_shared<R>(std::move(request));
        call.deadline = now + timeout;
        if (broker) call.broker = *broker;
        call.retry = retry;
        core.submit(std::move(call), now);
        drain();
        return next_id - 1;
    }
    std::uint64_t refresh(std::vector<std::string> topics, milliseconds timeout = 30s) {
        ClusterCore::Call call;
        call.id = next_id++;
        call.kind = ClusterCore::Kind::metadata;
        call.topics = std::move(topics);
        call.deadline = now + timeout;
        core.submit(std::move(call), now);
        drain();
        return next_id - 1;
    }

    // The network.
    ClusterCore::Connect next_connect() {
        REQUIRE(!connects.empty());
        auto first = std::move(connects.front());
        connects.pop_front();
        return first;
    }
    void open(const ClusterCore::Connect& connect, VersionTable versions = all_versions()) {
        core.on_connected(connect.conn, std::move(versions), to_string(connect.address), now);
        drain();
    }
    void refuse(const ClusterCore::Connect& connect,
                std::error_code why = std::make_error_code(std::errc::connection_refused)) {
        core.on_connect_failed(connect.conn, {why, ""}, now);
        drain();
    }
    /// Opens everything that is being opened.
    void open_all() {
        while (!connects.empty())
            open(next_connect());
    }
    /// The oldest request of that type which is on the wire.
    template <class R>
    ClusterCore::Send next_send() {
        const auto found = std::find_if(sends.begin(), sends.end(), [](const auto& send) {
            return send.type->request == &R::info;
        });
        REQUIRE(found != sends.end());
        auto send = std::move(*found);
        sends.erase(found);
        return send;
    }
    /// The same, to that broker.
    template <class R>
    ClusterCore::Send next_send_to(std::int32_t id) {
        const auto found = std::find_if(sends.begin(), sends.end(), [&](const auto& send) {
            return send.type->request == &R::info && broker(send) == id;
        });
        REQUIRE(found != sends.end());
        auto send = std::move(*found);
        sends.erase(found);
        return send;
    }
    template <class R>
    std::size_t count() const {
        return static_cast<std::size_t>(
            std::count_if(sends.begin(), sends.end(),
                          [](const auto& send) { return send.type->request == &R::info; }));
    }
    template <class R>
    static const R& request(const ClusterCore::Send& send) {
        REQUIRE(send.type->request == &R::info);
        return *static_cast<const R*>(send.request.get());
    }
    template <class Response>
    void answer(const ClusterCore::Send& send, Response response) {
        REQUIRE(send.type->response == &Response::info);
        *static_cast<Response*>(send.response.get()) = std::move(response);
        core.on_answer(send.piece, {}, true, now);
        drain();
    }
    void fail(const ClusterCore::Send& send, std::error_code why, bool sent = true) {
        core.on_answer(send.piece, {why, ""}, sent, now);
        drain();
    }
    void lose(std::uint64_t conn) {
        core.on_disconnected(conn, {errc::connection_lost, ""}, now);
        drain();
    }
    std::int32_t broker(const ClusterCore::Send& send) { return broker_of.at(send.conn); }

    /// Answers the metadata requests on the wire with what they ask for of `response`.
    void serve_metadata(const MetadataResponse& response) {
        open_all();
        while (count<MetadataRequest>() > 0) {
            const auto send = next_send<MetadataRequest>();
            const auto& asked = request<MetadataRequest>(send);
            auto own = response;
            std::erase_if(own.topics, [&](const auto& row) {
                return std::none_of(asked.topics->begin(), asked.topics->end(), [&](const auto& t) {
                    return t.name == row.name || (!t.name && t.topic_id == row.topic_id);
                });
            });
            answer(send, std::move(own));
            open_all();
        }
    }
    ClusterCore::Done next_done() {
        REQUIRE(!done.empty());
        auto first = std::move(done.front());
        done.pop_front();
        return first;
    }
    template <class Response>
    static const Response& response(const ClusterCore::Done& over) {
        REQUIRE(over.response);
        return *static_cast<const Response*>(over.response.get());
    }
};

}  // namespace kafka::core::testing
