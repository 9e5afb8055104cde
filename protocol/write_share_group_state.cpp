// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/write_share_group_state.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{85, "WriteShareGroupState", {0, 1}, 0, Listener::broker};

template <>
struct Schema<WriteShareGroupStateRequest::StateBatch> {
    using T = WriteShareGroupStateRequest::StateBatch;
    static constexpr const char* name = "StateBatch";
    static constexpr Field fields[] = {
        KAFKA_FIELD("firstOffset", first_offset),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("deliveryState", delivery_state),
        KAFKA_FIELD("deliveryCount", delivery_count),
    };
};
template <>
struct Schema<WriteShareGroupStateRequest::PartitionData> {
    using T = WriteShareGroupStateRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("stateEpoch", state_epoch),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("startOffset", start_offset),
        KAFKA_FIELD("deliveryCompleteCount", delivery_complete_count, since(1).ignorable()),
        KAFKA_FIELD("stateBatches", state_batches),
    };
};
template <>
struct Schema<WriteShareGroupStateRequest::WriteStateData> {
    using T = WriteShareGroupStateRequest::WriteStateData;
    static constexpr const char* name = "WriteStateData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<WriteShareGroupStateRequest> {
    using T = WriteShareGroupStateRequest;
    static constexpr const char* name = "WriteShareGroupStateRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo WriteShareGroupStateRequest::info =
    request_of<WriteShareGroupStateRequest>(api);

template <>
struct Schema<WriteShareGroupStateResponse::PartitionResult> {
    using T = WriteShareGroupStateResponse::PartitionResult;
    static constexpr const char* name = "PartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<WriteShareGroupStateResponse::WriteStateResult> {
    using T = WriteShareGroupStateResponse::WriteStateResult;
    static constexpr const char* name = "WriteStateResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<WriteShareGroupStateResponse> {
    using T = WriteShareGroupStateResponse;
    static constexpr const char* name = "WriteShareGroupStateResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo WriteShareGroupStateResponse::info =
    response_of<WriteShareGroupStateResponse>(api);

}  // namespace kafka::protocol
