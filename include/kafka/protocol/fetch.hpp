// SPDX-License-Identifier: Apache-2.0
// Fetch, API key 1, v4-18, flexible from v12.
// Reads record batches from partitions, waiting for more where there are too few. Consumers and
// replicas use it alike; fetch sessions are KIP-227.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct FetchResponse;

struct FetchRequest {
    struct ReplicaState {
        std::int32_t replica_id = -1;  ///< -1: a consumer
        std::int64_t replica_epoch = -1;
        UnknownTags unknown_tags{};
    };

    struct Partition {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = -1;  ///< -1: not checked (KIP-320)
        std::int64_t fetch_offset = 0;
        std::int32_t last_fetched_epoch = -1;
        std::int64_t log_start_offset = -1;  ///< -1: not known
        std::int32_t partition_max_bytes = 0;
        Uuid replica_directory_id{};
        /// The next offset that is not yet on all in-sync replicas.
        std::int64_t high_watermark = std::numeric_limits<std::int64_t>::max();
        UnknownTags unknown_tags{};
    };

    struct Topic {
        std::string topic{};
        Uuid topic_id{};
        std::vector<Partition> partitions{};
        UnknownTags unknown_tags{};
    };

    struct ForgottenTopic {
        std::string topic{};
        Uuid topic_id{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    using response_type = FetchResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> cluster_id{};
    std::int32_t replica_id = -1;  ///< -1: a consumer
    ReplicaState replica_state{};
    std::int32_t max_wait_ms = 0;  ///< milliseconds
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
    std::int8_t isolation_level = 0;  ///< 0: read_uncommitted, 1: read_committed
    std::int32_t session_id = 0;
    std::int32_t session_epoch = -1;
    std::vector<Topic> topics{};
    std::vector<ForgottenTopic> forgotten_topics_data{};
    std::string rack_id{};
    UnknownTags unknown_tags{};
};

struct FetchResponse {
    struct EpochEndOffset {
        std::int32_t epoch = -1;
        std::int64_t end_offset = -1;
        UnknownTags unknown_tags{};
    };

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;  ///< -1: not known
        UnknownTags unknown_tags{};
    };

    struct SnapshotId {
        std::int64_t end_offset = -1;
        std::int32_t epoch = -1;
        UnknownTags unknown_tags{};
    };

    struct AbortedTransaction {
        std::int64_t producer_id = 0;
        std::int64_t first_offset = 0;
        UnknownTags unknown_tags{};
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int16_t error_code = 0;
        /// The next offset that is not yet on all in-sync replicas.
        std::int64_t high_watermark = 0;
        std::int64_t last_stable_offset = -1;  ///< read_committed ends here; -1: not known
        std::int64_t log_start_offset = -1;    ///< -1: not known
        EpochEndOffset diverging_epoch{};
        LeaderIdAndEpoch current_leader{};
        SnapshotId snapshot_id{};
        std::optional<std::vector<AbortedTransaction>> aborted_transactions =
            std::vector<AbortedTransaction>{};
        std::int32_t preferred_read_replica = -1;  ///< -1: none (KIP-392)
        Slice records{};
        UnknownTags unknown_tags{};
    };

    struct FetchableTopicResponse {
        std::string topic{};
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
    std::int32_t session_id = 0;
    std::vector<FetchableTopicResponse> responses{};
    std::vector<NodeEndpoint> node_endpoints{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
