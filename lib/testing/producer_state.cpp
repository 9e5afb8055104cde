// SPDX-License-Identifier: Apache-2.0
#include "testing/producer_state.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace kafka::testing {
namespace {

constexpr auto largest = std::numeric_limits<std::int32_t>::max();

// Sequence numbers go on at 0 after 2^31-1.
std::int32_t last_sequence(const protocol::RecordBatchView& batch) {
    if (batch.base_sequence > largest - batch.last_offset_delta) {
        return batch.last_offset_delta - (largest - batch.base_sequence) - 1;
    }
    return batch.base_sequence + batch.last_offset_delta;
}

bool follows(std::int32_t next, std::int32_t last) {
    return next == (last == largest ? 0 : last + 1);
}

}  // namespace

ProducerStates::Verdict ProducerStates::check(const protocol::RecordBatchView& batch,
                                              bool begins) const {
    const auto found = producers_.find(batch.producer_id);
    const bool known = found != producers_.end() && found->second.count > 0;
    if (begins && !known && batch.base_sequence != 0) {
        return {.error = broker_errc::out_of_order_sequence_number,
                .message = "Sequence number " + std::to_string(batch.base_sequence) +
                           " of producer " + std::to_string(batch.producer_id) +
                           ", of which nothing is known; 0 was expected",
                .duplicate = nullptr};
    }
    // A producer that is not known (any more) may begin anywhere, as in Kafka since 2.5 (KIP-360).
    if (found == producers_.end() || found->second.epoch == -1) return {};
    const auto& producer = found->second;
    if (batch.producer_epoch == producer.epoch) {
        for (std::size_t i = 0; i < producer.count; ++i) {
            const auto& stored = producer.last[i];
            if (stored.first_sequence == batch.base_sequence &&
                stored.last_sequence == last_sequence(batch)) {
                return {.error = broker_errc::none, .message = {}, .duplicate = &stored};
            }
        }
    }
    const auto name = "producer " + std::to_string(batch.producer_id);
    if (batch.producer_epoch < producer.epoch) {
        return {.error = broker_errc::invalid_producer_epoch,
                .message = "Epoch " + std::to_string(batch.producer_epoch) + " of " + name +
                           " is older than the current epoch " + std::to_string(producer.epoch),
                .duplicate = nullptr};
    }
    const auto outside = [&]() -> Verdict {
        if (producer.transaction_begin < 0 || batch.transactional()) return {};
        return {.error = broker_errc::invalid_txn_state,
                .message = "A transaction of " + name + " is open, and this is no part of it",
                .duplicate = nullptr};
    };
    if (batch.producer_epoch > producer.epoch) {
        if (batch.base_sequence == 0) return outside();
        return {.error = broker_errc::out_of_order_sequence_number,
                .message = "The new epoch " + std::to_string(batch.producer_epoch) + " of " + name +
                           " begins with sequence number " + std::to_string(batch.base_sequence),
                .duplicate = nullptr};
    }
    // After a marker alone nothing is known of its epoch.
    const auto last = producer.count == 0 ? -1 : producer.last[producer.count - 1].last_sequence;
    if (follows(batch.base_sequence, last)) return outside();
    return {.error = broker_errc::out_of_order_sequence_number,
            .message = "Sequence number " + std::to_string(batch.base_sequence) + " of " + name +
                       " does not follow " + std::to_string(last),
            .duplicate = nullptr};
}

void ProducerStates::appended(const protocol::RecordBatchView& batch, std::int64_t base_offset,
                              std::int64_t timestamp) {
    auto& producer = producers_[batch.producer_id];
    producer.take_epoch(batch.producer_epoch);
    if (batch.transactional() && producer.transaction_begin < 0) {
        producer.transaction_begin = base_offset;
        open_.insert(base_offset);
    }
    if (producer.count == window) {
        std::rotate(producer.last.begin(), producer.last.begin() + 1, producer.last.end());
        --producer.count;
    }
    producer.last[producer.count++] = {.first_sequence = batch.base_sequence,
                                       .last_sequence = last_sequence(batch),
                                       .base_offset = base_offset,
                                       .timestamp = timestamp};
}

bool ProducerStates::in_transaction(std::int64_t producer_id, std::int16_t epoch) const {
    const auto found = producers_.find(producer_id);
    return found != producers_.end() && found->second.transaction_begin >= 0 &&
           found->second.epoch == epoch;
}

bool ProducerStates::takes_marker(std::int64_t producer_id, std::int16_t epoch, bool bumped) const {
    const auto found = producers_.find(producer_id);
    if (found == producers_.end()) return true;
    if (!bumped || found->second.transaction_begin < 0) return epoch >= found->second.epoch;
    return epoch > found->second.epoch;
}

void ProducerStates::ended(std::int64_t producer_id, std::int16_t epoch, bool commit,
                           std::int64_t offset) {
    auto& producer = producers_[producer_id];
    producer.take_epoch(epoch);
    const auto first = std::exchange(producer.transaction_begin, -1);
    if (first < 0) return;  // a marker alone hides nothing
    open_.erase(first);
    if (commit) return;
    aborted_.push_back({.producer_id = producer_id,
                        .first_offset = first,
                        .last_offset = offset,
                        .stable_offset = first_unstable().value_or(offset + 1)});
}

std::optional<std::int64_t> ProducerStates::first_unstable() const {
    return open_.empty() ? std::nullopt : std::optional(*open_.begin());
}

std::vector<ProducerStates::Aborted> ProducerStates::aborted(std::int64_t from,
                                                             std::int64_t before) const {
    std::vector<Aborted> found;
    const auto first =
        std::partition_point(aborted_.begin(), aborted_.end(),
                             [&](const Aborted& one) { return one.last_offset < from; });
    for (auto at = first; at != aborted_.end(); ++at) {
        if (at->first_offset < before) found.push_back(*at);
        // What ended later began behind that.
        if (at->stable_offset >= before) break;
    }
    return found;
}

}  // namespace kafka::testing
