// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/delete_topics.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{20, "DeleteTopics", {1, 6}, 4, Listener::both};

template <>
struct Schema<DeleteTopicsRequest::DeleteTopicState> {
    using T = DeleteTopicsRequest::DeleteTopicState;
    static constexpr const char* name = "DeleteTopicState";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, since(6).nullable(6).entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(6)),
    };
};
template <>
struct Schema<DeleteTopicsRequest> {
    using T = DeleteTopicsRequest;
    static constexpr const char* name = "DeleteTopicsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics, since(6)),
        KAFKA_FIELD("topicNames", topic_names, between(0, 5).ignorable().entity("topicName")),
        KAFKA_FIELD("timeoutMs", timeout_ms),
    };
};
constexpr MessageInfo DeleteTopicsRequest::info = request_of<DeleteTopicsRequest>(api);

template <>
struct Schema<DeleteTopicsResponse::DeletableTopicResult> {
    using T = DeleteTopicsResponse::DeletableTopicResult;
    static constexpr const char* name = "DeletableTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, nullable(6).map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(6).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, since(5).nullable(5).ignorable()),
    };
};
template <>
struct Schema<DeleteTopicsResponse> {
    using T = DeleteTopicsResponse;
    static constexpr const char* name = "DeleteTopicsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(1).ignorable()),
        KAFKA_FIELD("responses", responses),
    };
};
constexpr MessageInfo DeleteTopicsResponse::info = response_of<DeleteTopicsResponse>(api);

}  // namespace kafka::protocol
