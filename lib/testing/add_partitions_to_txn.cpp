// SPDX-License-Identifier: Apache-2.0
// AddPartitionsToTxn and AddOffsetsToTxn: what belongs to a transaction, told by its producer.
#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;

// Up to version 3 from clients; from 4 on many transactions at once, from brokers.
constexpr int first_version_of_brokers = 4;
constexpr int first_version_with_fenced = 2;  // KIP-588

broker_errc check(const Call& call, const std::string& name, std::int32_t index) {
    // Clients do not write there.
    if (is_internal_topic(name)) return broker_errc::topic_authorization_failed;
    auto* topic = call.cluster.find(std::string_view(name));
    return topic && topic->partition(index) ? broker_errc::none
                                            : broker_errc::unknown_topic_or_partition;
}

// All or nothing: where one does not exist, no other is added.
std::vector<AddPartitionsToTxnResponse::TopicResult> add(
    Call& call, const AddPartitionsToTxnRequest::Transaction& wanted) {
    std::set<PartitionName> partitions;
    bool complete = true;
    for (const auto& topic : wanted.topics) {
        for (const auto index : topic.partitions) {
            complete &= check(call, topic.name, index) == broker_errc::none;
            partitions.emplace(topic.name, index);
        }
    }
    const Identity producer{broker_errc::none, wanted.producer_id, wanted.producer_epoch};
    auto& transactions = call.cluster.transactions();
    auto error = broker_errc::operation_not_attempted;
    if (complete && !wanted.verify_only) {
        error = transactions.add(call.broker(), wanted.transactional_id, producer, partitions,
                                 call.version >= first_version_of_brokers, call.now);
    }
    if (error == broker_errc::producer_fenced && call.version < first_version_with_fenced) {
        error = broker_errc::invalid_producer_epoch;
    }
    std::vector<AddPartitionsToTxnResponse::TopicResult> results;
    for (const auto& topic : wanted.topics) {
        auto& answered = results.emplace_back();
        answered.name = topic.name;
        for (const auto index : topic.partitions) {
            auto& row = answered.results_by_partition.emplace_back();
            row.partition_index = index;
            auto told = check(call, topic.name, index);
            if (told == broker_errc::none) told = error;
            if (complete && wanted.verify_only) {
                told = transactions.verify(call.broker(), wanted.transactional_id, producer,
                                           {topic.name, index});
            }
            row.partition_error_code = code(told);
        }
    }
    return results;
}

}  // namespace

Done add_partitions_to_txn(Call& call, const AddPartitionsToTxnRequest& request,
                           AddPartitionsToTxnResponse& response) {
    if (call.version < first_version_of_brokers) {
        AddPartitionsToTxnRequest::Transaction wanted;
        wanted.transactional_id = request.v3_and_below_transactional_id;
        wanted.producer_id = request.v3_and_below_producer_id;
        wanted.producer_epoch = request.v3_and_below_producer_epoch;
        wanted.topics = request.v3_and_below_topics;
        response.results_by_topic_v3_and_below = add(call, wanted);
        return Done::answered;
    }
    for (const auto& wanted : request.transactions) {
        auto& result = response.results_by_transaction.emplace_back();
        result.transactional_id = wanted.transactional_id;
        result.topic_results = add(call, wanted);
    }
    return Done::answered;
}

Done add_offsets_to_txn(Call& call, const protocol::AddOffsetsToTxnRequest& request,
                        protocol::AddOffsetsToTxnResponse& response) {
    auto error = call.cluster.transactions().add(
        call.broker(), request.transactional_id,
        {broker_errc::none, request.producer_id, request.producer_epoch},
        {{std::string(offsets_topic), GroupOffsets::partition_of(request.group_id)}}, false,
        call.now);
    if (error == broker_errc::producer_fenced && call.version < first_version_with_fenced) {
        error = broker_errc::invalid_producer_epoch;
    }
    response.error_code = code(error);
    return Done::answered;
}

}  // namespace kafka::testing
