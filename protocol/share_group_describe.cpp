// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/share_group_describe.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{77, "ShareGroupDescribe", {1, 1}, 0, Listener::broker};

template <>
struct Schema<ShareGroupDescribeRequest> {
    using T = ShareGroupDescribeRequest;
    static constexpr const char* name = "ShareGroupDescribeRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupIds", group_ids, entity("groupId")),
        KAFKA_FIELD("includeAuthorizedOperations", include_authorized_operations),
    };
};
constexpr MessageInfo ShareGroupDescribeRequest::info = request_of<ShareGroupDescribeRequest>(api);

template <>
struct Schema<ShareGroupDescribeResponse::TopicPartitions> {
    using T = ShareGroupDescribeResponse::TopicPartitions;
    static constexpr const char* name = "TopicPartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ShareGroupDescribeResponse::Assignment> {
    using T = ShareGroupDescribeResponse::Assignment;
    static constexpr const char* name = "Assignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicPartitions", topic_partitions),
    };
};
template <>
struct Schema<ShareGroupDescribeResponse::Member> {
    using T = ShareGroupDescribeResponse::Member;
    static constexpr const char* name = "Member";
    static constexpr Field fields[] = {
        KAFKA_FIELD("memberId", member_id),
        KAFKA_FIELD("rackId", rack_id, nullable()),
        KAFKA_FIELD("memberEpoch", member_epoch),
        KAFKA_FIELD("clientId", client_id),
        KAFKA_FIELD("clientHost", client_host),
        KAFKA_FIELD("subscribedTopicNames", subscribed_topic_names, entity("topicName")),
        KAFKA_FIELD("assignment", assignment),
    };
};
template <>
struct Schema<ShareGroupDescribeResponse::DescribedGroup> {
    using T = ShareGroupDescribeResponse::DescribedGroup;
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
struct Schema<ShareGroupDescribeResponse> {
    using T = ShareGroupDescribeResponse;
    static constexpr const char* name = "ShareGroupDescribeResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo ShareGroupDescribeResponse::info =
    response_of<ShareGroupDescribeResponse>(api);

}  // namespace kafka::protocol
