// SPDX-License-Identifier: Apache-2.0
// DescribeLogDirs, API key 35, v1-5, flexible from v2.
// Describes the log directories of a broker and what lies in them (KIP-113).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeLogDirsResponse;

struct DescribeLogDirsRequest {
    struct DescribableLogDirTopic {
        std::string topic{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeLogDirsResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::vector<DescribableLogDirTopic>> topics =
        std::vector<DescribableLogDirTopic>{};
    UnknownTags unknown_tags{};
};

struct DescribeLogDirsResponse {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t partition_size = 0;
        std::int64_t offset_lag = 0;
        bool is_future_key = false;
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string name{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Result {
        std::int16_t error_code = 0;
        std::string log_dir{};
        std::vector<Topic> topics{};
        std::int64_t total_bytes = -1;
        std::int64_t usable_bytes = -1;
        bool is_cordoned = false;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<Result> results{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
