// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/record_reader.hpp>

namespace kafka::protocol {

const RecordBatchView* RecordReader::next_batch() {
    opened_ = false;
    on_batch_ = false;
    if (records_.failure()) return nullptr;
    records_ = BatchRecords();
    on_batch_ = batches_.next() != nullptr;
    return batch();
}

bool RecordReader::open_current() {
    opened_ = true;
    const bool good = records_.open(batches_.current(), batches_.slice(), options_);
    decompressed_total_ += records_.decompressed_size();
    return good;
}

const RecordView* RecordReader::next_in_batch() {
    if (!on_batch_) return nullptr;
    if (!opened_ && !open_current()) return nullptr;
    return records_.next();
}

const RecordView* RecordReader::next_of_later_batch() {
    if (records_.failure()) return nullptr;
    // The current batch may have been reached by next_batch() and not be opened yet.
    while ((on_batch_ && !opened_) || next_batch()) {
        if (const auto* record = next_in_batch()) return record;
        if (records_.failure()) return nullptr;
    }
    return nullptr;
}

}  // namespace kafka::protocol
