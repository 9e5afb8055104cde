// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/delete_share_group_state.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{86, "DeleteShareGroupState", {0, 0}, 0, Listener::broker};

template <>
struct Schema<DeleteShareGroupStateRequest::PartitionData> {
    using T = DeleteShareGroupStateRequest::PartitionData;
    static constexpr const char* name = "PartitionData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
    };
};
template <>
struct Schema<DeleteShareGroupStateRequest::DeleteStateData> {
    using T = DeleteShareGroupStateRequest::DeleteStateData;
    static constexpr const char* name = "DeleteStateData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DeleteShareGroupStateRequest> {
    using T = DeleteShareGroupStateRequest;
    static constexpr const char* name = "DeleteShareGroupStateRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo DeleteShareGroupStateRequest::info =
    request_of<DeleteShareGroupStateRequest>(api);

template <>
struct Schema<DeleteShareGroupStateResponse::PartitionResult> {
    using T = DeleteShareGroupStateResponse::PartitionResult;
    static constexpr const char* name = "PartitionResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partition", partition),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<DeleteShareGroupStateResponse::DeleteStateResult> {
    using T = DeleteShareGroupStateResponse::DeleteStateResult;
    static constexpr const char* name = "DeleteStateResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DeleteShareGroupStateResponse> {
    using T = DeleteShareGroupStateResponse;
    static constexpr const char* name = "DeleteShareGroupStateResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo DeleteShareGroupStateResponse::info =
    response_of<DeleteShareGroupStateResponse>(api);

}  // namespace kafka::protocol
