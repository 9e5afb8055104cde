// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <kafka/protocol/record_batch_edit.hpp>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "testing/handlers.hpp"
#include "testing/produced_batch.hpp"

namespace kafka::testing {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using Row = ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t all_in_sync = -1;
constexpr int first_version_with_ids = 13;    // KIP-516
constexpr int first_version_with_hints = 10;  // KIP-951
// KIP-890: clients understand the error, and then, leave it to the brokers to add partitions.
constexpr int first_version_with_abortable = 11, first_version_that_adds = 12;

void refuse(Row& row, broker_errc error, std::string message = {}) {
    row.error_code = code(error);
    row.base_offset = -1;
    if (!message.empty()) row.error_message = std::move(message);
}

// Errors in what was sent, other than these, are answered with the start of the log.
bool tells_log_start(broker_errc error) {
    return error != broker_errc::message_too_large && error != broker_errc::corrupt_message &&
           error != broker_errc::record_list_too_large;
}

// The header may be wrong about the largest timestamp and about who set it: Kafka writes what is
// right.
void set_create_time(std::span<std::uint8_t> batch, std::int64_t timestamp) {
    namespace at = protocol::batch_layout;
    batch[at::attributes + 1] &=
        static_cast<std::uint8_t>(~protocol::batch_attributes::log_append_time);
    store_big(batch.data() + at::max_timestamp, static_cast<std::uint64_t>(timestamp));
    store_big(batch.data() + at::crc, crc32c(batch.subspan(at::attributes)));
}

void append(Call& call, const Topic& topic, Partition& partition, const Slice& records,
            ProducedBatch& produced, Row& row) {
    const auto& config = topic.config;
    const auto& batch = produced.batch;
    const auto give_up = [&] {
        refuse(row, produced.error, std::move(produced.message));
        if (tells_log_start(produced.error)) row.log_start_offset = partition.log.start_offset();
        for (auto& [index, why] : produced.record_errors) {
            auto& error = row.record_errors.emplace_back();
            error.batch_index = index;
            error.batch_index_error_message = std::move(why);
        }
    };
    check_content(records, config, call.now.wall_ms, produced);
    if (produced.error != broker_errc::none) return give_up();

    Slice anew;
    if (config.compression && *config.compression != batch.compression()) {
        anew = rewritten(records, config, produced);
        if (produced.error != broker_errc::none) return give_up();
    }
    const bool idempotent = batch.producer_id >= 0;
    if (idempotent) {
        const bool begins =
            batch.transactional() && call.version >= first_version_that_adds &&
            !partition.producers.in_transaction(batch.producer_id, batch.producer_epoch);
        auto verdict = partition.producers.check(batch, begins);
        if (verdict.duplicate) {
            row.base_offset = verdict.duplicate->base_offset;
            row.log_append_time_ms = verdict.duplicate->timestamp;
            row.log_start_offset = partition.log.start_offset();
            return;
        }
        if (verdict.error != broker_errc::none) {
            produced.refuse(verdict.error, std::move(verdict.message));
            return give_up();
        }
    }
    row.base_offset = partition.log.end_offset();
    row.log_start_offset = partition.log.start_offset();
    const auto timestamp = config.log_append_time ? call.now.wall_ms : produced.max_timestamp;
    auto stored =
        partition.log.append(anew.null() ? batch.bytes : anew.bytes(), batch.count, timestamp);
    if (config.log_append_time) {
        protocol::set_log_append_time(stored, timestamp);
        row.log_append_time_ms = timestamp;
    } else if (anew.null() && (produced.max_timestamp != batch.max_timestamp ||
                               batch.timestamp_type() == protocol::TimestampType::log_append)) {
        set_create_time(stored, timestamp);
    }
    if (idempotent) partition.producers.appended(batch, row.base_offset, timestamp);
    call.cluster.wake(partition);
}

// What is refused before any partition is looked at: nobody may write in transactions without
// naming the transactional id, and then as one producer only.
broker_errc refusal_of_all(const ProduceRequest& request) {
    std::optional<std::pair<std::int64_t, std::int16_t>> producer;
    for (const auto& topic : request.topic_data) {
        for (const auto& data : topic.partition_data) {
            protocol::RecordBatches batches(data.records);
            const auto* batch = batches.next();
            if (!batch || !batch->transactional()) continue;
            if (!request.transactional_id) {
                return broker_errc::transactional_id_authorization_failed;
            }
            const std::pair one{batch->producer_id, batch->producer_epoch};
            if (producer && *producer != one) return broker_errc::invalid_producer_id_mapping;
            producer = one;
        }
    }
    return broker_errc::none;
}

// KIP-890: a transaction that has nothing here yet is asked for where it is coordinated.
Refusal refusal_of_transaction(Call& call, const ProduceRequest& request, const Topic& topic,
                               const Partition& partition, const protocol::RecordBatchView& batch) {
    if (!batch.transactional() ||
        partition.producers.in_transaction(batch.producer_id, batch.producer_epoch)) {
        return {};
    }
    const bool adds = call.version >= first_version_that_adds;
    const auto error = call.cluster.transactions().admit(
        *request.transactional_id, {broker_errc::none, batch.producer_id, batch.producer_epoch},
        {topic.name, partition.index}, adds, call.now);
    switch (error) {
        case broker_errc::producer_fenced:
            return {broker_errc::invalid_producer_epoch, ""};
        case broker_errc::transaction_abortable:
            if (call.version >= first_version_with_abortable) return {error, ""};
            return {broker_errc::invalid_txn_state, "Partition was not added to the transaction"};
        case broker_errc::concurrent_transactions:
            if (adds) return {error, ""};
            [[fallthrough]];
        case broker_errc::coordinator_not_available:
        case broker_errc::not_coordinator:
            return {broker_errc::not_enough_replicas,
                    "Unable to verify the partition has been added to the transaction"};
        default:
            return {error, ""};
    }
}

void produce_one(Call& call, const ProduceRequest& request, Topic* topic,
                 const ProduceRequest::PartitionProduceData& data, Row& row,
                 ProduceResponse& response) {
    auto* partition = topic ? topic->partition(data.index) : nullptr;
    if (!topic && call.version >= first_version_with_ids) {
        return refuse(row, broker_errc::unknown_topic_id);
    }
    if (!partition) return refuse(row, broker_errc::unknown_topic_or_partition);
    ProducedBatch produced;
    check_form(data.records, call.version, produced);
    if (produced.error != broker_errc::none) return refuse(row, produced.error);
    if (request.acks < all_in_sync || request.acks > 1) {
        return refuse(row, broker_errc::invalid_required_acks);
    }
    if (!partition->leads(call.broker())) {
        refuse(row, broker_errc::not_leader_or_follower,
               "Leader of the partition is not this broker");
        if (call.version >= first_version_with_hints) {
            hint_at_leader(call, *partition, row.current_leader, response.node_endpoints);
        }
        return;
    }
    if (auto refusal = refusal_of_transaction(call, request, *topic, *partition, produced.batch)) {
        return refuse(row, refusal.error, std::move(refusal.message));
    }
    const auto copies = static_cast<std::int32_t>(partition->replicas.size());
    if (request.acks == all_in_sync && copies < topic->config.min_in_sync) {
        refuse(row, broker_errc::not_enough_replicas,
               "The size of the current ISR is insufficient to satisfy the min.isr requirement");
        row.log_start_offset = partition->log.start_offset();
        return;
    }
    append(call, *topic, *partition, data.records, produced, row);
}

}  // namespace

