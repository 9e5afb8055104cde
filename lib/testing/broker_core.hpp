// SPDX-License-Identifier: Apache-2.0
// The brokers without I/O: requests and time in; answers, connections to close and a deadline out.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/protocol/gather.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/slice.hpp>

#include "testing/cluster.hpp"
#include "testing/fetch_session.hpp"
#include "testing/now.hpp"

namespace kafka::testing {

struct ParkedFetch;

/// Something for the shell to do with a connection.
struct Action {
    ConnectionId connection = 0;
    bool close = false;      // else send:
    protocol::Gather frame;  // its length included
};

/// A client's connection to one of the brokers.
struct Connection {
    ConnectionId id = 0;
    std::int32_t broker = 0;
    bool closing = false;
    std::deque<Slice> requests;  // not looked at yet
    std::unique_ptr<ParkedFetch> parked;

    Connection();
    ~Connection();
};

class BrokerCore {
public:
    explicit BrokerCore(const BrokerOptions& options);
    BrokerCore(const BrokerCore&) = delete;
    BrokerCore& operator=(const BrokerCore&) = delete;
    ~BrokerCore();

    [[nodiscard]] Cluster& cluster() noexcept { return cluster_; }

    // The shell's side.

    /// A client connected to that broker. Ids are not used again.
    void connected(ConnectionId id, std::int32_t broker_id);
    /// The client is gone; after an action that closes, the shell calls this as well.
    void disconnected(ConnectionId id);
    /// A request came, without its length.
    void receive(ConnectionId id, Slice frame, Now now);
    /// A request waits, and with it all that come behind: Kafka handles one at a time on a
    /// connection. The shell then reads no more from it.
    [[nodiscard]] bool busy(ConnectionId id) const;
    /// What there is to do, in order.
    [[nodiscard]] std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
    /// When to call on_time() at the latest.
    [[nodiscard]] Time next_deadline() const;
    /// Answers what has waited long enough. Also to be called after a change from outside.
    void on_time(Now now);

    // The handlers' side.

    [[nodiscard]] FetchSessions& sessions(std::int32_t broker_id) {
        return sessions_[static_cast<std::size_t>(broker_id - 1)];
    }
    void answer(Connection& connection, std::int32_t correlation_id,
                const protocol::MessageInfo& info, const void* response, int version);
    void close(Connection& connection, std::string_view why, std::string detail = {});
    void park(Connection& connection, std::unique_ptr<ParkedFetch> fetch);

private:
    void run(Now now);
    void handle(Connection& connection, Slice frame, Now now);
    void unpark(Connection& connection, Now now);
    void forget_parked(Connection& connection);

    Cluster cluster_;
    std::vector<FetchSessions> sessions_;  // one a broker
    std::unordered_map<ConnectionId, Connection> connections_;
    std::vector<ConnectionId> ready_;  // have requests and are not busy
    std::set<std::pair<Time, ConnectionId>> deadlines_;
    std::vector<Action> actions_;
};

}  // namespace kafka::testing
