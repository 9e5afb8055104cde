// SPDX-License-Identifier: Apache-2.0
// DeleteShareGroupState, API key 86, v0, flexible from v0.
// Deletes the durable state of share partitions; between brokers (KIP-932).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DeleteShareGroupStateResponse;

struct DeleteShareGroupStateRequest {
    struct PartitionData {
        std::int32_t partition = 0;
        UnknownTags unknown_tags{};
    };

    struct DeleteStateData {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = DeleteShareGroupStateResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<DeleteStateData> topics{};
    UnknownTags unknown_tags{};
};

struct DeleteShareGroupStateResponse {
    struct PartitionResult {
        std::int32_t partition = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        UnknownTags unknown_tags{};
    };

    struct DeleteStateResult {
        Uuid topic_id{};
        std::vector<PartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<DeleteStateResult> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
