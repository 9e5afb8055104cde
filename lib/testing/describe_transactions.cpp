// SPDX-License-Identifier: Apache-2.0
// DescribeTransactions and ListTransactions (KIP-664).
#include <algorithm>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::DescribeTransactionsResponse;

void describe(const Transaction& transaction, DescribeTransactionsResponse::TransactionState& row) {
    row.transaction_state = to_string(transaction.state);
    row.transaction_timeout_ms = transaction.timeout_ms;
    row.transaction_start_time_ms = transaction.began_ms;
    row.producer_id = transaction.producer_id;
    row.producer_epoch = transaction.epoch;
    for (const auto& [topic, partition] : transaction.partitions) {
        if (row.topics.empty() || row.topics.back().topic != topic) {
            row.topics.emplace_back().topic = topic;
        }
        row.topics.back().partitions.push_back(partition);
    }
}

template <class Values, class Value>
bool wanted(const Values& filter, const Value& value) {
    return filter.empty() || std::find(filter.begin(), filter.end(), value) != filter.end();
}

bool is_state(const std::string& name) {
    for (int i = 0; i <= static_cast<int>(TransactionState::complete_abort); ++i) {
        if (name == to_string(static_cast<TransactionState>(i))) return true;
    }
    return false;
}

}  // namespace

Done describe_transactions(Call& call, const protocol::DescribeTransactionsRequest& request,
                           DescribeTransactionsResponse& response) {
    for (const auto& id : request.transactional_ids) {
        auto& row = response.transaction_states.emplace_back();
        row.transactional_id = id;
        auto error = broker_errc::none;
        const auto* transaction = call.cluster.transactions().find(call.broker(), id, error);
        row.error_code = code(error);
        if (transaction) describe(*transaction, row);
    }
    return Done::answered;
}

Done list_transactions(Call& call, const protocol::ListTransactionsRequest& request,
                       protocol::ListTransactionsResponse& response) {
    for (const auto& state : request.state_filters) {
        if (!is_state(state)) response.unknown_state_filters.push_back(state);
    }
    for (const auto& [id, transaction] : call.cluster.transactions().all()) {
        auto error = broker_errc::none;
        if (!call.cluster.transactions().find(call.broker(), id, error)) continue;
        const std::string state(to_string(transaction.state));
        if (!wanted(request.producer_id_filters, transaction.producer_id)) continue;
        if (!wanted(request.state_filters, state)) continue;
        if (request.duration_filter >= 0 &&
            call.now.wall_ms - transaction.began_ms <= request.duration_filter) {
            continue;
        }
        auto& row = response.transaction_states.emplace_back();
        row.transactional_id = id;
        row.producer_id = transaction.producer_id;
        row.transaction_state = state;
    }
    return Done::answered;
}

}  // namespace kafka::testing
