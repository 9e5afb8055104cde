// SPDX-License-Identifier: Apache-2.0
// ClusterCore: requests to a cluster, without sockets and without a clock. It finds out where each
// goes, opens what connections that takes, cuts requests that span brokers, tries again where that
// is safe, and keeps metadata. Fed with requests, events and time; drained of actions and a
// deadline.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <kafka/client_call.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/log.hpp>
#include <kafka/result.hpp>

#include "core/broker_pool.hpp"
#include "core/coordinator_cache.hpp"
#include "core/metadata.hpp"
#include "core/routing.hpp"
#include "core/split.hpp"
#include "core/time.hpp"

namespace kafka::core {

struct ClusterLimits {
    BrokerPool::Limits pool{};
    Metadata::Limits metadata{};
    Backoff retry{};
    milliseconds request_timeout{30'000};  ///< of the core's own requests
    unsigned unknown_topic_tries = 4;
    bool rebootstrap = true;
    milliseconds rebootstrap_trigger{300'000};
    bool cluster_check = true;
    bool keep_warm = false;
    /// Bootstrap names stand for hosts that the driver must find first.
    bool canonical_seeds = false;
    std::size_t max_calls = 100'000;
    std::uint64_t seed = 1;
};

/// Not thread-safe.
class ClusterCore {
public:
    using Ticket = std::unique_ptr<void, void (*)(void*)>;
    using ConnId = std::uint64_t;

    enum class Kind : std::uint8_t {
        request,     ///< a request of any API
        connection,  ///< an open connection, to be used directly; held until release_connection()
        metadata,    ///< the topics' metadata, fresh
    };
    struct Call {
        std::uint64_t id = 0;  ///< the caller's; not 0
        Kind kind = Kind::request;
        Time deadline = never;
        // request
        const detail::CallType* type = nullptr;
        Request request{};
        std::optional<std::int32_t> broker{};  ///< instead of where the API goes
        std::optional<std::int16_t> version{};
        protocol::VersionRange allowed{0, std::numeric_limits<std::int16_t>::max()};
        bool unstable = false;
        bool retry = true;
        // connection
        BrokerPool::Key key{};
        // metadata
        std::vector<std::string> topics{};
        Ticket ticket{nullptr, [](void*) {}};
    };
    struct Miss {
        std::int32_t broker;
        Failure failure;
    };
    struct Done {
        std::uint64_t id = 0;
        Kind kind = Kind::request;
        Failure failure{};
        std::string peer{};  ///< of the last broker that had to do with it
        std::string api{};   ///< "Fetch v12"; empty if no version was chosen
        bool sent = false;   ///< a part of it may have reached a broker
        std::shared_ptr<void> response{};
        ConnId conn = 0;  ///< of a connection
        std::vector<Miss> misses{};
        Ticket ticket{nullptr, [](void*) {}};
    };

    // Actions.
    struct Connect {
        ConnId conn;
        BrokerPool::Key key;
        Address address;
        milliseconds timeout;
        std::optional<std::string> cluster_id;  ///< to check (KIP-1242); the node is key.broker
    };
    struct Close {
        ConnId conn;
        Failure why;
    };
    struct Send {
        std::uint64_t piece;
        ConnId conn;
        const detail::CallType* type;
        Request request;
        std::shared_ptr<void> response;  ///< to decode into
        std::int16_t version;
        milliseconds timeout;
    };
    /// Nobody waits for that answer any more.
    struct Abandon {
        std::uint64_t piece;
    };
    /// The hosts behind the bootstrap names: answer with on_seeds().
    struct FindSeeds {
        std::vector<Address> names;
    };
    struct Note {
        LogLevel level;
        std::string message;
        std::string detail;
    };
    struct MetadataChanged {};
    using Action =
        std::variant<Connect, Close, Send, Abandon, FindSeeds, Note, MetadataChanged, Done>;

    struct Counters {
        std::uint64_t calls = 0, succeeded = 0, failed = 0, retries = 0, refreshes = 0,
                      rebootstraps = 0;
    };

    ClusterCore(ClusterLimits limits, std::vector<Address> bootstrap);
    ~ClusterCore();

    // Requests.
    void submit(Call call, Time now);
    /// Completes it with operation_canceled if it is here; with `only_unsent`, unless something of
    /// it was sent.
    void cancel(std::uint64_t id, bool only_unsent, Time now);
    /// Everything fails, connections are closed, nothing is accepted any more.
    void close(const Failure& why, Time now);

    // Events.
    void on_connected(ConnId conn, VersionTable versions, std::string peer, Time now);
    void on_connect_failed(ConnId conn, Failure failure, Time now);
    /// An open connection ended. Its requests are told of one by one as well.
    void on_disconnected(ConnId conn, Failure failure, Time now);
    /// A Send is done. On success its response was decoded.
    void on_answer(std::uint64_t piece, Failure failure, bool sent, Time now);
    void on_seeds(std::vector<Address> found, Failure failure, Time now);

    // For those who use connections directly.
    void release_connection(ConnId conn, Time now);
    /// What an answer says of new leaders (KIP-951), and of metadata that is out of date.
    void apply_hints(const std::vector<LeaderHint>& hints,
                     const std::vector<BrokerMetadata>& endpoints, Time now);
    void stale(Time now);
    void hold_topic(std::string_view topic, Time now);
    void release_topic(std::string_view topic, Time now);

    [[nodiscard]] Time next_deadline() const noexcept;
    void on_time(Time now);
    [[nodiscard]] bool take(Action& action);

    [[nodiscard]] Metadata& metadata() noexcept { return metadata_; }
    [[nodiscard]] const Metadata& metadata() const noexcept { return metadata_; }
    [[nodiscard]] const BrokerPool& pool() const noexcept { return pool_; }
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t calls() const noexcept { return calls_.size() - own_calls_; }
    [[nodiscard]] const BrokerPool::Conn* connection(const BrokerPool::Key& key);

private:
    struct CallState;
    struct Piece;
    struct Router;
    struct NewLeaders;
    enum class Own : std::uint8_t { none, metadata, coordinators, warming };

    // Calls and their pieces (cluster_core.cpp).
    CallState& begin(Call call, Own own, Time now);
    Piece& add_piece(CallState& call, Request request);
    void drop_piece(Piece& piece);
    void finish(CallState& call, Failure failure, Time now);
    void piece_done(Piece& piece, std::shared_ptr<void> response, Time now);
    void fail_piece(Piece& piece, Failure failure, Time now);
    void retry_piece(Piece& piece, Failure why, Time now);
    [[nodiscard]] static bool was_refused(const Piece& piece) noexcept;
    void take_refusal(Piece& piece, Time now);
    void expire(CallState& call, Time now);
    void doubt(const Piece& piece);
    void push(Action action) { actions_.push_back(std::move(action)); }
    void note(LogLevel level, std::string message, std::string detail = {});
    void merge_result(CallState& call, std::shared_ptr<void> response);
    [[nodiscard]] std::string waiting_for(const Piece& piece) const;

    // Where they go (cluster_route.cpp).
    void pump(Time now);
    void advance(Piece& piece, Time now);
    [[nodiscard]] bool has_new_leaders(Piece& piece);
    [[nodiscard]] bool route(Piece& piece, Time now);
    [[nodiscard]] bool route_cut(Piece& piece, Time now);
    void place_any(Piece& piece, Time now);
    void place_on(Piece& piece, std::int32_t broker, Time now);
    void send(Piece& piece, BrokerPool::Conn& conn, Time now);
    void wake_at(Time at) noexcept { wake_ = std::min(wake_, at); }

    // What answers say (cluster_answers.cpp).
    void take_answer(Piece& piece, Time now);
    [[nodiscard]] bool take_hints(const Splitter& splitter, const void* response);

    // Its own requests (cluster_refresh.cpp).
    void refresh(Time now);
    [[nodiscard]] Time refresh_due() const noexcept;
    void look_up_coordinators(Time now);
    void own_done(CallState& call, const Failure& failure, Time now);
    void metadata_done(CallState& call, const Failure& failure, Time now);
    void coordinators_done(CallState& call, const Failure& failure, Time now);
    void metadata_failed(const Failure& failure, Time now);
    void sync_brokers(Time now);
    void find_seeds(Time now);
    void rebootstrap(const std::string& why, Time now);
    void drop_connections(const std::vector<ConnId>& conns, const Failure& why);
    void look_after_idle(Time now);

    const ClusterLimits limits_;
    const std::vector<Address> names_;  // as configured
    Random random_;
    Metadata metadata_;
    CoordinatorCache coordinators_;
    BrokerPool pool_;

    std::map<std::uint64_t, std::unique_ptr<CallState>> calls_;  // by serial, oldest first
    std::unordered_map<std::uint64_t, std::uint64_t> serials_;   // of the caller's ids
    std::map<std::uint64_t, Piece*> waiting_;                    // not sent, oldest first
    std::unordered_map<std::uint64_t, Piece*> sent_;
    std::uint64_t next_serial_ = 1;
    std::uint64_t next_piece_ = 1;
    std::size_t own_calls_ = 0;
    std::deque<Action> actions_;

    bool closed_ = false;
    Failure closed_why_;
    bool dirty_ = false;  // waiting pieces may go on
    bool pumping_ = false;
    bool bootstrapping_ = true;  // no broker of the cluster is known
    bool seeds_ready_ = false;
    bool finding_seeds_ = false;
    Time seeds_retry_{};
    unsigned seeds_failures_ = 0;
    CallState* refreshing_ = nullptr;
    unsigned own_timeouts_ = 0;       // own requests that were not answered, in a row
    std::uint64_t rounds_begun_ = 0;  // refreshes
    std::uint64_t rounds_done_ = 0;   // the last one that came through
    Time no_metadata_since_ = never;  // never: the last refresh came through
    Failure metadata_failure_;        // of the last refresh
    bool pressed_ = false;            // somebody outside asked for a refresh
    unsigned restarts_ = 0;           // from the bootstrap addresses, without success in between
    Time next_restart_{};
    std::string last_odd_;      // told once
    std::uint64_t synced_ = 0;  // metadata's version that the pool has
    Time earliest_ = never;     // no call's deadline is before it
    Time wake_ = never;         // a waiting piece may go on then
    Counters counters_;
};

}  // namespace kafka::core
