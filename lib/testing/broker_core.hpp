// SPDX-License-Identifier: Apache-2.0
// The brokers without I/O: requests and time in; answers, connections to close and a deadline out.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/protocol/gather.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/slice.hpp>
#include <kafka/testing/history.hpp>
#include <kafka/testing/rule.hpp>

#include "testing/cluster.hpp"
#include "testing/fetch_session.hpp"
#include "testing/now.hpp"
#include "testing/rules.hpp"
#include "testing/wire_plan.hpp"

namespace kafka::testing {

struct Exchange;
struct ParkedFetch;
class SaslServer;
struct SaslState;
struct ServedApi;

/// Something for the shell to do with a connection.
struct Action {
    enum class Kind : std::uint8_t {
        send,
        close,         // when what was sent before is out
        reset,         // the same, with RST
        half_close,    // the same, with FIN; reads on
        stop_reading,  // takes nothing from the socket
        read_on,       // does again
        limit_reads,   // ends the connection when `count` more bytes were read
        next,          // takes requests again that it was busy for
    };
    ConnectionId connection = 0;
    Kind kind = Kind::send;
    protocol::Gather frame = {};  // its length included
    bool alone = false;           // in a write of its own
    std::size_t count = 0;
    Ending ending = Ending::close;
};

/// A client's connection to one of the brokers.
struct Connection {
    ConnectionId id = 0;
    std::int32_t broker = 0;
    bool closing = false;
    std::deque<Slice> requests;  // not looked at yet
    std::size_t behind = 0;      // requests that the shell still has
    std::unique_ptr<ParkedFetch> parked;
    std::unique_ptr<Exchange> exchange;
    std::string principal = "User:ANONYMOUS";
    std::unique_ptr<SaslState> sasl;  // null if nobody has to log in

    // Answers whose bytes rules have changed; the first one's time is kept beside.
    std::deque<WireStep> outbox;
    bool step_begun = false;
    Time step_due = never;

    Time reads_again = never;
    Time ends = never;
    Ending ending = Ending::close;

    Connection();
    ~Connection();
    /// A request is being handled, and others wait for it.
    [[nodiscard]] bool occupied() const noexcept { return parked || exchange; }
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
    void connected(ConnectionId id, std::int32_t broker_id, Now now = {});
    /// Who the client is, if its transport knows.
    void set_principal(ConnectionId id, std::string principal);
    /// The client is gone; after an action that closes, the shell calls this as well.
    void disconnected(ConnectionId id);
    /// A request came, without its length; so many others have arrived behind it.
    void receive(ConnectionId id, Slice frame, Now now, std::size_t behind = 0);
    /// A request waits, and with it all that come behind: Kafka handles one at a time on a
    /// connection. The shell then reads no more from it.
    [[nodiscard]] bool busy(ConnectionId id) const;
    /// What there is to do, in order.
    [[nodiscard]] std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
    /// When to call on_time() at the latest.
    [[nodiscard]] Time next_deadline() const;
    /// Answers what has waited long enough. Also to be called after a change from outside.
    void on_time(Now now);

    // The test's side.

    /// `on_release` is called when a barrier in the rule lets somebody go: to call on_time().
    [[nodiscard]] Result<RuleId> add_rule(const Rule& rule,
                                          const std::function<void()>& on_release = {});
    bool remove_rule(RuleId id);
    void clear_rules();
    [[nodiscard]] std::uint64_t hits(RuleId id) const noexcept { return rules_.hits(id); }

    /// Tells clients of these versions only, and serves no others; cut to what there is.
    /// False if nothing is left, or if the API is not served.
    [[nodiscard]] bool limit_versions(std::int16_t api_key, protocol::VersionRange versions);
    [[nodiscard]] std::span<const ServedApi> apis() const noexcept;

    void record(bool on);
    [[nodiscard]] const std::deque<RecordedCall>& history() const noexcept { return history_; }
    void clear_history() { history_.clear(); }
    [[nodiscard]] std::uint64_t count(std::int16_t api_key) const noexcept;
    [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }

