// SPDX-License-Identifier: Apache-2.0
// What members of classic consumer groups tell each other inside JoinGroup and SyncGroup
// (metadata and assignment blobs): a version, then one of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ConsumerProtocolSubscription {
    struct TopicPartition {
        std::string topic{};
        std::vector<std::int32_t> partitions{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<std::string> topics{};
    std::optional<Bytes> user_data{};
    std::vector<TopicPartition> owned_partitions{};
    std::int32_t generation_id = -1;
    std::optional<std::string> rack_id{};
};

struct ConsumerProtocolAssignment {
    struct TopicPartition {
        std::string topic{};
        std::vector<std::int32_t> partitions{};
    };

    KAFKA_API static const MessageInfo info;

    std::vector<TopicPartition> assigned_partitions{};
    std::optional<Bytes> user_data{};
};

}  // namespace kafka::protocol
