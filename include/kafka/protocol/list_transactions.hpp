// SPDX-License-Identifier: Apache-2.0
// ListTransactions, API key 66, v0-2, flexible from v0.
// Lists the transactions that a broker coordinates, by filter (KIP-664, KIP-994, KIP-1152).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ListTransactionsResponse;

struct ListTransactionsRequest {
    using response_type = ListTransactionsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<std::string> state_filters{};
    std::vector<std::int64_t> producer_id_filters{};
    std::int64_t duration_filter = -1;
    std::optional<std::string> transactional_id_pattern{};
    UnknownTags unknown_tags{};
};

struct ListTransactionsResponse {
    struct TransactionState {
        std::string transactional_id{};
        std::int64_t producer_id = 0;
        std::string transaction_state{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::vector<std::string> unknown_state_filters{};
    std::vector<TransactionState> transaction_states{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
