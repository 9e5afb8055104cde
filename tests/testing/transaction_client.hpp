// SPDX-License-Identifier: Apache-2.0
// A transactional producer of one request at a time, against the broker's core.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/testing/rule.hpp>

#include "testing/core_client.hpp"

namespace kafka::testing {

inline BrokerOptions with_transactions(std::int16_t version) {
    BrokerOptions options;
    options.transaction_version = version;
    return options;
}

/// The offsets that a consumer of committed data hands out, found as Kafka's consumer does, and the
/// one from which it then goes on; -1 if nothing came.
inline std::pair<std::vector<std::int64_t>, std::int64_t> committed_offsets(
    const protocol::FetchResponse::PartitionData& data) {
    auto aborted = *data.aborted_transactions;
    std::sort(aborted.begin(), aborted.end(),
              [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
    std::vector<std::int64_t> hidden, offsets;
    std::int64_t next = -1;
    protocol::RecordReader reader(data.records);
    while (const auto* record = reader.next()) {
        const auto& batch = *reader.batch();
        next = batch.last_offset() + 1;
        while (!aborted.empty() && aborted.front().first_offset <= batch.last_offset()) {
            hidden.push_back(aborted.front().producer_id);
            aborted.erase(aborted.begin());
        }
        const auto at = std::find(hidden.begin(), hidden.end(), batch.producer_id);
        if (batch.control()) {
            if (at != hidden.end()) hidden.erase(at);
        } else if (at == hidden.end() || !batch.transactional()) {
            offsets.push_back(record->offset);
        }
    }
    CHECK(!reader.failure());
    return {offsets, next};
}

/// The producer with the transactional id "tx" and its cluster, whose brokers each lead the
/// partition of "t" before their id. `version` is that of the transactions.
struct TransactionFixture : CoreFixture {
    explicit TransactionFixture(std::int16_t level = 2)
        : TransactionFixture(with_transactions(level)) {}
    explicit TransactionFixture(const BrokerOptions& options)
        : CoreFixture(options), version(options.transaction_version) {}

    [[nodiscard]] ConnectionId coordinator(CoordinatorOf kind = CoordinatorOf::transaction,
                                           std::string_view key = "tx") {
        return static_cast<ConnectionId>(core.cluster().coordinator(kind, key)->id);
    }
    [[nodiscard]] static broker_errc error(std::int16_t number) {
        return static_cast<broker_errc>(number);
    }

    protocol::InitProducerIdResponse init(std::int64_t known_id = -1, std::int16_t known_epoch = -1,
                                          int api_version = 5) {
        protocol::InitProducerIdRequest request;
        request.transactional_id = "tx";
        request.transaction_timeout_ms = 60'000;
        request.producer_id = known_id;
        request.producer_epoch = known_epoch;
        return ask(request, api_version, coordinator());
    }
    void begin() {
        const auto answer = init();
        REQUIRE(error(answer.error_code) == broker_errc::none);
        producer_id = answer.producer_id;
        epoch = answer.producer_epoch;
    }
    broker_errc add(std::vector<std::int32_t> partitions, int api_version = 3,
                    const std::string& name = "t") {
        protocol::AddPartitionsToTxnRequest request;
        request.v3_and_below_transactional_id = "tx";
        request.v3_and_below_producer_id = producer_id;
        request.v3_and_below_producer_epoch = epoch;
        auto& added = request.v3_and_below_topics.emplace_back();
        added.name = name;
        added.partitions = std::move(partitions);
        const auto answer = ask(request, api_version, coordinator());
        const auto& rows = answer.results_by_topic_v3_and_below.at(0).results_by_partition;
        return error(rows.at(0).partition_error_code);
    }
    protocol::ProduceRequest batch(std::int32_t sequence, int count = 1, std::int32_t partition = 0,
                                   bool transactional = true) {
        auto request = produce_request(make_batch(count, {.producer_id = producer_id,
                                                          .producer_epoch = epoch,
                                                          .base_sequence = sequence,
                                                          .transactional = transactional}),
                                       partition);
        request.transactional_id = "tx";
        return request;
    }
    broker_errc produce(const protocol::ProduceRequest& request, int api_version = 0) {
        if (api_version == 0) api_version = version >= 2 ? 12 : 11;
        const auto partition = request.topic_data[0].partition_data[0].index;
        const auto answer = ask(request, api_version, static_cast<ConnectionId>(partition + 1));
        return error(answer.responses.at(0).partition_responses.at(0).error_code);
    }
    /// Produces where that must succeed.
    void write(std::int32_t sequence, int count = 1, std::int32_t partition = 0) {
        if (version < 2) REQUIRE(add({partition}) == broker_errc::none);
        REQUIRE(produce(batch(sequence, count, partition)) == broker_errc::none);
    }
    [[nodiscard]] protocol::EndTxnRequest end_request(bool commit) const {
        protocol::EndTxnRequest request;
        request.transactional_id = "tx";
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.committed = commit;
        return request;
    }
    protocol::EndTxnResponse end(bool commit, int api_version = 0) {
        if (api_version == 0) api_version = end_version();
        return ask(end_request(commit), api_version, coordinator());
    }
    [[nodiscard]] int end_version() const { return version >= 2 ? 5 : 4; }
    /// Ends the transaction and goes on with what the broker answers.
    void finish(bool commit) {
        const auto answer = end(commit);
        REQUIRE(error(answer.error_code) == broker_errc::none);
        if (version < 2) return;
        producer_id = answer.producer_id;
        epoch = answer.producer_epoch;
    }
    /// Of the transaction's state.
    std::string state() { return describe().transaction_state; }
    protocol::DescribeTransactionsResponse::TransactionState describe() {
        protocol::DescribeTransactionsRequest request;
        request.transactional_ids = {"tx"};
        return ask(request, 0, coordinator()).transaction_states.at(0);
    }

    protocol::FetchResponse::PartitionData fetch(std::int64_t offset, bool committed = true,
                                                 std::int32_t partition = 0) {
        auto request = fetch_request(offset, partition);
        request.isolation_level = committed ? 1 : 0;
        request.max_wait_ms = 0;
        return ask(request, 12, static_cast<ConnectionId>(partition + 1))
            .responses.at(0)
            .partitions.at(0);
    }
    std::int64_t latest(bool committed) {
        protocol::ListOffsetsRequest request;
        request.isolation_level = committed ? 1 : 0;
        auto& wanted = request.topics.emplace_back();
        wanted.name = "t";
        wanted.partitions.emplace_back().timestamp = -1;
        return ask(request, 7).topics.at(0).partitions.at(0).offset;
    }
    Partition& partition(std::int32_t index = 0) { return *topic().partition(index); }
    std::vector<std::int64_t> committed(std::int32_t index = 0) {
        return committed_offsets(fetch(0, true, index)).first;
    }

    std::int16_t version;
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
};

}  // namespace kafka::testing