    /// The broker's connections end, and others lead its partitions where there is a copy.
    /// False if there is no such broker or it is down already.
    [[nodiscard]] bool kill(std::int32_t broker_id, Ending ending);
    /// It is there again, and knows what it knew, but for fetch sessions.
    [[nodiscard]] bool restart(std::int32_t broker_id);
    /// It takes connections and does nothing, as a process that was stopped.
    [[nodiscard]] bool pause(std::int32_t broker_id);
    [[nodiscard]] bool resume(std::int32_t broker_id, Now now);
    /// Ends all connections to the broker; to all of them with 0.
    void drop_connections(std::int32_t broker_id, Ending ending);
    /// For PLAIN and SCRAM, from the next login on; an empty password removes the user.
    void set_password(const std::string& user, const std::string& password);

    // The handlers' side.

    [[nodiscard]] FetchSessions& sessions(std::int32_t broker_id) {
        return sessions_[static_cast<std::size_t>(broker_id - 1)];
    }
    void answer(Connection& connection, std::int32_t correlation_id,
                const protocol::MessageInfo& info, void* response, int version, Now now);
    void close(Connection& connection, std::string_view why, std::string detail = {});
    /// Closes the connection behind the answer that was given.
    void close_after_answer(Connection& connection);
    [[nodiscard]] SaslServer* sasl() noexcept { return sasl_.get(); }
    void park(Connection& connection, std::unique_ptr<ParkedFetch> fetch);
    /// What a rule says of a partition that is being fetched, or nothing.
    [[nodiscard]] std::optional<broker_errc> forced_error(const Connection& connection,
                                                          std::string_view topic,
                                                          std::int32_t partition) const;

private:
    void run(Now now);
    void handle(Connection& connection, Slice frame, Now now);
    void wake(Connection& connection, Now now);
    void unpark(Connection& connection, Now now);
    void forget_parked(Connection& connection);
    void forget_deadline(Time time, ConnectionId id);
    void log(const Connection& connection, std::string_view what, std::string detail);

    [[nodiscard]] bool admit(Connection& connection, std::int16_t key, std::int32_t correlation_id,
                             int version, Now now);
    [[nodiscard]] bool takes_token(Connection& connection, const Slice& frame, Now now);

    // Under rules.
    void watch(Connection& connection, const ServedApi& api, protocol::RequestHeader header,
               const Slice& body, Now now);
    void proceed(Connection& connection, Now now);
    [[nodiscard]] bool pass(Connection& connection, Stage stage, Now now);
    [[nodiscard]] bool serve(Connection& connection, Now now);
    [[nodiscard]] bool refuse(Connection& connection, Now now);
    [[nodiscard]] Failure edit(Connection& connection, protocol::AnyMessage& owned, void* response);
    void answer_watched(Connection& connection, const protocol::MessageInfo& info, void* response,
                        Now now);
    void finish(Connection& connection, Now now);
    void add_session(Connection& connection, Exchange& exchange);
    void begin_record(const Connection& connection, const Exchange& exchange, const Slice& body,
                      Now now);
    [[nodiscard]] RecordedCall* recorded(const Exchange& exchange);

    // Bytes.
    [[nodiscard]] Failure encode(const protocol::MessageInfo& info, const void* response,
                                 int version, std::int32_t correlation_id, protocol::Gather& out);
    void enqueue(Connection& connection, std::vector<WireStep> steps, Now now);
    void flush(Connection& connection, Now now);
    void end(Connection& connection, Ending ending);
    void act(ConnectionId id, Action::Kind kind);
    [[nodiscard]] std::set<ConnectionId> connections_of(std::int32_t broker_id) const;

    [[nodiscard]] bool paused(const Connection& connection) const noexcept;

    Cluster cluster_;
    std::vector<ServedApi> apis_;
    std::vector<std::uint64_t> counts_;    // of requests, one an API
    std::vector<FetchSessions> sessions_;  // one a broker
    std::unordered_map<ConnectionId, Connection> connections_;
    std::vector<ConnectionId> ready_;  // have requests and are not busy
    std::multiset<std::pair<Time, ConnectionId>> deadlines_;
    std::vector<Action> actions_;

    std::unique_ptr<SaslServer> sasl_;
    bool watching_ = false;  // for rules or for the history
    bool recording_ = false;
    Rules rules_;
    std::set<ConnectionId> at_barriers_;
    std::deque<RecordedCall> history_;
    std::uint64_t last_number_ = 0;
    Time began_ = never;
};

}  // namespace kafka::testing
