// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/read_share_group_state.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{84, "ReadShareGroupState", {0, 0}, 0, Listener::broker};

template <>
struct Schema<ReadShareGroupStateRequest::PartitionData> {
    using T = ReadShareGroupStateRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<ReadShareGroupStateRequest::ReadStateData> {
    using T = ReadShareGroupStateRequest::ReadStateData;
    static constexpr const char* name = "ReadStateData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ReadShareGroupStateRequest> {
    using T = ReadShareGroupStateRequest;
    static constexpr const char* name = "ReadShareGroupStateRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo ReadShareGroupStateRequest::info =
    request_of<ReadShareGroupStateRequest>(api);

template <>
struct Schema<ReadShareGroupStateResponse::StateBatch> {
    using T = ReadShareGroupStateResponse::StateBatch;
    static constexpr const char* name = "StateBatch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("firstOffset", first_offset),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("deliveryState", delivery_state),
        KAFKA_FIELD("deliveryCount", delivery_count),
    };
};
template <>
struct Schema<ReadShareGroupStateResponse::PartitionResult> {
    using T = ReadShareGroupStateResponse::PartitionResult;
    static constexpr const char* name = "PartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("stateEpoch", state_epoch),
        KAFKA_FIELD("startOffset", start_offset),
        KAFKA_FIELD("stateBatches", state_batches),
    };
};
template <>
struct Schema<ReadShareGroupStateResponse::ReadStateResult> {
    using T = ReadShareGroupStateResponse::ReadStateResult;
    static constexpr const char* name = "ReadStateResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ReadShareGroupStateResponse> {
    using T = ReadShareGroupStateResponse;
    static constexpr const char* name = "ReadShareGroupStateResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo ReadShareGroupStateResponse::info =
    response_of<ReadShareGroupStateResponse>(api);

}  // namespace kafka::protocol
