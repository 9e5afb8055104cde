// SPDX-License-Identifier: Apache-2.0
// Produce, API key 0, v3-13, flexible from v9.
// Appends record batches to partitions; sent to each partition's leader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ProduceResponse;

struct ProduceRequest {
    struct PartitionProduceData {
        std::int32_t index = 0;
        Slice records{};
        UnknownTags unknown_tags{};
    };

    struct TopicProduceData {
        std::string name{};
        Uuid topic_id{};
        std::vector<PartitionProduceData> partition_data{};
        UnknownTags unknown_tags{};
    };

    using response_type = ProduceResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> transactional_id{};
    std::int16_t acks = 0;        ///< -1: all in-sync replicas, 0: no answer, 1: the leader
    std::int32_t timeout_ms = 0;  ///< milliseconds
    std::vector<TopicProduceData> topic_data{};
    UnknownTags unknown_tags{};
};

struct ProduceResponse {
    struct BatchIndexAndErrorMessage {
        std::int32_t batch_index = 0;
        std::optional<std::string> batch_index_error_message{};
        UnknownTags unknown_tags{};
    };

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct PartitionProduceResponse {
        std::int32_t index = 0;
        std::int16_t error_code = 0;
        std::int64_t base_offset = 0;
        std::int64_t log_append_time_ms = -1;  ///< milliseconds
        std::int64_t log_start_offset = -1;    ///< -1: not known
        std::vector<BatchIndexAndErrorMessage> record_errors{};
        std::optional<std::string> error_message{};
        LeaderIdAndEpoch current_leader{};
        UnknownTags unknown_tags{};
    };

    struct TopicProduceResponse {
        std::string name{};
        Uuid topic_id{};
        std::vector<PartitionProduceResponse> partition_responses{};
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

    std::vector<TopicProduceResponse> responses{};
    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<NodeEndpoint> node_endpoints{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
