// SPDX-License-Identifier: Apache-2.0
// What a connection can be told: its configuration, and the options of one call. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <kafka/error.hpp>
#include <kafka/log.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/sasl.hpp>
#include <kafka/tls.hpp>
#include <kafka/version.hpp>

namespace kafka {

/// Options of a TCP socket.
struct SocketOptions {
    /// Send small requests at once (TCP_NODELAY). Default true.
    bool no_delay = true;
    /// Let the system look after idle connections (SO_KEEPALIVE). Default true.
    bool keep_alive = true;
    /// SO_SNDBUF in bytes, Kafka's `send.buffer.bytes`; 0 leaves the system's. Default 0.
    int send_buffer = 0;
    /// SO_RCVBUF in bytes, Kafka's `receive.buffer.bytes`; 0 leaves the system's. Default 0.
    int receive_buffer = 0;
    /// The name of a congestion control, such as "bbr" (Linux); empty leaves the system's. One
    /// that the system refuses is logged and left out. Default "".
    std::string congestion_control;
};

/// Takes the addresses of a host, as text: a number, or a number with a port ("10.0.0.7",
/// "[fd00::7]:9093") that replaces the one asked for. Call it once, at any time, from any thread
/// (later calls do nothing); dropping it without a call is an error of the resolver.
using ResolveHandler = std::function<void(std::error_code, std::vector<std::string>)>;
/// Finds the addresses of a host instead of the system, in the order in which to prefer them. Not
/// asked for hosts that are numbers. Called on the connection's executor: must not block. The
/// host name of TLS and SASL stays the one asked for.
using Resolver =
    std::function<void(const std::string& host, std::uint16_t port, ResolveHandler done)>;
/// Called with each socket that was opened, before it connects to `address` ("10.0.0.7:9092"): to
/// set options (SO_MARK, TCP_USER_TIMEOUT, ...), to bind it to a device. An error fails the try.
/// Must not block, nor close the socket.
using SocketHook = std::function<std::error_code(int native_handle, const std::string& address)>;

/// How a connection behaves. The defaults are Apache Kafka's where it has such a setting.
struct ConnConfig {
    /// Names the application in the brokers' logs, metrics and quotas (`client.id`); none sends
    /// none. Default "kafka-asio".
    std::optional<std::string> client_id = "kafka-asio";
    /// What the brokers count client software by (KIP-511). Letters, digits, '-' and '.', with a
    /// letter or digit at both ends. Default "kafka-asio".
    std::string client_software_name = "kafka-asio";
    /// As client_software_name. Default: this library's version.
    std::string client_software_version = KAFKA_ASIO_VERSION_STRING;
    /// TLS (`security.protocol` SSL or SASL_SSL). Default: none.
    ///     config.tls = kafka::TlsConfig{.ca_file = "ca.pem"};
    std::optional<Tls> tls;
    /// How to log in (`security.protocol` SASL_PLAINTEXT or SASL_SSL). When the broker limits the
    /// life of a login (`connections.max.reauth.ms`, or a token that ends) the connection logs in
    /// again in time, with calls held back meanwhile (KIP-368). Default: not at all.
    ///     config.sasl = kafka::sasl::make_mechanism(kafka::sasl::Scram{.user = "u", ...});
    sasl::MechanismPtr sasl;
    /// Let a mechanism that shows the secret to whoever reads the connection (PLAIN, OAUTHBEARER)
    /// do so without TLS. Addresses of this machine (loopback) need no permission. Default false.
    bool allow_plaintext_credentials = false;
    /// For name resolution, connecting, TLS, negotiation and login together
    /// (`socket.connection.setup.timeout.ms`). milliseconds::max(): no limit. Default 10 s.
    std::chrono::milliseconds connect_timeout{10'000};
    /// A host's addresses are tried with this pause between the starts, IPv6 and IPv4 in turns,
    /// until one has connected; one that fails is followed at once (RFC 8305). The pause is cut
    /// where the addresses would not fit into connect_timeout, and is at least 10 ms.
    /// milliseconds::max(): one after the other. Default 250 ms.
    std::chrono::milliseconds fallback_delay{250};
    /// The address of this machine to connect from, a number; only the addresses of its family are
    /// tried. Default "": the system's choice.
    std::string local_address;
    /// Instead of the system's name resolution. Default: that.
    Resolver resolver;
    /// Default: none.
    SocketHook socket_hook;
    /// Where to do what blocks: name resolution, reading certificates, SASL mechanisms that
    /// compute or wait for long. A thread pool, for example. Its work may outlive the connection,
    /// not its own context. Default: one thread for each execution context, started when first
    /// needed and joined when the context goes.
    asio::any_io_executor blocking_executor;
    /// For one call (`request.timeout.ms`), from its start to its completion; also for each step of
    /// a login on an open connection.
    /// milliseconds::max(): no limit. Default 30 s.
    std::chrono::milliseconds request_timeout{30'000};
    /// Bytes of one response (`receive.message.max.bytes`); a larger one ends the connection.
    /// Until the connection is open the limit is 512 KiB. Default 100 MiB.
    std::size_t max_frame_size = 100 * 1024 * 1024;
    /// Requests on the wire at once; more wait. At least 1. Default 64.
    std::size_t max_in_flight = 64;
    /// Bytes of the requests that wait; a call beyond fails with errc::too_many_in_flight. A
    /// single request may be larger. Default 64 MiB.
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;
    /// Hold requests back for as long as the broker's quotas ask (KIP-219), at most for
    /// request_timeout at a time. The broker does not listen meanwhile, so this loses nothing.
    /// Default true.
    bool honour_throttle = true;
    /// Bounds on what a response may decode to. Default: see protocol::DecodeLimits.
    protocol::DecodeLimits decode_limits;
    SocketOptions socket;
    /// Receives what the connection has to tell; see LogSink. Default: nothing.
    LogSink log;
};

/// Options of one attempt to connect.
struct ConnectOptions {
    /// Instead of ConnConfig::connect_timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
};

/// Options of one call.
struct CallOptions {
    /// Instead of ConnConfig::request_timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Speak this version of the API or fail with errc::unsupported_version. Default: the newest
    /// that both sides have.
    std::optional<std::int16_t> version = std::nullopt;
    /// Let the newest version be one that is not final yet. Default false.
    bool unstable = false;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
};

/// Counts of one connection since its creation.
struct ConnStats {
    std::uint64_t requests = 0;   ///< handed to the socket
    std::uint64_t responses = 0;  ///< received, those that nobody waited for included
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t timed_out = 0;       ///< calls
    std::uint64_t cancelled = 0;       ///< calls
    std::uint64_t trailing_bytes = 0;  ///< at the end of responses, beyond their schema
    std::size_t in_flight = 0;         ///< requests on the wire now
    std::size_t waiting = 0;           ///< requests that wait to be sent now
    std::size_t waiting_bytes = 0;     ///< and their bytes
};

}  // namespace kafka
