// SPDX-License-Identifier: Apache-2.0
// WriteTxnMarkers, API key 27, v1-2, flexible from v1.
// Writes commit and abort markers to partitions; between brokers, and to abort hanging
// transactions (KIP-664).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct WriteTxnMarkersResponse;

struct WriteTxnMarkersRequest {
    struct WritableTxnMarkerTopic {
        std::string name{};
        std::vector<std::int32_t> partition_indexes{};
        UnknownTags unknown_tags{};
    };

    struct WritableTxnMarker {
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        bool transaction_result = false;
        std::vector<WritableTxnMarkerTopic> topics{};
        std::int32_t coordinator_epoch = 0;
        std::int8_t transaction_version = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = WriteTxnMarkersResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<WritableTxnMarker> markers{};
    UnknownTags unknown_tags{};
};

struct WriteTxnMarkersResponse {
    struct WritableTxnMarkerPartitionResult {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct WritableTxnMarkerTopicResult {
        std::string name{};
        std::vector<WritableTxnMarkerPartitionResult> partitions{};
        UnknownTags unknown_tags{};
    };

    struct WritableTxnMarkerResult {
        std::int64_t producer_id = 0;
        std::vector<WritableTxnMarkerTopicResult> topics{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<WritableTxnMarkerResult> markers{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
