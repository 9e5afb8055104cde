// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/share_group_heartbeat.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{76, "ShareGroupHeartbeat", {1, 1}, 0, Listener::broker};

template <>
struct Schema<ShareGroupHeartbeatRequest> {
    using T = ShareGroupHeartbeatRequest;
    static constexpr const char* name = "ShareGroupHeartbeatRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("rackId", rack_id, nullable()),
        KAFKA_FIELD("subscribedTopicNames", subscribed_topic_names, nullable().entity("topicName")),
    };
};
constexpr MessageInfo ShareGroupHeartbeatRequest::info =
    request_of<ShareGroupHeartbeatRequest>(api);

template <>
struct Schema<ShareGroupHeartbeatResponse::TopicPartitions> {
    using T = ShareGroupHeartbeatResponse::TopicPartitions;
    static constexpr const char* name = "TopicPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareGroupHeartbeatResponse::Assignment> {
    using T = ShareGroupHeartbeatResponse::Assignment;
    static constexpr const char* name = "Assignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicPartitions", topic_partitions),
    };
};
template <>
struct Schema<ShareGroupHeartbeatResponse> {
    using T = ShareGroupHeartbeatResponse;
    static constexpr const char* name = "ShareGroupHeartbeatResponse";
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
constexpr MessageInfo ShareGroupHeartbeatResponse::info =
    response_of<ShareGroupHeartbeatResponse>(api);

}  // namespace kafka::protocol
