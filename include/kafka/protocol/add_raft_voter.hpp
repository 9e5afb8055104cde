// SPDX-License-Identifier: Apache-2.0
// AddRaftVoter, API key 80, v0-1, flexible from v0.
// Adds a voter to the controllers' quorum (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AddRaftVoterResponse;

struct AddRaftVoterRequest {
    struct Listener {
        std::string name{};
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = AddRaftVoterResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id = "";
    std::int32_t timeout_ms = 0;  ///< milliseconds
    std::int32_t voter_id = 0;
    Uuid voter_directory_id{};
    std::vector<Listener> listeners{};
    bool ack_when_committed = true;
    UnknownTags unknown_tags{};
};

struct AddRaftVoterResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
