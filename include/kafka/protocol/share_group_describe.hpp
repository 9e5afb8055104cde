// SPDX-License-Identifier: Apache-2.0
// ShareGroupDescribe, API key 77, v1, flexible from v0.
// Describes share groups (KIP-932).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ShareGroupDescribeResponse;

struct ShareGroupDescribeRequest {
    using response_type = ShareGroupDescribeResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> group_ids{};
    bool include_authorized_operations = false;
    UnknownTags unknown_tags{};
};

struct ShareGroupDescribeResponse {
    struct TopicPartitions {
        Uuid topic_id{};
        std::string topic_name{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions{};
        UnknownTags unknown_tags{};
    };

    struct Member {
        std::string member_id{};
        std::optional<std::string> rack_id{};
        std::int32_t member_epoch = 0;
        std::string client_id{};
        std::string client_host{};
        std::vector<std::string> subscribed_topic_names{};
        Assignment assignment{};
        UnknownTags unknown_tags{};
    };

    struct DescribedGroup {
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::string group_id{};
        std::string group_state{};
        std::int32_t group_epoch = 0;
        std::int32_t assignment_epoch = 0;
        std::string assignor_name{};
        std::vector<Member> members{};
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
