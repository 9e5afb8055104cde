// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/write_txn_markers.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{27, "WriteTxnMarkers", {1, 2}, 1, Listener::broker};

template <>
struct Schema<WriteTxnMarkersRequest::WritableTxnMarkerTopic> {
    using T = WriteTxnMarkersRequest::WritableTxnMarkerTopic;
    static constexpr const char* name = "WritableTxnMarkerTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitionIndexes", partition_indexes),
    };
};
template <>
struct Schema<WriteTxnMarkersRequest::WritableTxnMarker> {
    using T = WriteTxnMarkersRequest::WritableTxnMarker;
    static constexpr const char* name = "WritableTxnMarker";
    static constexpr Field fields[] = {
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("producerEpoch", producer_epoch),
        KAFKA_FIELD("transactionResult", transaction_result),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("coordinatorEpoch", coordinator_epoch),
        KAFKA_FIELD("transactionVersion", transaction_version, since(2).ignorable()),
    };
};
template <>
struct Schema<WriteTxnMarkersRequest> {
    using T = WriteTxnMarkersRequest;
    static constexpr const char* name = "WriteTxnMarkersRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("markers", markers),
    };
};
constexpr MessageInfo WriteTxnMarkersRequest::info = request_of<WriteTxnMarkersRequest>(api);

template <>
struct Schema<WriteTxnMarkersResponse::WritableTxnMarkerPartitionResult> {
    using T = WriteTxnMarkersResponse::WritableTxnMarkerPartitionResult;
    static constexpr const char* name = "WritableTxnMarkerPartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<WriteTxnMarkersResponse::WritableTxnMarkerTopicResult> {
    using T = WriteTxnMarkersResponse::WritableTxnMarkerTopicResult;
    static constexpr const char* name = "WritableTxnMarkerTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<WriteTxnMarkersResponse::WritableTxnMarkerResult> {
    using T = WriteTxnMarkersResponse::WritableTxnMarkerResult;
    static constexpr const char* name = "WritableTxnMarkerResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("producerId", producer_id, entity("producerId")),
        KAFKA_FIELD("topics", topics),
    };
};
template <>
struct Schema<WriteTxnMarkersResponse> {
    using T = WriteTxnMarkersResponse;
    static constexpr const char* name = "WriteTxnMarkersResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("markers", markers),
    };
};
constexpr MessageInfo WriteTxnMarkersResponse::info = response_of<WriteTxnMarkersResponse>(api);

}  // namespace kafka::protocol