Done produce(Call& call, const ProduceRequest& request, ProduceResponse& response) {
    const auto refused = refusal_of_all(request);
    // A partition that comes twice is taken the last time only, as in Kafka.
    std::map<std::tuple<std::string_view, Uuid, std::int32_t>, int> left;
    for (const auto& topic : request.topic_data) {
        for (const auto& data : topic.partition_data) {
            ++left[{topic.name, topic.topic_id, data.index}];
        }
    }
    bool failed = false;
    for (const auto& topic : request.topic_data) {
        ProduceResponse::TopicProduceResponse answered;
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        auto* found = call.version >= first_version_with_ids ? call.cluster.find(topic.topic_id)
                                                             : call.cluster.find(topic.name);
        for (const auto& data : topic.partition_data) {
            if (--left[{topic.name, topic.topic_id, data.index}] > 0) continue;
            auto& row = answered.partition_responses.emplace_back();
            row.index = data.index;
            if (refused != broker_errc::none) {
                refuse(row, refused);
            } else {
                produce_one(call, request, found, data, row, response);
            }
            failed |= row.error_code != 0;
        }
        if (!answered.partition_responses.empty()) {
            response.responses.push_back(std::move(answered));
        }
    }
    if (request.acks != 0) return Done::answered;
    if (!failed) return Done::silent;
    // Who wants no answer learns of failures by the end of the connection.
    call.core.close(call.connection, "a Produce without acknowledgement failed");
    return Done::closed;
}

}  // namespace kafka::testing
