// SPDX-License-Identifier: Apache-2.0
// Vote, API key 52, v0-2, flexible from v0.
// Asks for a vote in the controllers' quorum (KIP-595; pre-votes KIP-996).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct VoteResponse;

struct VoteRequest {
    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int32_t replica_epoch = 0;
        std::int32_t replica_id = 0;  ///< -1: a consumer
        Uuid replica_directory_id{};
        Uuid voter_directory_id{};
        std::int32_t last_offset_epoch = 0;
        std::int64_t last_offset = 0;
        bool pre_vote = false;
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        std::string topic_name{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = VoteResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id{};
    std::int32_t voter_id = -1;
    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
};

struct VoteResponse {
    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        bool vote_granted = false;
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
