// SPDX-License-Identifier: Apache-2.0
#include "testing/producer_state.hpp"

#include <algorithm>
#include <limits>

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

ProducerStates::Verdict ProducerStates::check(const protocol::RecordBatchView& batch) const {
    const auto found = producers_.find(batch.producer_id);
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
    if (batch.producer_epoch > producer.epoch) {
        if (batch.base_sequence == 0) return {};
        return {.error = broker_errc::out_of_order_sequence_number,
                .message = "The new epoch " + std::to_string(batch.producer_epoch) + " of " + name +
                           " begins with sequence number " + std::to_string(batch.base_sequence),
                .duplicate = nullptr};
    }
    const auto last = producer.last[producer.count - 1].last_sequence;
    if (follows(batch.base_sequence, last)) return {};
    return {.error = broker_errc::out_of_order_sequence_number,
            .message = "Sequence number " + std::to_string(batch.base_sequence) + " of " + name +
                       " does not follow " + std::to_string(last),
            .duplicate = nullptr};
}

void ProducerStates::appended(const protocol::RecordBatchView& batch, std::int64_t base_offset,
                              std::int64_t timestamp) {
    auto& producer = producers_[batch.producer_id];
    if (producer.epoch != batch.producer_epoch) {
        producer.epoch = batch.producer_epoch;
        producer.count = 0;
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

}  // namespace kafka::testing
