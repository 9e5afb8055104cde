// SPDX-License-Identifier: Apache-2.0
// Hooks: what a client does, told as it happens. For metrics and traces.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <kafka/client_metadata.hpp>
#include <kafka/result.hpp>

namespace kafka {

/// What a connection is for. Requests that a broker may hold for long have connections of their
/// own, so that they hold up nothing else.
enum class ConnPurpose : std::uint8_t {
    control,  ///< everything that is answered at once
    produce,
    fetch,  ///< held while there is no data
    group,  ///< JoinGroup and SyncGroup, held until the other members come; one a group
    slow,   ///< administration with a time-out of its own, held until it is done
};
/// "control", "produce", ...
[[nodiscard]] KAFKA_API std::string_view to_string(ConnPurpose purpose) noexcept;

/// Which connection. Valid during the call of the hook.
struct ConnRef {
    std::int32_t broker_id;  ///< below 0: a bootstrap address
    std::string_view host;   ///< as it was asked for
    std::uint16_t port;
    ConnPurpose purpose;
    std::uint64_t number;  ///< counts the connections of this client
};

/// A connection came about, or did not.
struct ConnectEvent {
    ConnRef conn;
    std::chrono::nanoseconds took;
    const Failure* failure;  ///< null: it is open
};
/// An open connection is over.
struct DisconnectEvent {
    ConnRef conn;
    const Failure* cause;
};
/// A request is handed to the system.
struct RequestEvent {
    ConnRef conn;
    std::int16_t api_key;
    std::int16_t version;
    std::size_t bytes;
};
/// An answer came, whether or not somebody still waits for it.
struct ResponseEvent {
    ConnRef conn;
    std::int16_t api_key;
    std::int16_t version;
    std::size_t bytes;
    std::chrono::nanoseconds took;  ///< since the request was handed to the system
};
/// A broker asks this client to slow down (KIP-219).
struct ThrottleEvent {
    ConnRef conn;
    std::int16_t api_key;
    std::chrono::milliseconds pause;
};
/// The client's knowledge of the cluster changed.
struct MetadataEvent {
    const ClusterMetadata* before;
    const ClusterMetadata* after;
};

/// Any of these may be empty. They run on the client's strand, between its other work: they must
/// not block, and must not wait for the client. One that throws harms nothing; it is counted
/// (ClientStats::failed_hooks). They may start operations of the client.
struct Hooks {
    std::function<void(const ConnectEvent&)> connect = {};
    std::function<void(const DisconnectEvent&)> disconnect = {};
    std::function<void(const RequestEvent&)> request = {};
    std::function<void(const ResponseEvent&)> response = {};
    std::function<void(const ThrottleEvent&)> throttle = {};
    std::function<void(const MetadataEvent&)> metadata = {};
};

}  // namespace kafka
