// SPDX-License-Identifier: Apache-2.0
// DescribeTransactions, API key 65, v0, flexible from v0.
// Describes transactions by transactional id (KIP-664).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeTransactionsResponse;

struct DescribeTransactionsRequest {
    using response_type = DescribeTransactionsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> transactional_ids{};
    UnknownTags unknown_tags{};
};

struct DescribeTransactionsResponse {
    struct TopicData {
        std::string topic{};
        std::vector<std::int32_t> partitions{};
        UnknownTags unknown_tags{};
    };

    struct TransactionState {
        std::int16_t error_code = 0;
        std::string transactional_id{};
        std::string transaction_state{};
        std::int32_t transaction_timeout_ms = 0;     ///< milliseconds
        std::int64_t transaction_start_time_ms = 0;  ///< milliseconds
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        std::vector<TopicData> topics{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<TransactionState> transaction_states{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
