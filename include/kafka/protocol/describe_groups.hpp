// SPDX-License-Identifier: Apache-2.0
// DescribeGroups, API key 15, v0-6, flexible from v5.
// Describes classic groups and their members.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeGroupsResponse;

struct DescribeGroupsRequest {
    using response_type = DescribeGroupsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> groups{};
    bool include_authorized_operations = false;
    UnknownTags unknown_tags{};
};

struct DescribeGroupsResponse {
    struct DescribedGroupMember {
        std::string member_id{};
        std::optional<std::string>
            group_instance_id{};  ///< static membership (KIP-345); null: none
        std::string client_id{};
        std::string client_host{};
        Bytes member_metadata{};
        Bytes member_assignment{};
        UnknownTags unknown_tags{};
    };

    struct DescribedGroup {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::string group_id{};
        std::string group_state{};
        std::string protocol_type{};
        std::string protocol_data{};
        std::vector<DescribedGroupMember> members{};
        /// Bits by AclOperation; the minimum: not asked for (KIP-430).
        std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
