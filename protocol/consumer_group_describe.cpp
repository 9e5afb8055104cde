// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/consumer_group_describe.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{69, "ConsumerGroupDescribe", {0, 1}, 0, Listener::broker};

template <>
struct Schema<ConsumerGroupDescribeRequest> {
    using T = ConsumerGroupDescribeRequest;
    static constexpr const char* name = "ConsumerGroupDescribeRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupIds", group_ids, entity("groupId")),
        KAFKA_FIELD("includeAuthorizedOperations", include_authorized_operations),
    };
};
constexpr MessageInfo ConsumerGroupDescribeRequest::info =
    request_of<ConsumerGroupDescribeRequest>(api);

template <>
struct Schema<ConsumerGroupDescribeResponse::TopicPartitions> {
    using T = ConsumerGroupDescribeResponse::TopicPartitions;
    static constexpr const char* name = "TopicPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ConsumerGroupDescribeResponse::Assignment> {
    using T = ConsumerGroupDescribeResponse::Assignment;
    static constexpr const char* name = "Assignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicPartitions", topic_partitions),
    };
};
template <>
struct Schema<ConsumerGroupDescribeResponse::Member> {
    using T = ConsumerGroupDescribeResponse::Member;
    static constexpr const char* name = "Member";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("instanceId", instance_id, nullable()),
        KAFKA_FIELD("rackId", rack_id, nullable()),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("clientId", client_id),
        KAFKA_FIELD("clientHost", client_host),
        KAFKA_FIELD("subscribedTopicNames", subscribed_topic_names, entity("topicName")),
        KAFKA_FIELD("subscribedTopicRegex", subscribed_topic_regex, nullable()),
        KAFKA_FIELD("assignment", assignment),
        KAFKA_FIELD("targetAssignment", target_assignment),
        KAFKA_FIELD("memberType", member_type, since(1).ignorable()),
    };
};
template <>
struct Schema<ConsumerGroupDescribeResponse::DescribedGroup> {
    using T = ConsumerGroupDescribeResponse::DescribedGroup;
    static constexpr const char* name = "DescribedGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("groupState", group_state),
        KAFKA_FIELD("groupEpoch", group_epoch),
        KAFKA_FIELD("assignmentEpoch", assignment_epoch),
        KAFKA_FIELD("assignorName", assignor_name),
        KAFKA_FIELD("members", members),
        KAFKA_FIELD("authorizedOperations", authorized_operations),
    };
};
template <>
struct Schema<ConsumerGroupDescribeResponse> {
    using T = ConsumerGroupDescribeResponse;
    static constexpr const char* name = "ConsumerGroupDescribeResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo ConsumerGroupDescribeResponse::info =
    response_of<ConsumerGroupDescribeResponse>(api);

}  // namespace kafka::protocol
