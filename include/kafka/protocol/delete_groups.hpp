// SPDX-License-Identifier: Apache-2.0
// DeleteGroups, API key 42, v0-3, flexible from v2.
// Deletes groups that have no members (KIP-229).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DeleteGroupsResponse;

struct DeleteGroupsRequest {
    using response_type = DeleteGroupsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> groups_names{};
    UnknownTags unknown_tags{};
};

struct DeleteGroupsResponse {
    struct DeletableGroupResult {
        std::string group_id{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableGroupResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
