// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/alter_share_group_offsets.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{91, "AlterShareGroupOffsets", {0, 0}, 0, Listener::broker};

template <>
struct Schema<AlterShareGroupOffsetsRequest::Partition> {
    using T = AlterShareGroupOffsetsRequest::Partition;
    static constexpr const char* name = "AlterShareGroupOffsetsRequestPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("startOffset", start_offset),
    };
};
template <>
struct Schema<AlterShareGroupOffsetsRequest::Topic> {
    using T = AlterShareGroupOffsetsRequest::Topic;
    static constexpr const char* name = "AlterShareGroupOffsetsRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterShareGroupOffsetsRequest> {
    using T = AlterShareGroupOffsetsRequest;
    static constexpr const char* name = "AlterShareGroupOffsetsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo AlterShareGroupOffsetsRequest::info =
    request_of<AlterShareGroupOffsetsRequest>(api);

template <>
struct Schema<AlterShareGroupOffsetsResponse::Partition> {
    using T = AlterShareGroupOffsetsResponse::Partition;
    static constexpr const char* name = "AlterShareGroupOffsetsResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
template <>
struct Schema<AlterShareGroupOffsetsResponse::Topic> {
    using T = AlterShareGroupOffsetsResponse::Topic;
    static constexpr const char* name = "AlterShareGroupOffsetsResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topicName", topic_name, map_key().entity("topicName")),
        KAFKA_FIELD("topicId", topic_id),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<AlterShareGroupOffsetsResponse> {
    using T = AlterShareGroupOffsetsResponse;
    static constexpr const char* name = "AlterShareGroupOffsetsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("responses", responses),
    };
};
constexpr MessageInfo AlterShareGroupOffsetsResponse::info =
    response_of<AlterShareGroupOffsetsResponse>(api);

}  // namespace kafka::protocol
