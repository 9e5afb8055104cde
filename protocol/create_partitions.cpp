// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/create_partitions.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{37, "CreatePartitions", {0, 3}, 2, Listener::both};

template <>
struct Schema<CreatePartitionsRequest::Assignment> {
    using T = CreatePartitionsRequest::Assignment;
    static constexpr const char* name = "CreatePartitionsAssignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerIds", broker_ids, entity("brokerId")),
    };
};
template <>
struct Schema<CreatePartitionsRequest::Topic> {
    using T = CreatePartitionsRequest::Topic;
    static constexpr const char* name = "CreatePartitionsTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("count", count),
        KAFKA_FIELD("assignments", assignments, nullable()),
    };
};
template <>
struct Schema<CreatePartitionsRequest> {
    using T = CreatePartitionsRequest;
    static constexpr const char* name = "CreatePartitionsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("validateOnly", validate_only),
    };
};
constexpr MessageInfo CreatePartitionsRequest::info = request_of<CreatePartitionsRequest>(api);

template <>
struct Schema<CreatePartitionsResponse::TopicResult> {
    using T = CreatePartitionsResponse::TopicResult;
    static constexpr const char* name = "CreatePartitionsTopicResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<CreatePartitionsResponse> {
    using T = CreatePartitionsResponse;
    static constexpr const char* name = "CreatePartitionsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo CreatePartitionsResponse::info = response_of<CreatePartitionsResponse>(api);

}  // namespace kafka::protocol
