// SPDX-License-Identifier: Apache-2.0
// Connections: how they begin and end, and the bytes that rules send out piece by piece.
#include <algorithm>

#include "testing/broker_core.hpp"
#include "testing/exchange.hpp"
#include "testing/handlers.hpp"
#include "testing/parked_fetch.hpp"
#include "testing/sasl_server.hpp"

namespace kafka::testing {

using detail::ActionKind;

void BrokerCore::connected(ConnectionId id, std::int32_t broker_id, Now now) {
    auto& connection = connections_[id];
    connection.id = id;
    connection.broker = broker_id;
    if (sasl_) connection.sasl = std::make_unique<SaslState>();
    if (rules_.empty()) return;
    for (const auto& rule : rules_.for_connection(broker_id, id)) {
        for (const auto& action : rule->actions) {
            switch (action.kind) {
                case ActionKind::disconnect:
                    end(connection, action.ending);
                    break;
                case ActionKind::hang:
                    act(id, Action::Kind::stop_reading);
                    break;
                case ActionKind::raw: {
                    WireStep step;
                    step.bytes = Slice::copy_of(action.bytes);
                    enqueue(connection, {std::move(step)}, now);
                    break;
                }
                case ActionKind::delay:
                    connection.ends = now.time + action.time;
                    connection.ending = action.ending;
                    deadlines_.emplace(connection.ends, id);
                    break;
                case ActionKind::cut: {
                    Action limit;
                    limit.connection = id;
                    limit.kind = Action::Kind::limit_reads;
                    limit.count = static_cast<std::size_t>(action.first);
                    limit.ending = action.ending;
                    actions_.push_back(std::move(limit));
                    break;
                }
                default:
                    break;
            }
        }
    }
}

void BrokerCore::set_principal(ConnectionId id, std::string principal) {
    const auto at = connections_.find(id);
    if (at != connections_.end()) at->second.principal = std::move(principal);
}

void BrokerCore::enqueue(Connection& connection, std::vector<WireStep> steps, Now now) {
    for (auto& step : steps)
        connection.outbox.push_back(std::move(step));
    flush(connection, now);
}

void BrokerCore::flush(Connection& connection, Now now) {
    auto& steps = connection.outbox;
    while (!steps.empty() && !connection.closing) {
        auto& step = steps.front();
        if (!std::exchange(connection.step_begun, true)) {
            const auto wait = step.gather > 0 ? step.at_most : step.delay;
            connection.step_due =
                wait == std::chrono::milliseconds::max() ? never : now.time + wait;
            if (connection.step_due > now.time && connection.step_due != never) {
                deadlines_.emplace(connection.step_due, connection.id);
            }
        }
        std::size_t together = 0;
        while (together < steps.size() && steps[together].gather > 0)
            ++together;
        const bool gathered = step.gather > 0 && together >= step.gather;
        if (!gathered && now.time < connection.step_due) return;

        Action action;
        action.connection = connection.id;
        action.alone = step.alone || step.gather > 0;
        switch (step.kind) {
            case WireStep::Kind::send:
                for (std::size_t i = 0; i < std::max<std::size_t>(together, 1); ++i) {
                    action.frame.append(steps.front().bytes);
                    steps.pop_front();
                }
                if (action.frame.size() > 0) actions_.push_back(std::move(action));
                break;
            case WireStep::Kind::close:
            case WireStep::Kind::reset: {
                const auto kind = step.kind;
                steps.clear();
                end(connection, kind == WireStep::Kind::close ? Ending::close : Ending::reset);
                break;
            }
            case WireStep::Kind::half_close:
                // Nothing can follow; what comes is kept behind a pause without an end.
                steps.clear();
                steps.emplace_back().kind = WireStep::Kind::nothing;
                steps.back().delay = std::chrono::milliseconds::max();
                act(connection.id, Action::Kind::half_close);
                break;
            case WireStep::Kind::nothing:
                steps.pop_front();
                break;
        }
        connection.step_begun = false;
    }
}

bool BrokerCore::kill(std::int32_t broker_id, Ending ending) {
    auto* node = cluster_.node(broker_id);
    if (!node || !node->alive) return false;
    node->alive = false;
    node->paused = false;
    drop_connections(broker_id, ending);
    cluster_.take_leaders_from(broker_id);
    return true;
}

bool BrokerCore::restart(std::int32_t broker_id) {
    auto* node = cluster_.node(broker_id);
    if (!node || node->alive) return false;
    node->alive = true;
    sessions(broker_id) =
        FetchSessions(cluster_.options().fetch_sessions, cluster_.random().next());
    cluster_.give_leaders_to(broker_id);
    return true;
}

bool BrokerCore::pause(std::int32_t broker_id) {
    auto* node = cluster_.node(broker_id);
    if (!node || !node->alive) return false;
    node->paused = true;
    return true;
}

bool BrokerCore::resume(std::int32_t broker_id, Now now) {
    auto* node = cluster_.node(broker_id);
    if (!node || !node->paused) return false;
    node->paused = false;
    for (const auto id : connections_of(broker_id)) {
        cluster_.woken.push_back(id);
        ready_.push_back(id);
        act(id, Action::Kind::next);
    }
    run(now);
    return true;
}

void BrokerCore::drop_connections(std::int32_t broker_id, Ending ending) {
    for (const auto id : connections_of(broker_id))
        end(connections_.at(id), ending);
}

// Ascending, so that a run can be repeated.
std::set<ConnectionId> BrokerCore::connections_of(std::int32_t broker_id) const {
    std::set<ConnectionId> ids;
    for (const auto& [id, connection] : connections_) {
        if (broker_id == 0 || connection.broker == broker_id) ids.insert(id);
    }
    return ids;
}

}  // namespace kafka::testing
