// SPDX-License-Identifier: Apache-2.0
// CreatePartitions, API key 37, v0-3, flexible from v2.
// Adds partitions to topics (KIP-195).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct CreatePartitionsResponse;

struct CreatePartitionsRequest {
    struct Assignment {
        std::vector<std::int32_t> broker_ids{};
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        std::int32_t count = 0;
        std::optional<std::vector<Assignment>> assignments = std::vector<Assignment>{};
        UnknownTags unknown_tags{};
    };

    using response_type = CreatePartitionsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<Topic> topics{};
    std::int32_t timeout_ms = 0;  ///< milliseconds
    bool validate_only = false;
    UnknownTags unknown_tags{};
};

struct CreatePartitionsResponse {
    struct TopicResult {
        std::string name{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<TopicResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
