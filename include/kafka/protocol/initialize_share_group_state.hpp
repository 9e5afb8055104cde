// SPDX-License-Identifier: Apache-2.0
// InitializeShareGroupState, API key 83, v0, flexible from v0.
// Starts the durable state of share partitions; between brokers (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct InitializeShareGroupStateResponse;

struct InitializeShareGroupStateRequest {
    struct PartitionData {
        std::int32_t partition = 0;
        std::int32_t state_epoch = 0;
        std::int64_t start_offset = 0;
        UnknownTags unknown_tags{};
    };

    struct InitializeStateData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = InitializeShareGroupStateResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<InitializeStateData> topics{};
    UnknownTags unknown_tags{};
};

struct InitializeShareGroupStateResponse {
    struct PartitionResult {
        std::int32_t partition = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    struct InitializeStateResult {
        Uuid topic_id{};
        std::vector<PartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<InitializeStateResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
