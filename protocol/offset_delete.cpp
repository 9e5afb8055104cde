// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/offset_delete.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{47, "OffsetDelete", {0, 0}, never_flexible, Listener::broker};

template <>
struct Schema<OffsetDeleteRequest::Partition> {
    using T = OffsetDeleteRequest::Partition;
    static constexpr const char* name = "OffsetDeleteRequestPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
    };
};
template <>
struct Schema<OffsetDeleteRequest::Topic> {
    using T = OffsetDeleteRequest::Topic;
    static constexpr const char* name = "OffsetDeleteRequestTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<OffsetDeleteRequest> {
    using T = OffsetDeleteRequest;
    static constexpr const char* name = "OffsetDeleteRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("groupId", group_id, entity("groupId")),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo OffsetDeleteRequest::info = request_of<OffsetDeleteRequest>(api);

template <>
struct Schema<OffsetDeleteResponse::Partition> {
    using T = OffsetDeleteResponse::Partition;
    static constexpr const char* name = "OffsetDeleteResponsePartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index, map_key()),
        KAFKA_FIELD("errorCode", error_code),
    };
};
template <>
struct Schema<OffsetDeleteResponse::Topic> {
    using T = OffsetDeleteResponse::Topic;
    static constexpr const char* name = "OffsetDeleteResponseTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<OffsetDeleteResponse> {
    using T = OffsetDeleteResponse;
    static constexpr const char* name = "OffsetDeleteResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms, ignorable()),
        KAFKA_FIELD("topics", topics),
    };
};
constexpr MessageInfo OffsetDeleteResponse::info = response_of<OffsetDeleteResponse>(api);

}  // namespace kafka::protocol
