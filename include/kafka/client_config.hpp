// SPDX-License-Identifier: Apache-2.0
// What a client can be told: its configuration and the options of one call. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/conn_config.hpp>
#include <kafka/error.hpp>
#include <kafka/hooks.hpp>

namespace kafka {

/// How bootstrap names become addresses (`client.dns.lookup`).
enum class DnsLookup : std::uint8_t {
    /// All addresses of a name are tried, one after the other.
    use_all_dns_ips,
    /// A bootstrap name stands for several hosts: each of its addresses is turned into the name of
    /// its host, and these are what is connected to (so that Kerberos and TLS find the names that
    /// they expect). Names that brokers advertise are resolved as above.
    resolve_canonical_bootstrap_servers_only,
};

/// What to do when none of the known brokers can be reached (`metadata.recovery.strategy`).
enum class MetadataRecovery : std::uint8_t {
    none,         ///< keep trying them
    rebootstrap,  ///< start again from the bootstrap addresses (KIP-899, KIP-1102)
};

/// How a client behaves. The defaults are Apache Kafka's where it has such a setting.
struct ClientConfig {
    /// "host:port,host:port" (`bootstrap.servers`); tried in random order. The cluster tells the
    /// rest. Default "localhost:9092".
    std::string bootstrap = "localhost:9092";
    DnsLookup dns_lookup = DnsLookup::use_all_dns_ips;
    /// Of each connection: names, limits, sockets, the log. Its connect_timeout is the set-up
    /// time-out of the first attempt, its request_timeout that of calls.
    ConnConfig conn = {};

    /// The set-up time-out doubles with each failure in a row up to this
    /// (`socket.connection.setup.timeout.max.ms`), with 20 % of jitter. Default 30 s.
    std::chrono::milliseconds connect_timeout_max{30'000};
    /// The pause before a broker is connected to again (`reconnect.backoff.ms`), with 20 % of
    /// jitter. Default 50 ms.
    std::chrono::milliseconds reconnect_backoff{50};
    /// It doubles with each failure in a row up to this (`reconnect.backoff.max.ms`). Default 1 s.
    std::chrono::milliseconds reconnect_backoff_max{1'000};
    /// The pause before a request is tried again (`retry.backoff.ms`). Default 100 ms.
    std::chrono::milliseconds retry_backoff{100};
    /// It doubles with each failure in a row up to this (`retry.backoff.max.ms`). Default 1 s.
    std::chrono::milliseconds retry_backoff_max{1'000};
    /// A connection that nobody used for so long is closed (`connections.max.idle.ms`).
    /// milliseconds::max(): never. Default 9 min.
    std::chrono::milliseconds max_idle{540'000};
    /// Send a small request on a connection that is idle for max_idle, instead of closing it, so
    /// that it stays open. Default false.
    bool keep_warm = false;

    /// Metadata is refreshed after this time even if nothing asks for it (`metadata.max.age.ms`).
    /// Default 5 min.
    std::chrono::milliseconds metadata_max_age{300'000};
    /// A topic that nobody used for so long is not asked for any more
    /// (`metadata.max.idle.ms`). Default 5 min.
    std::chrono::milliseconds metadata_max_idle{300'000};
    /// How many answers in a row that a topic or partition is unknown are believed; they may come
    /// from a broker that has not heard of it yet. Default 4.
    unsigned unknown_topic_tries = 4;
    /// Let brokers create topics that are asked for (`allow.auto.create.topics`). Default false.
    bool auto_create_topics = false;
    /// Default rebootstrap.
    MetadataRecovery metadata_recovery = MetadataRecovery::rebootstrap;
    /// Start again from the bootstrap addresses also when no metadata came for so long
    /// (`metadata.recovery.rebootstrap.trigger.ms`, KIP-1102). Default 5 min.
    std::chrono::milliseconds rebootstrap_trigger{300'000};
    /// Tell brokers which cluster and which node this client takes them for, so that a misrouted
    /// connection is refused (`metadata.cluster.check.enable`, KIP-1242; brokers from 4.4), and
    /// refuse metadata of another cluster. Not with MetadataRecovery::none. Default true.
    bool cluster_check = true;

    /// Calls that are not done; one more fails with errc::too_many_in_flight. Default 100,000.
    std::size_t max_calls = 100'000;
    /// Default: none.
    Hooks hooks = {};
};

/// A broker that a call had to do with and could not get an answer from.
struct BrokerFailure {
    std::int32_t broker_id = -1;  ///< -1: any would have done
    Failure failure = {};
};

/// Options of one call on a Client.
struct ClientCallOptions {
    /// Instead of ConnConfig::request_timeout; for the whole call with all its tries.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// As in CallOptions.
    std::optional<std::int16_t> version = std::nullopt;
    bool unstable = false;
    /// Send it, unsplit, to this broker instead of where its kind goes.
    std::optional<std::int32_t> broker_id = std::nullopt;
    /// Try again where that is safe (see Client::async_call). Default true.
    bool retry = true;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
    /// For a request that spans brokers: filled, before the completion, with those that could not
    /// be asked, also when the call succeeds for others. Must stay valid until then. Default none.
    std::vector<BrokerFailure>* failures = nullptr;
};

}  // namespace kafka
