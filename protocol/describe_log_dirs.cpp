// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_log_dirs.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{35, "DescribeLogDirs", {1, 5}, 2, Listener::broker};

template <>
struct Schema<DescribeLogDirsRequest::DescribableLogDirTopic> {
    using T = DescribeLogDirsRequest::DescribableLogDirTopic;
    static constexpr const char* name = "DescribableLogDirTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeLogDirsRequest> {
    using T = DescribeLogDirsRequest;
    static constexpr const char* name = "DescribeLogDirsRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics, nullable()),
    };
};
constexpr MessageInfo DescribeLogDirsRequest::info = request_of<DescribeLogDirsRequest>(api);

template <>
struct Schema<DescribeLogDirsResponse::Partition> {
    using T = DescribeLogDirsResponse::Partition;
    static constexpr const char* name = "DescribeLogDirsPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("partitionIndex", partition_index),
        KAFKA_FIELD("partitionSize", partition_size),
        KAFKA_FIELD("offsetLag", offset_lag),
        KAFKA_FIELD("isFutureKey", is_future_key),
    };
};
template <>
struct Schema<DescribeLogDirsResponse::Topic> {
    using T = DescribeLogDirsResponse::Topic;
    static constexpr const char* name = "DescribeLogDirsTopic";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<DescribeLogDirsResponse::Result> {
    using T = DescribeLogDirsResponse::Result;
    static constexpr const char* name = "DescribeLogDirsResult";
    static constexpr Field fields[] = {
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("logDir", log_dir),
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("totalBytes", total_bytes, since(4).ignorable()),
        KAFKA_FIELD("usableBytes", usable_bytes, since(4).ignorable()),
        KAFKA_FIELD("isCordoned", is_cordoned, since(5).ignorable()),
    };
};
template <>
struct Schema<DescribeLogDirsResponse> {
    using T = DescribeLogDirsResponse;
    static constexpr const char* name = "DescribeLogDirsResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code, since(3).ignorable()),
        KAFKA_FIELD("results", results),
    };
};
constexpr MessageInfo DescribeLogDirsResponse::info = response_of<DescribeLogDirsResponse>(api);

}  // namespace kafka::protocol
