// SPDX-License-Identifier: Apache-2.0
// What a Dialer can be told. Plain data.
#pragma once

#include <chrono>
#include <optional>

#include <kafka/conn_config.hpp>
#include <kafka/error.hpp>

namespace kafka {

/// How connections are made.
struct DialerConfig {
    /// Of each connection: client id, TLS, SASL, local address, keep-alive and other socket
    /// options, resolver and socket hook, fallback delay, time-outs. Its connect_timeout is for
    /// each attempt.
    ConnConfig conn = {};
    /// For one operation of the Dialer, with its look-ups, pauses and attempts.
    /// milliseconds::max(): no limit. Default 30 s.
    std::chrono::milliseconds timeout{30'000};
    /// No operation goes on beyond this. Default: none.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    /// The pause before a partition without a leader, or a leader that could not be reached, is
    /// looked up again; it doubles each time, with 20 % of jitter. Default 100 ms.
    std::chrono::milliseconds retry_backoff{100};
    /// The pause grows to this. Default 1 s.
    std::chrono::milliseconds retry_backoff_max{1'000};
    /// How many answers that a topic or partition is unknown are believed; a broker may not have
    /// heard of a new one yet. Default 4.
    unsigned unknown_topic_tries = 4;
    /// Let brokers create topics that are looked up (`allow.auto.create.topics`). Default false.
    bool auto_create_topics = false;
};

/// Options of one operation of a Dialer.
struct DialOptions {
    /// Instead of DialerConfig::timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
};

}  // namespace kafka
