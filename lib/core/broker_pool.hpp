// SPDX-License-Identifier: Apache-2.0
// BrokerPool: which connections there are and should be, without sockets. It knows brokers by
// their ids and bootstrap addresses ("seeds") by ids below -1.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/hooks.hpp>
#include <kafka/result.hpp>

#include "base/backoff.hpp"
#include "core/address.hpp"
#include "core/time.hpp"
#include "core/versions.hpp"

namespace kafka::core {

/// Small, fast and good enough to spread load and pauses (splitmix64).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() noexcept {
        auto z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    /// In [0, 1).
    double fraction() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }
    std::size_t below(std::size_t n) noexcept { return static_cast<std::size_t>(next() % n); }

private:
    std::uint64_t state_;
};

/// Not thread-safe.
class BrokerPool {
public:
    struct Limits {
        Backoff reconnect{milliseconds(50), milliseconds(1'000)};
        milliseconds connect_timeout{10'000};
        milliseconds connect_timeout_max{30'000};
        milliseconds max_idle{540'000};
    };
    struct Key {
        std::int32_t broker = -1;
        ConnPurpose purpose = ConnPurpose::control;
        /// Connections of one purpose side by side: one a group.
        std::uint32_t lane = 0;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct Conn {
        std::uint64_t id = 0;
        Key key;
        Address address;
        bool open = false;
        Time since{};  // when the attempt began
        Time opened{};
        Time used{};            // when the last request was done
        bool answered = false;  // anything but the opening
        VersionTable versions;
        std::string peer;  // "host:port (address)"
        std::size_t in_flight = 0;
        Time asked = never;      // since then a request is on the wire and nothing was answered
        std::size_t leases = 0;  // held open by somebody outside
        bool warming = false;    // a request is under way that keeps it open
    };
    /// A connection to open.
    struct Attempt {
        std::uint64_t conn;
        milliseconds timeout;
    };

    BrokerPool(Limits limits, Random& random) : limits_(limits), random_(random) {}

    void set_seeds(std::vector<Address> seeds);
    /// The brokers of the cluster. A seed's connection to a broker's very address becomes that
    /// broker's. Connections to brokers whose address changed, or that are gone, are to be closed:
    /// their ids.
    [[nodiscard]] std::vector<std::uint64_t> set_brokers(const std::vector<BrokerMetadata>& all);

    [[nodiscard]] Conn* find(std::uint64_t id);
    [[nodiscard]] const Conn* find(std::uint64_t id) const;
    [[nodiscard]] Conn* find(const Key& key);
    [[nodiscard]] bool knows(std::int32_t broker) const { return nodes_.count(broker) > 0; }
    [[nodiscard]] std::optional<Address> address(std::int32_t broker) const;
    /// The last reason that a connection to it did not come about, since one last did.
    [[nodiscard]] const Failure& last_failure(std::int32_t broker) const;

    /// The connection, open or opening. Null: `wait` says when the next attempt may be made.
    [[nodiscard]] Conn* want(const Key& key, Time now, Time& wait);
    /// For whatever any broker can do: the broker to use now. -1: all have failed of late, `wait`
    /// says when the next may be tried; or there is none (`wait` is never).
    [[nodiscard]] std::int32_t pick(bool among_seeds, const std::vector<std::int32_t>& not_these,
                                    Time now, Time& wait);
    /// No broker of the cluster is connected or being connected to, and all have failed of late.
    [[nodiscard]] bool all_unavailable(Time now) const;

    /// What want() has begun.
    [[nodiscard]] bool take(Attempt& attempt);
    void on_open(Conn& conn, VersionTable versions, std::string peer, Time now);
    void on_connect_failed(Conn& conn, const Failure& failure, Time now);
    /// A request goes out on it.
    static void on_sent(Conn& conn, Time now);
    /// A request on it was answered, or failed in a way that left it open.
    void on_used(Conn& conn, bool answered, Time now);
    /// An open connection ended, and not because we closed it.
    void on_lost(Conn& conn, const Failure& failure, Time now);
    /// It is gone, for whatever reason.
    void erase(std::uint64_t id);

    /// When the next connection may be idle for too long.
    [[nodiscard]] Time idle_due() const noexcept { return idle_due_; }
    [[nodiscard]] std::vector<std::uint64_t> take_idle(Time now);
    [[nodiscard]] std::vector<std::uint64_t> all() const;
    [[nodiscard]] std::size_t open_count() const noexcept { return open_; }

    /// While another attempt hangs for so long, any other broker is tried as well.
    static constexpr milliseconds patience{1'000};
    /// Silence is held against a connection for so long: answers to requests that were given up are
    /// not told of, so it may have ended.
    static constexpr milliseconds grudge{60'000};

private:
    // Of an address, whoever is there: starting again, or another id, does not shorten its pauses.
    struct Pace {
        unsigned failures = 0;  // attempts to connect, in a row
        Time retry_at = {};
        Failure last = {};
    };
    struct Node {
        Address address;
        std::shared_ptr<Pace> pace;
    };

    [[nodiscard]] static bool silent(const Conn& conn, Time now) noexcept {
        return after(conn.asked, patience) <= now && now < after(conn.asked, grudge);
    }
    [[nodiscard]] std::size_t load(std::int32_t broker) const;
    [[nodiscard]] Node node_at(const Address& address);
    void forget_unused_paces();

    const Limits limits_;
    Random& random_;
    std::map<std::int32_t, Node> nodes_;                  // seeds first, below -1
    std::map<std::string, std::shared_ptr<Pace>> paces_;  // by address
    std::map<std::uint64_t, Conn> conns_;
    std::map<Key, std::uint64_t> by_key_;
    std::deque<Attempt> attempts_;
    std::uint64_t next_conn_ = 1;
    std::size_t open_ = 0;
    Time idle_due_ = never;
};

}  // namespace kafka::core
