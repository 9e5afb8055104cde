// SPDX-License-Identifier: Apache-2.0
// DeleteTopics, API key 20, v1-6, flexible from v4.
// Deletes topics by name, or by id from v6 (KIP-516).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DeleteTopicsResponse;

struct DeleteTopicsRequest {
    struct DeleteTopicState {
        std::optional<std::string> name{};
        Uuid topic_id{};
        UnknownTags unknown_tags{};
    };

    using response_type = DeleteTopicsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<DeleteTopicState> topics{};
    std::vector<std::string> topic_names{};
    std::int32_t timeout_ms = 0;  ///< milliseconds
    UnknownTags unknown_tags{};
};

struct DeleteTopicsResponse {
    struct DeletableTopicResult {
        std::optional<std::string> name = "";
        Uuid topic_id{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableTopicResult> responses{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
