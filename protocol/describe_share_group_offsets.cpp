// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_share_group_offsets.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{90, "DescribeShareGroupOffsets", {0, 1}, 0, Listener::broker};

template <>
struct Schema<DescribeShareGroupOffsetsRequest::Topic> {
    using T = DescribeShareGroupOffsetsRequest::Topic;
    static constexpr const char* name = "DescribeShareGroupOffsetsRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeShareGroupOffsetsRequest::Group> {
    using T = DescribeShareGroupOffsetsRequest::Group;
    static constexpr const char* name = "DescribeShareGroupOffsetsRequestGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("topics", topics, nullable()),
    };
};
template <>
struct Schema<DescribeShareGroupOffsetsRequest> {
    using T = DescribeShareGroupOffsetsRequest;
    static constexpr const char* name = "DescribeShareGroupOffsetsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo DescribeShareGroupOffsetsRequest::info =
    request_of<DescribeShareGroupOffsetsRequest>(api);

template <>
struct Schema<DescribeShareGroupOffsetsResponse::Partition> {
    using T = DescribeShareGroupOffsetsResponse::Partition;
    static constexpr const char* name = "DescribeShareGroupOffsetsResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("startOffset", start_offset),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("lag", lag, since(1).ignorable()),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<DescribeShareGroupOffsetsResponse::Topic> {
    using T = DescribeShareGroupOffsetsResponse::Topic;
    static constexpr const char* name = "DescribeShareGroupOffsetsResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, entity("topicName")),
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeShareGroupOffsetsResponse::Group> {
    using T = DescribeShareGroupOffsetsResponse::Group;
    static constexpr const char* name = "DescribeShareGroupOffsetsResponseGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<DescribeShareGroupOffsetsResponse> {
    using T = DescribeShareGroupOffsetsResponse;
    static constexpr const char* name = "DescribeShareGroupOffsetsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("groups", groups),
    };
};
constexpr MessageInfo DescribeShareGroupOffsetsResponse::info =
    response_of<DescribeShareGroupOffsetsResponse>(api);

}  // namespace kafka::protocol
