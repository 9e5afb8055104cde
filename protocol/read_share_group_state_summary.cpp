// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/read_share_group_state_summary.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{87, "ReadShareGroupStateSummary", {0, 1}, 0, Listener::broker};

template <>
struct Schema<ReadShareGroupStateSummaryRequest::PartitionData> {
    using T = ReadShareGroupStateSummaryRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
    };
};
template <>
struct Schema<ReadShareGroupStateSummaryRequest::ReadStateSummaryData> {
    using T = ReadShareGroupStateSummaryRequest::ReadStateSummaryData;
    static constexpr const char* name = "ReadStateSummaryData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ReadShareGroupStateSummaryRequest> {
    using T = ReadShareGroupStateSummaryRequest;
    static constexpr const char* name = "ReadShareGroupStateSummaryRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo ReadShareGroupStateSummaryRequest::info =
    request_of<ReadShareGroupStateSummaryRequest>(api);

template <>
struct Schema<ReadShareGroupStateSummaryResponse::PartitionResult> {
    using T = ReadShareGroupStateSummaryResponse::PartitionResult;
    static constexpr const char* name = "PartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("stateEpoch", state_epoch),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("startOffset", start_offset),
        KAFKA_FIELD("deliveryCompleteCount", delivery_complete_count, since(1).ignorable()),
    };
};
template <>
struct Schema<ReadShareGroupStateSummaryResponse::ReadStateSummaryResult> {
    using T = ReadShareGroupStateSummaryResponse::ReadStateSummaryResult;
    static constexpr const char* name = "ReadStateSummaryResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ReadShareGroupStateSummaryResponse> {
    using T = ReadShareGroupStateSummaryResponse;
    static constexpr const char* name = "ReadShareGroupStateSummaryResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo ReadShareGroupStateSummaryResponse::info =
    response_of<ReadShareGroupStateSummaryResponse>(api);

}  // namespace kafka::protocol
