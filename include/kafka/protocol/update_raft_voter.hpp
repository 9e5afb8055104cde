// SPDX-License-Identifier: Apache-2.0
// UpdateRaftVoter, API key 82, v0, flexible from v0.
// Updates a voter's endpoints and versions (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct UpdateRaftVoterResponse;

struct UpdateRaftVoterRequest {
    struct Listener {
        std::string name{};
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    struct KRaftVersionFeature {
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = UpdateRaftVoterResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id = "";
    std::int32_t current_leader_epoch = 0;  ///< -1: not checked (KIP-320)
    std::int32_t voter_id = 0;
    Uuid voter_directory_id{};
    std::vector<Listener> listeners{};
    KRaftVersionFeature kraft_version_feature{};
    UnknownTags unknown_tags{};
};

struct UpdateRaftVoterResponse {
    struct CurrentLeader {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;  ///< -1: not known
        std::string host{};
        std::int32_t port = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    CurrentLeader current_leader{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
