// SPDX-License-Identifier: Apache-2.0
// DeleteShareGroupOffsets, API key 92, v0, flexible from v0.
// Deletes the start offsets of a share group (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DeleteShareGroupOffsetsResponse;

struct DeleteShareGroupOffsetsRequest {
    struct Topic {
        std::string topic_name{};
        UnknownTags unknown_tags{};
    };

    using response_type = DeleteShareGroupOffsetsResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<Topic> topics{};
    UnknownTags unknown_tags{};
};

struct DeleteShareGroupOffsetsResponse {
    struct Topic {
        std::string topic_name{};
        Uuid topic_id{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::vector<Topic> responses{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
