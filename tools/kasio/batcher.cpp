// SPDX-License-Identifier: Apache-2.0
#include "batcher.hpp"

#include <random>
#include <string>
#include <utility>

#include <kafka/balancer.hpp>
#include <kafka/codec.hpp>

namespace kasio {

using kafka::protocol::RecordRef;

namespace {

// Keys go where Java's clients put them.
const kafka::Balancer as_java;

std::size_t bytes_of(const RecordRef& record) noexcept {
    std::size_t sum = record.key.size() + record.value.size();
    for (const auto& header : record.headers)
        sum += header.key.size() + header.value.size();
    return sum;
}

}  // namespace

Batcher::Batcher(Producer& producer, std::int32_t partitions, BatcherOptions options)
    : producer_(producer), options_(options), open_(static_cast<std::size_t>(partitions)) {
    std::random_device device;
    sticky_ = static_cast<std::int32_t>(device() % static_cast<unsigned>(partitions));
}

bool Batcher::add(const RecordRef& record, std::uint64_t number,
                  std::optional<std::int32_t> partition) {
    const bool sticks = !partition && record.key.null();
    if (!partition) {
        const auto count = static_cast<std::int32_t>(open_.size());
        partition = sticks ? sticky_ : kafka::key_partition(as_java, record.key, count);
    }
    auto* open = &open_[static_cast<std::size_t>(*partition)];
    if (!open->builder.empty() &&
        open->builder.size() + open->builder.size_of(record) > options_.batch_size) {
        if (!hand_over(*partition)) return false;
        if (sticks) {
            partition = sticky_;
            open = &open_[static_cast<std::size_t>(sticky_)];
        }
    }
    if (!open->builder.append(record)) {
        problem_ = {Exit::bad_data,
                    "record " + std::to_string(number) + " is too large for a batch"};
        return false;
    }
    const auto bytes = bytes_of(record);
    open->numbers.push_back(number);
    open->record_bytes += bytes;
    open_bytes_ += bytes + 1;  // so that records without bytes count as well
    if (open->builder.size() >= options_.batch_size) return hand_over(*partition);
    return open_bytes_ < options_.memory || flush();
}

bool Batcher::flush() {
    for (std::size_t i = 0; i < open_.size(); ++i) {
        if (!open_[i].builder.empty() && !hand_over(static_cast<std::int32_t>(i))) return false;
    }
    return true;
}

bool Batcher::hand_over(std::int32_t partition) {
    auto& open = open_[static_cast<std::size_t>(partition)];
    Batch batch;
    batch.partition = partition;
    batch.record_bytes = open.record_bytes;
    batch.numbers = std::exchange(open.numbers, {});
    kafka::protocol::BatchFields fields;
    if (options_.idempotent) {
        fields.producer_id = producer_.id().id;
        fields.producer_epoch = producer_.id().epoch;
        fields.base_sequence = batch.base_sequence = static_cast<std::int32_t>(open.next_sequence);
        // After 2^31 - 1 comes 0.
        open.next_sequence =
            (open.next_sequence + static_cast<std::uint32_t>(batch.count())) & 0x7fffffffU;
    }
    if (options_.codec == kafka::Compression::none) {
        open.builder.seal(fields);
        batch.bytes = std::move(open.builder).take().release();
    } else {
        kafka::ByteBuffer out;
        auto sealed = open.builder.seal_into(out, fields, options_.codec, kafka::codec::compress,
                                             options_.level);
        if (!sealed) {
            problem_ = problem_of(sealed.failure(), "compressing records");
            return false;
        }
        batch.bytes = std::move(out).release();
        open.builder.clear();
    }
    open_bytes_ -= open.record_bytes + static_cast<std::uint64_t>(batch.count());
    open.record_bytes = 0;
    if (partition == sticky_) sticky_ = (sticky_ + 1) % static_cast<std::int32_t>(open_.size());
    return producer_.submit(std::move(batch));
}

Problem Batcher::problem() const {
    auto problem = producer_.problem();
    return problem ? problem : problem_;
}

}  // namespace kasio
