// SPDX-License-Identifier: Apache-2.0
// What a connection can be told: its configuration, and the options of one call. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <kafka/error.hpp>
#include <kafka/log.hpp>
#include <kafka/protocol/message.hpp>
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
    /// For name resolution, connecting and negotiation together
    /// (`socket.connection.setup.timeout.ms`). Each of several addresses gets an even share of
    /// what is left. milliseconds::max(): no limit. Default 10 s.
    std::chrono::milliseconds connect_timeout{10'000};
    /// For one call (`request.timeout.ms`), from its start to its completion.
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
