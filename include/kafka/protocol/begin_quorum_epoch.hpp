// SPDX-License-Identifier: Apache-2.0
// BeginQuorumEpoch, API key 53, v0-1, flexible from v1.
// Announces a new leader to the controllers' quorum (KIP-595).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct BeginQuorumEpochResponse;

struct BeginQuorumEpochRequest {
    struct PartitionData {
        std::int32_t partition_index = 0;
        Uuid voter_directory_id{};
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        std::string topic_name{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    struct LeaderEndpoint {
        std::string name{};
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = BeginQuorumEpochResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id{};
    std::int32_t voter_id = -1;
    std::vector<TopicData> topics{};
    std::vector<LeaderEndpoint> leader_endpoints{};
    UnknownTags unknown_tags{};
};

struct BeginQuorumEpochResponse {
    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        std::string topic_name{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    struct NodeEndpoint {
        std::int32_t node_id = 0;
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::vector<TopicData> topics{};
    std::vector<NodeEndpoint> node_endpoints{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
