// SPDX-License-Identifier: Apache-2.0
// RemoveRaftVoter, API key 81, v0, flexible from v0.
// Removes a voter from the controllers' quorum (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct RemoveRaftVoterResponse;

struct RemoveRaftVoterRequest {
    using response_type = RemoveRaftVoterResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id = "";
    std::int32_t voter_id = 0;
    Uuid voter_directory_id{};
    UnknownTags unknown_tags{};
};

struct RemoveRaftVoterResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
