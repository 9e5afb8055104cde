// SPDX-License-Identifier: Apache-2.0
// AddPartitionsToTxn, API key 24, v0-5, flexible from v3.
// Adds partitions to transactions (KIP-98); from v4 brokers send many at once (KIP-890), clients
// stay at v3.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AddPartitionsToTxnResponse;

struct AddPartitionsToTxnRequest {
    struct Topic {
        std::string name{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct Transaction {
        std::string transactional_id{};
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        bool verify_only = false;
        std::vector<Topic> topics{};
        UnknownTags unknown_tags{};
    };

    using response_type = AddPartitionsToTxnResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<Transaction> transactions{};
    std::string v3_and_below_transactional_id{};
    std::int64_t v3_and_below_producer_id = 0;
    std::int16_t v3_and_below_producer_epoch = 0;
    std::vector<Topic> v3_and_below_topics{};
    UnknownTags unknown_tags{};
};

struct AddPartitionsToTxnResponse {
    struct PartitionResult {
        std::int32_t partition_index = 0;
        std::int16_t partition_error_code = 0;
        UnknownTags unknown_tags{};
    };

    struct TopicResult {
        std::string name{};
        std::vector<PartitionResult> results_by_partition{};
        UnknownTags unknown_tags{};
    };

    struct Result {
        std::string transactional_id{};
        std::vector<TopicResult> topic_results{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<Result> results_by_transaction{};
    std::vector<TopicResult> results_by_topic_v3_and_below{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
