// SPDX-License-Identifier: Apache-2.0
#include "decoder.hpp"

#include <string>
#include <utility>

#include <kafka/codec.hpp>

namespace kasio {

using kafka::protocol::RecordBatchView;
using kafka::protocol::RecordView;

namespace {

// A control record's key begins with a version and a type, two bytes each; type 0 is the end of an
// aborted transaction, 1 that of a committed one.
bool ends_transaction(const RecordView& record) noexcept {
    const auto key = record.key.bytes();
    return key.size() >= 4 && key[2] == 0 && key[3] <= 1;
}

}  // namespace

Decoder::Decoder(std::string topic, const std::vector<Assignment>& assignments, Isolation isolation)
    : topic_(std::move(topic)), isolation_(isolation) {
    for (const auto& each : assignments)
        until_[each.partition] = each.until;
}

void Decoder::open(const Chunk& chunk) {
    partition_ = chunk.partition;
    from_ = chunk.from;
    end_ = until_[partition_];
    kafka::protocol::ReadOptions options;
    options.decompress = kafka::codec::decompress;
    options.scratch = &scratch_;
    reader_ = kafka::protocol::RecordReader(chunk.records, options);
    in_batch_ = false;
    aborted_.clear();
    aborting_.clear();
    if (isolation_ == Isolation::read_committed) {
        for (const auto& each : chunk.aborted)
            aborted_.emplace(each.first_offset, each.producer_id);
    }
}

// True for batches whose records are not to be shown.
bool Decoder::skip_batch(const RecordBatchView& batch) {
    if (batch.magic >= 2 && batch.last_offset() < from_) return true;
    while (!aborted_.empty() && aborted_.begin()->first <= batch.last_offset()) {
        aborting_.insert(aborted_.begin()->second);
        aborted_.erase(aborted_.begin());
    }
    if (batch.control()) {
        // The marker ends the producer's transaction: what follows of it is another one.
        const auto* marker = reader_.next_in_batch();
        if (marker && ends_transaction(*marker)) aborting_.erase(batch.producer_id);
        return true;
    }
    return batch.transactional() && aborting_.contains(batch.producer_id);
}

const RecordView* Decoder::next() {
    while (!problem_) {
        if (!in_batch_) {
            const auto* batch = reader_.next_batch();
            if (!batch) break;
            if (skip_batch(*batch)) continue;
            in_batch_ = true;
        }
        const auto* record = reader_.next_in_batch();
        if (!record) {
            in_batch_ = false;
            if (reader_.failure()) break;
            continue;
        }
        if (record->offset < from_ || (end_ && record->offset >= *end_)) continue;
        return record;
    }
    if (!problem_ && reader_.failure()) {
        problem_ = problem_of(reader_.failure(),
                              "topic " + topic_ + " partition " + std::to_string(partition_));
    }
    return nullptr;
}

}  // namespace kasio
