// SPDX-License-Identifier: Apache-2.0
// OffsetDelete, API key 47, v0.
// Deletes committed positions of a group (KIP-496).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct OffsetDeleteResponse;

struct OffsetDeleteRequest {
    struct Partition {
        std::int32_t partition_index = 0;
    };

    struct Topic {
        std::string name{};
        std::vector<Partition> partitions{};
    };

    using response_type = OffsetDeleteResponse;
    KAFKA_API static const MessageInfo info;

    std::string group_id{};
    std::vector<Topic> topics{};
};

struct OffsetDeleteResponse {
    struct Partition {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
    };

    struct Topic {
        std::string name{};
        std::vector<Partition> partitions{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics{};
};

}  // namespace kafka::protocol
