// SPDX-License-Identifier: Apache-2.0
// The client's side of a cluster in the simulation: ClusterCore, with a SimConn for each of its
// connections.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster_core.hpp"
#include "testing/sim_client.hpp"

namespace kafka::testing {

/// Does the actions of a ClusterCore, as io::Cluster does them with sockets.
class SimCluster final : public SimulatedClient {
public:
    using core_type = core::ClusterCore;

    /// Begins with those of broker 1.
    explicit SimCluster(Simulation& simulation, core::ClusterLimits limits = {})
        : simulation_(simulation),
          core_(std::move(limits), {core::Address{simulation.host(1), simulation.port(1)},
                                    core::Address{simulation.host(2), simulation.port(2)}}) {}
    ~SimCluster() override { simulation_.forget(*this); }

    [[nodiscard]] core::ClusterCore& core() noexcept { return core_; }
    /// Connections made so far, whether or not they came about.
    [[nodiscard]] std::size_t attempts() const noexcept { return attempts_; }
    [[nodiscard]] std::size_t connections() const noexcept { return conns_.size(); }

    /// `done` is called exactly once, while this lives.
    template <class R>
    std::uint64_t call(R request, std::chrono::milliseconds timeout,
                       std::function<void(const Failure&, typename R::response_type&)> done) {
        core_type::Call call;
        const auto id = call.id = ++last_call_;
        call.deadline = simulation_.now() + timeout;
        call.type = &::kafka::detail::call_type_of<R>;
        call.request = std::make_shared<R>(std::move(request));
        waiting_[id] = [done = std::move(done)](core_type::Done& over) {
            typename R::response_type none;
            auto* response = static_cast<typename R::response_type*>(over.response.get());
            done(over.failure, response ? *response : none);
        };
        core_.submit(std::move(call), simulation_.now());
        schedule();
        return id;
    }
    void cancel(std::uint64_t id) {
        core_.cancel(id, false, simulation_.now());
        schedule();
    }
    void close() {
        core_.close({errc::connection_closed, "the test is over"}, simulation_.now());
        schedule();
    }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

    void on_connected(StreamId, const std::error_code&) override {}
    void on_bytes(StreamId, std::span<const std::uint8_t>) override {}
    void on_closed(StreamId, const std::error_code&) override {}
    void on_time() override {
        core_.on_time(simulation_.now());
        schedule();
    }

private:
    struct Answer {
        std::uint64_t piece;
        core_type::ConnId conn;
        Failure failure;
        bool sent;
    };
    struct Part {
        core_type::ConnId conn;
        std::uint64_t id;
    };

