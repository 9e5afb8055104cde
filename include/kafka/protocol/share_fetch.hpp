// SPDX-License-Identifier: Apache-2.0
// ShareFetch, API key 78, v1-2, flexible from v0.
// Acquires records of a share group, and acknowledges earlier ones on the way (KIP-932).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ShareFetchResponse;

struct ShareFetchRequest {
    struct AcknowledgementBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::vector<std::int8_t> acknowledge_types{};
        UnknownTags unknown_tags{};
    };

    struct FetchPartition {
        std::int32_t partition_index = 0;
        std::int32_t partition_max_bytes = 0;
        std::vector<AcknowledgementBatch> acknowledgement_batches{};
        UnknownTags unknown_tags{};
    };

    struct FetchTopic {
        Uuid topic_id{};
        std::vector<FetchPartition> partitions{};
        UnknownTags unknown_tags{};
    };

    struct ForgottenTopic {
        Uuid topic_id{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = ShareFetchResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> group_id{};
    std::optional<std::string> member_id = "";
    std::int32_t share_session_epoch = 0;
    std::int32_t max_wait_ms = 0;  ///< milliseconds
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
    std::int32_t max_records = 0;
    std::int32_t batch_size = 0;
    std::int8_t share_acquire_mode = 0;
    bool is_renew_ack = false;
    std::vector<FetchTopic> topics{};
    std::vector<ForgottenTopic> forgotten_topics_data{};
    UnknownTags unknown_tags{};
};

struct ShareFetchResponse {
    struct LeaderIdAndEpoch {
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct AcquiredRecords {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::int16_t delivery_count = 0;
        UnknownTags unknown_tags{};
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        std::optional<std::string> error_message{};
        std::int16_t acknowledge_error_code = 0;
        std::optional<std::string> acknowledge_error_message{};
        LeaderIdAndEpoch current_leader{};
        Slice records{};
        std::vector<AcquiredRecords> acquired_records{};
        UnknownTags unknown_tags{};
    };

    struct ShareFetchableTopicResponse {
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
    std::vector<ShareFetchableTopicResponse> responses{};
    std::vector<NodeEndpoint> node_endpoints{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
