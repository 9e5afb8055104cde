// SPDX-License-Identifier: Apache-2.0
// DescribeQuorum, API key 55, v0-2, flexible from v0.
// Describes the controllers' quorum and its lag (KIP-595, KIP-836, KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeQuorumResponse;

struct DescribeQuorumRequest {
    struct PartitionData {
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        std::string topic_name{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = DescribeQuorumResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<TopicData> topics{};
    UnknownTags unknown_tags{};
};

struct DescribeQuorumResponse {
    struct ReplicaState {
        std::int32_t replica_id = 0;  ///< -1: a consumer
        Uuid replica_directory_id{};
        std::int64_t log_end_offset = 0;
        std::int64_t last_fetch_timestamp = -1;
        std::int64_t last_caught_up_timestamp = -1;
        UnknownTags unknown_tags{};
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        /// The next offset that is not yet on all in-sync replicas.
        std::int64_t high_watermark = 0;
        std::vector<ReplicaState> current_voters{};
        std::vector<ReplicaState> observers{};
        UnknownTags unknown_tags{};
    };

    struct TopicData {
        std::string topic_name{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Listener {
        std::string name{};
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    struct Node {
        std::int32_t node_id = 0;
        std::vector<Listener> listeners{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<TopicData> topics{};
    std::vector<Node> nodes{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