    // Never from inside of a connection's or of the core's own calls.
    void schedule() {
        if (std::exchange(scheduled_, true)) return;
        simulation_.after(std::chrono::milliseconds(0), [this, alive = std::weak_ptr<int>(alive_)] {
            if (!alive.expired()) run();
        });
    }
    void run() {
        scheduled_ = false;
        core_type::Action action;
        for (bool more = true; more;) {
            const auto ends = std::exchange(ends_, {});
            for (const auto& [conn, failure] : ends) {
                if (conns_.erase(conn) == 0) continue;
                core_.on_disconnected(conn, failure, simulation_.now());
            }
            const auto answers = std::exchange(answers_, {});
            for (const auto& answer : answers)
                core_.on_answer(answer.piece, answer.failure, answer.sent, simulation_.now());
            more = !ends.empty() || !answers.empty();
            while (core_.take(action)) {
                act(action);
                more = true;
            }
        }
        simulation_.wake_at(*this, core_.next_deadline());
    }
    void act(core_type::Action& action) {
        if (const auto* wanted = std::get_if<core_type::Connect>(&action)) {
            connect(*wanted);
        } else if (auto* request = std::get_if<core_type::Send>(&action)) {
            send(*request);
        } else if (auto* over = std::get_if<core_type::Done>(&action)) {
            const auto at = waiting_.find(over->id);
            REQUIRE(at != waiting_.end());
            const auto done = std::move(at->second);
            waiting_.erase(at);
            done(*over);
        } else if (const auto* unwanted = std::get_if<core_type::Close>(&action)) {
            if (conns_.erase(unwanted->conn) == 0) return;
            for (const auto& [piece, part] : parts_)
                if (part.conn == unwanted->conn)
                    answers_.push_back({piece, part.conn, {errc::connection_closed, ""}, true});
            std::erase_if(parts_,
                          [&](const auto& row) { return row.second.conn == unwanted->conn; });
        } else if (const auto* abandoned = std::get_if<core_type::Abandon>(&action)) {
            const auto part = parts_.find(abandoned->piece);
            if (part == parts_.end()) return;
            const auto [conn, id] = part->second;
            parts_.erase(part);
            if (const auto at = conns_.find(conn); at != conns_.end()) at->second->cancel(id);
        }
    }
    void connect(const core_type::Connect& wanted) {
        ++attempts_;
        const auto id = wanted.conn;
        std::optional<std::pair<std::string, std::int32_t>> expected;
        if (wanted.cluster_id) expected.emplace(*wanted.cluster_id, wanted.key.broker);
        auto conn = std::make_unique<SimConn>(
            simulation_, wanted.address.host, wanted.address.port,
            [this, id](const Failure& failure) { opened(id, failure); }, expected);
        conn->on_end([this, id](const Failure& failure) {
            ends_.emplace_back(id, failure);
            schedule();
        });
        conns_[id] = std::move(conn);
        simulation_.after(wanted.timeout, [this, id, alive = std::weak_ptr<int>(alive_)] {
            if (alive.expired()) return;
            const auto at = conns_.find(id);
            if (at == conns_.end() || at->second->usable()) return;
            opened(id, {errc::connect_timed_out, "in the simulation"});
        });
    }
    void opened(core_type::ConnId id, const Failure& failure) {
        if (conns_.count(id) == 0 || !connecting_done_.insert(id).second) return;
        // Not from inside: the core may want it closed.
        simulation_.after(
            std::chrono::milliseconds(0), [this, id, failure, alive = std::weak_ptr<int>(alive_)] {
                if (alive.expired()) return;
                const auto at = conns_.find(id);
                if (at == conns_.end()) return;
                if (failure) {
                    conns_.erase(at);
                    core_.on_connect_failed(id, failure, simulation_.now());
                } else {
                    core_.on_connected(id, at->second->versions(), "sim", simulation_.now());
                }
                schedule();
            });
    }
    void send(core_type::Send& request) {
        const auto piece = request.piece;
        const auto conn = request.conn;
        const auto at = conns_.find(conn);
        if (at == conns_.end()) {
            answers_.push_back({piece, conn, {errc::connection_lost, "before it was sent"}, false});
            return;
        }
        const auto* type = request.type;
        const auto version = request.version;
        auto done = [this, piece, conn, type, version,
                     response = request.response](const core::Completion& completion) {
            parts_.erase(piece);
            auto failure = completion.failure;
            if (!failure)
                failure = protocol::decode_all(*type->response, response.get(), version,
                                               completion.body, {});
            answers_.push_back({piece, conn, std::move(failure), completion.sent});
            schedule();
        };
        parts_[piece] = {conn, 0};
        const auto id = at->second->submit(*type->request, request.request.get(), version,
                                           request.timeout, std::move(done));
        if (const auto part = parts_.find(piece); part != parts_.end()) part->second.id = id;
    }

    Simulation& simulation_;
    core::ClusterCore core_;
    std::map<core_type::ConnId, std::unique_ptr<SimConn>> conns_;
    std::set<core_type::ConnId> connecting_done_;
    std::map<std::uint64_t, Part> parts_;
    std::vector<Answer> answers_;
    std::vector<std::pair<core_type::ConnId, Failure>> ends_;
    std::map<std::uint64_t, std::function<void(core_type::Done&)>> waiting_;
    std::uint64_t last_call_ = 0;
    std::size_t attempts_ = 0;
    bool scheduled_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace kafka::testing
