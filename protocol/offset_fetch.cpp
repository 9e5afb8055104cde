// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/offset_fetch.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{9, "OffsetFetch", {1, 10}, 6, Listener::broker};

template <>
struct Schema<OffsetFetchRequest::Topic> {
    using T = OffsetFetchRequest::Topic;
    static constexpr const char* name = "OffsetFetchRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 7).entity("topicName")),
        KAFKA_FIELD("partitionIndexes", partition_indexes, between(0, 7)),
    };
};
template <>
struct Schema<OffsetFetchRequest::Topics> {
    using T = OffsetFetchRequest::Topics;
    static constexpr const char* name = "OffsetFetchRequestTopics";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(8, 9).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(10).ignorable()),
        KAFKA_FIELD("partitionIndexes", partition_indexes, since(8)),
    };
};
template <>
struct Schema<OffsetFetchRequest::Group> {
    using T = OffsetFetchRequest::Group;
    static constexpr const char* name = "OffsetFetchRequestGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, since(8).entity("groupId")),
        KAFKA_FIELD("memberId", member_id, since(9).nullable(9).ignorable()),
        KAFKA_FIELD("memberEpoch", member_epoch, since(9).ignorable()),
        KAFKA_FIELD("topics", topics, since(8).nullable(8)),
    };
};
template <>
struct Schema<OffsetFetchRequest> {
    using T = OffsetFetchRequest;
    static constexpr const char* name = "OffsetFetchRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, between(0, 7).entity("groupId")),
        KAFKA_FIELD("topics", topics, between(0, 7).nullable(2, 7)),
        KAFKA_FIELD("groups", groups, since(8)),
        KAFKA_FIELD("requireStable", require_stable, since(7)),
    };
};
constexpr MessageInfo OffsetFetchRequest::info = request_of<OffsetFetchRequest>(api);

template <>
struct Schema<OffsetFetchResponse::Partition> {
    using T = OffsetFetchResponse::Partition;
    static constexpr const char* name = "OffsetFetchResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, between(0, 7)),
        KAFKA_FIELD("committedOffset", committed_offset, between(0, 7)),
        KAFKA_FIELD("committedLeaderEpoch", committed_leader_epoch, between(5, 7).ignorable()),
        KAFKA_FIELD("metadata", metadata, between(0, 7).nullable(0, 7)),
        KAFKA_FIELD("errorCode", error_code, between(0, 7)),
    };
};
template <>
struct Schema<OffsetFetchResponse::Topic> {
    using T = OffsetFetchResponse::Topic;
    static constexpr const char* name = "OffsetFetchResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(0, 7).entity("topicName")),
        KAFKA_FIELD("partitions", partitions, between(0, 7)),
    };
};
template <>
struct Schema<OffsetFetchResponse::Partitions> {
    using T = OffsetFetchResponse::Partitions;
    static constexpr const char* name = "OffsetFetchResponsePartitions";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, since(8)),
        KAFKA_FIELD("committedOffset", committed_offset, since(8)),
        KAFKA_FIELD("committedLeaderEpoch", committed_leader_epoch, since(8).ignorable()),
        KAFKA_FIELD("metadata", metadata, since(8).nullable(8)),
        KAFKA_FIELD("errorCode", error_code, since(8)),
    };
};
template <>
struct Schema<OffsetFetchResponse::Topics> {
    using T = OffsetFetchResponse::Topics;
    static constexpr const char* name = "OffsetFetchResponseTopics";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, between(8, 9).ignorable().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id, since(10).ignorable()),
        KAFKA_FIELD("partitions", partitions, since(8)),
    };
};
template <>
struct Schema<OffsetFetchResponse::Group> {
    using T = OffsetFetchResponse::Group;
    static constexpr const char* name = "OffsetFetchResponseGroup";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, since(8).entity("groupId")),
        KAFKA_FIELD("topics", topics, since(8)),
        KAFKA_FIELD("errorCode", error_code, since(8)),
    };
};
template <>
struct Schema<OffsetFetchResponse> {
    using T = OffsetFetchResponse;
    static constexpr const char* name = "OffsetFetchResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, since(3).ignorable()),
        KAFKA_FIELD("topics", topics, between(0, 7)),
        KAFKA_FIELD("errorCode", error_code, between(2, 7).ignorable()),
        KAFKA_FIELD("groups", groups, since(8)),
    };
};
constexpr MessageInfo OffsetFetchResponse::info = response_of<OffsetFetchResponse>(api);

}  // namespace kafka::protocol
