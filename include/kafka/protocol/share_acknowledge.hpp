// SPDX-License-Identifier: Apache-2.0
// ShareAcknowledge, API key 79, v1-2, flexible from v0.
// Accepts, releases, rejects or renews acquired records (KIP-932, KIP-1222).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ShareAcknowledgeResponse;

struct ShareAcknowledgeRequest {
    struct AcknowledgementBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::vector<std::int8_t> acknowledge_types{};
        UnknownTags unknown_tags{};
    };

    struct AcknowledgePartition {
        std::int32_t partition_index = 0;
        std::vector<AcknowledgementBatch> acknowledgement_batches{};
        UnknownTags unknown_tags{};
    };

    struct AcknowledgeTopic {
        Uuid topic_id{};
        std::vector<AcknowledgePartition> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ShareAcknowledgeResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> group_id{};
    std::optional<std::string> member_id = "";
    std::int32_t share_session_epoch = 0;
    bool is_renew_ack = false;
    std::vector<AcknowledgeTopic> topics{};
    UnknownTags unknown_tags{};
};

struct ShareAcknowledgeResponse {
    struct LeaderIdAndEpoch {
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        LeaderIdAndEpoch current_leader{};
        UnknownTags unknown_tags{};
    };

    struct TopicResponse {
        Uuid topic_id{};
        std::vector<PartitionData> partitions{};
        UnknownTags unknown_tags{};
    };

    struct NodeEndpoint {
        std::int32_t node_id = 0;
        std::string host{};
        std::int32_t port = 0;
        std::optional<std::string> rack{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::int32_t acquisition_lock_timeout_ms = 0;  ///< milliseconds
    std::vector<TopicResponse> responses{};
    std::vector<NodeEndpoint> node_endpoints{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
