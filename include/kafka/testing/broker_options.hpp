// SPDX-License-Identifier: Apache-2.0
// How a development broker is set up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/log.hpp>

namespace kafka::testing {

/// A topic that exists from the start.
struct BrokerTopic {
    std::string name;
    std::int32_t partitions = 1;
    /// Copies; 0 means BrokerOptions::default_replication_factor. Default: 0.
    std::int16_t replication_factor = 0;
    /// Topic configuration as in Kafka, such as {"cleanup.policy", "compact"}. Default: none.
    std::vector<std::pair<std::string, std::string>> configs = {};
};

/// Whether a broker wants to know who the client is: Kafka's `ssl.client.auth`.
enum class ClientAuth : std::uint8_t { none, requested, required };

enum class TlsVersion : std::uint8_t { tls1_1, tls1_2, tls1_3 };

/// TLS on all brokers. Certificates as PEM; CertificateAuthority (<kafka/testing/certificates.hpp>)
/// makes some for tests.
struct BrokerTls {
    /// The brokers' certificate, then those of its issuers.
    std::string certificate_pem = {};
    std::string key_pem = {};
    /// Who may issue clients' certificates. Default: nobody.
    std::string client_ca_pem = {};
    /// With `required` or `requested`, the principal of a client is the subject of its
    /// certificate. Default: clients need none.
    ClientAuth client_auth = ClientAuth::none;
    TlsVersion min_version = TlsVersion::tls1_2;
    TlsVersion max_version = TlsVersion::tls1_3;
};

/// Somebody who may log in with a password.
struct BrokerUser {
    std::string name;
    std::string password;
};

/// SASL on all brokers: nobody is served who has not logged in.
struct BrokerSasl {
    /// Those that are offered. OAUTHBEARER takes unsigned tokens (unsecured JSON Web Tokens) of
    /// anybody. SCRAM needs OpenSSL.
    std::vector<std::string> mechanisms = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512",
                                           "OAUTHBEARER"};
    /// For PLAIN and SCRAM. Default: nobody.
    std::vector<BrokerUser> users = {};
    /// Scopes that an OAUTHBEARER token must have, separated by blanks. Default: none.
    std::string scope = {};
    /// Kafka's `connections.max.reauth.ms`: clients have to log in again before that (KIP-368).
    /// Default 0: never, unless their token ends.
    std::chrono::milliseconds max_session{0};
};

/// Everything is in memory and ends with the Broker. A plain value.
struct BrokerOptions {
    /// Brokers of the cluster, with ids 1..brokers. Default: 3.
    int brokers = 3;
    /// The address to listen on and to tell clients, numeric or "localhost". Default: loopback.
    std::string host = "127.0.0.1";
    /// One port a broker, 0 being any free one. Default: any free ports.
    std::vector<std::uint16_t> ports = {};
    /// One rack a broker; empty texts are none. Default: no racks.
    std::vector<std::string> racks = {};
    /// Default: none.
    std::vector<BrokerTopic> topics = {};

    /// Kafka's `auto.create.topics.enable`. Default: true.
    bool auto_create_topics = true;
    /// Kafka's `num.partitions`, for topics that do not say. Default: 1.
    std::int32_t default_partitions = 1;
    /// Kafka's `default.replication.factor`, for topics that do not say. Default: 1.
    std::int16_t default_replication_factor = 1;
    /// Kafka's `message.max.bytes`: the largest batch, in bytes. Default: 1,048,588.
    std::int32_t message_max_bytes = 1'048'588;
    /// Kafka's `socket.request.max.bytes`: the largest request, in bytes. Default: 100 MiB.
    std::size_t max_request_bytes = std::size_t{100} << 20;
    /// Kafka's `fetch.max.bytes`: the largest answer to a Fetch, in bytes. Default: 55 MiB.
    std::int32_t fetch_max_bytes = 55 << 20;
    /// Kafka's `max.incremental.fetch.session.cache.slots`, for each broker. Default: 1,000.
    std::size_t fetch_sessions = 1000;

    /// The finalized level of Kafka's feature `transaction.version`, 0, 1 or 2: with 2, clients
    /// use transactions that take a new epoch each (KIP-890). Default: 2, as in Kafka 4.4.
    std::int16_t transaction_version = 2;
    /// Kafka's `transaction.max.timeout.ms`. Default: 15 minutes.
    std::chrono::milliseconds transaction_max_timeout{900'000};
    /// How long after the end of a transaction its markers are written, until when its records are
    /// held back and its producer is told CONCURRENT_TRANSACTIONS. Default: 0.
    std::chrono::milliseconds transaction_marker_delay{0};

    /// Default: in the clear.
    std::optional<BrokerTls> tls = std::nullopt;

    /// Default: nobody has to log in.
    std::optional<BrokerSasl> sasl = std::nullopt;

    /// Keeps every request and answer, for Broker::history(). Default: false.
    bool record_history = false;

    /// Default: made from the seed.
    std::string cluster_id = {};
    /// Topic ids, fetch sessions and the cluster id follow from it. Default: 1.
    std::uint64_t seed = 1;
    /// Hears of refused and malformed requests. Default: nobody does.
    LogSink log = {};
};

}  // namespace kafka::testing
