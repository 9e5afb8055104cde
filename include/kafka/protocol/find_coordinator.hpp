// SPDX-License-Identifier: Apache-2.0
// FindCoordinator, API key 10, v0-6, flexible from v3.
// Finds the coordinator of groups, transactional ids or share partitions; many at once from v4
// (KIP-699).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct FindCoordinatorResponse;

struct FindCoordinatorRequest {
    using response_type = FindCoordinatorResponse;
    KAFKA_API static const MessageInfo info;

    std::string key{};
    std::int8_t key_type = 0;  ///< 0: group, 1: transaction, 2: share
    std::vector<std::string> coordinator_keys{};
    UnknownTags unknown_tags{};
};

struct FindCoordinatorResponse {
    struct Coordinator {
        std::string key{};
        std::int32_t node_id = 0;
        std::string host{};
        std::int32_t port = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::vector<Coordinator> coordinators{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
