// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/delete_share_group_offsets.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{92, "DeleteShareGroupOffsets", {0, 0}, 0, Listener::broker};

template <>
struct Schema<DeleteShareGroupOffsetsRequest::Topic> {
    using T = DeleteShareGroupOffsetsRequest::Topic;
    static constexpr const char* name = "DeleteShareGroupOffsetsRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
    };
};
template <>
struct Schema<DeleteShareGroupOffsetsRequest> {
    using T = DeleteShareGroupOffsetsRequest;
    static constexpr const char* name = "DeleteShareGroupOffsetsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo DeleteShareGroupOffsetsRequest::info =
    request_of<DeleteShareGroupOffsetsRequest>(api);

template <>
struct Schema<DeleteShareGroupOffsetsResponse::Topic> {
    using T = DeleteShareGroupOffsetsResponse::Topic;
    static constexpr const char* name = "DeleteShareGroupOffsetsResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<DeleteShareGroupOffsetsResponse> {
    using T = DeleteShareGroupOffsetsResponse;
    static constexpr const char* name = "DeleteShareGroupOffsetsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("responses", responses),
    };
};
constexpr MessageInfo DeleteShareGroupOffsetsResponse::info =
    response_of<DeleteShareGroupOffsetsResponse>(api);

}  // namespace kafka::protocol
