// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/consumer_group_heartbeat.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{68, "ConsumerGroupHeartbeat", {0, 1}, 0, Listener::broker};

template <>
struct Schema<ConsumerGroupHeartbeatRequest::TopicPartitions> {
    using T = ConsumerGroupHeartbeatRequest::TopicPartitions;
    static constexpr const char* name = "TopicPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ConsumerGroupHeartbeatRequest> {
    using T = ConsumerGroupHeartbeatRequest;
    static constexpr const char* name = "ConsumerGroupHeartbeatRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("instanceId", instance_id, nullable()),
        KAFKA_FIELD("rackId", rack_id, nullable()),
        KAFKA_FIELD("rebalanceTimeoutMs", rebalance_timeout_ms),
        KAFKA_FIELD("subscribedTopicNames", subscribed_topic_names, nullable().entity("topicName")),
        KAFKA_FIELD("subscribedTopicRegex", subscribed_topic_regex, since(1).nullable(1)),
        KAFKA_FIELD("serverAssignor", server_assignor, nullable()),
        KAFKA_FIELD("topicPartitions", topic_partitions, nullable()),
    };
};
constexpr MessageInfo ConsumerGroupHeartbeatRequest::info =
    request_of<ConsumerGroupHeartbeatRequest>(api);

template <>
struct Schema<ConsumerGroupHeartbeatResponse::TopicPartitions> {
    using T = ConsumerGroupHeartbeatResponse::TopicPartitions;
    static constexpr const char* name = "TopicPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ConsumerGroupHeartbeatResponse::Assignment> {
    using T = ConsumerGroupHeartbeatResponse::Assignment;
    static constexpr const char* name = "Assignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicPartitions", topic_partitions),
    };
};
template <>
struct Schema<ConsumerGroupHeartbeatResponse> {
    using T = ConsumerGroupHeartbeatResponse;
    static constexpr const char* name = "ConsumerGroupHeartbeatResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("memberId", member_id, nullable()),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("heartbeatIntervalMs", heartbeat_interval_ms),
        KAFKA_FIELD("assignment", assignment, nullable()),
    };
};
constexpr MessageInfo ConsumerGroupHeartbeatResponse::info =
    response_of<ConsumerGroupHeartbeatResponse>(api);

}  // namespace kafka::protocol
