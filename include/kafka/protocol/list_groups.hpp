// SPDX-License-Identifier: Apache-2.0
// ListGroups, API key 16, v0-5, flexible from v3.
// Lists the groups that a broker coordinates, by state (KIP-518) and type (KIP-848).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ListGroupsResponse;

struct ListGroupsRequest {
    using response_type = ListGroupsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> states_filter{};
    std::vector<std::string> types_filter{};
    UnknownTags unknown_tags{};
};

struct ListGroupsResponse {
    struct ListedGroup {
        std::string group_id{};
        std::string protocol_type{};
        std::string group_state{};
        std::string group_type{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<ListedGroup> groups{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
