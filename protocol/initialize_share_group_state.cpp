// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/initialize_share_group_state.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{83, "InitializeShareGroupState", {0, 0}, 0, Listener::broker};

template <>
struct Schema<InitializeShareGroupStateRequest::PartitionData> {
    using T = InitializeShareGroupStateRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("stateEpoch", state_epoch),
        KAFKA_FIELD("startOffset", start_offset),
    };
};
template <>
struct Schema<InitializeShareGroupStateRequest::InitializeStateData> {
    using T = InitializeShareGroupStateRequest::InitializeStateData;
    static constexpr const char* name = "InitializeStateData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<InitializeShareGroupStateRequest> {
    using T = InitializeShareGroupStateRequest;
    static constexpr const char* name = "InitializeShareGroupStateRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo InitializeShareGroupStateRequest::info =
    request_of<InitializeShareGroupStateRequest>(api);

template <>
struct Schema<InitializeShareGroupStateResponse::PartitionResult> {
    using T = InitializeShareGroupStateResponse::PartitionResult;
    static constexpr const char* name = "PartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<InitializeShareGroupStateResponse::InitializeStateResult> {
    using T = InitializeShareGroupStateResponse::InitializeStateResult;
    static constexpr const char* name = "InitializeStateResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<InitializeShareGroupStateResponse> {
    using T = InitializeShareGroupStateResponse;
    static constexpr const char* name = "InitializeShareGroupStateResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo InitializeShareGroupStateResponse::info =
    response_of<InitializeShareGroupStateResponse>(api);

}  // namespace kafka::protocol
