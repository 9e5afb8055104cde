// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <kafka/batch.hpp>
#include <kafka/codec.hpp>
#include <kafka/protocol/control_records.hpp>

#include "client/batch_impl.hpp"

namespace kafka {
namespace {

protocol::ReadOptions options_of(const FetchOptions& options) {
    // No scratch buffer: messages share the memory that their record batch was decompressed to.
    return {.check_crcs = options.check_crcs,
            .decompress = codec::decompress,
            .decompress_lz4_magic0 = codec::decompress_lz4_magic0,
            .max_decompressed = options.max_decompressed};
}

const std::string nothing;
const Failure no_failure;

}  // namespace

Batch::Impl::Impl(std::string name, PartitionData data, std::int64_t from, std::int32_t throttle_ms,
                  const FetchOptions& options, std::shared_ptr<client::ReadPosition> position,
                  std::uint64_t turn)
    : topic(std::move(name)),
      partition(data.partition_index),
      high_watermark(data.high_watermark),
      last_stable_offset(data.last_stable_offset),
      log_start_offset(data.log_start_offset),
      throttle(throttle_ms),
      size(data.records.size()),
      offset(from),
      reader(std::move(data.records), options_of(options)),
      max_bytes_(options.max_bytes),
      position_(std::move(position)),
      turn_(turn) {
    // A multimap, since not every broker sends them in order.
    if (options.isolation == Isolation::read_committed && data.aborted_transactions)
        for (const auto& each : *data.aborted_transactions)
            aborted_.emplace(each.first_offset, each.producer_id);
}

// Whether a record batch has nothing to show. Aborted transactions are told by producer and first
// offset, and end with the producer's next marker (KIP-98).
bool Batch::Impl::skip(const protocol::RecordBatchView& batch) {
    // In the old formats a compressed message has its last record's offset; in the new one as well.
    if (batch.last_offset() < offset) return true;
    while (!aborted_.empty() && aborted_.begin()->first <= batch.last_offset()) {
        aborting_.insert(aborted_.begin()->second);
        aborted_.erase(aborted_.begin());
    }
    if (batch.control()) {
        if (!aborting_.contains(batch.producer_id)) return true;
        const auto producer = batch.producer_id;
        const auto* marker = reader.next_in_batch();
        if (marker && protocol::read_transaction_end(marker->key, marker->value))
            aborting_.erase(producer);
        return true;  // one that cannot be read has set the reader's failure
    }
    return batch.transactional() && aborting_.contains(batch.producer_id);
}

const protocol::RecordView* Batch::Impl::peek() {
    if (peeked_) return peeked_;
    while (!ended_) {
        if (!in_batch_) {
            const auto* batch = reader.next_batch();
            if (!batch) break;
            if (skip(*batch)) continue;
            in_batch_ = true;
            leader_epoch = batch->leader_epoch;
        }
        const auto* record = reader.next_in_batch();
        if (!record) {
            in_batch_ = false;
            if (reader.failure()) break;
            continue;
        }
        if (record->offset >= offset) return peeked_ = record;
    }
    if (!ended_) at_end();
    return nullptr;
}

void Batch::Impl::taken() {
    offset = peeked_->offset + 1;
    peeked_ = nullptr;
    if (position_) position_->move(turn_, offset);
}

void Batch::Impl::at_end() {
    ended_ = true;
    if (reader.failure()) {
        failure = reader.failure();
    } else if (reader.next_offset() > offset) {
        // Records that are not shown lie at the end: they are not to be asked for again.
        offset = reader.next_offset();
        if (position_) position_->move(turn_, offset);
    } else if (reader.partial_tail() && reader.next_offset() < 0) {
        failure = {errc::limit_exceeded, "the record batch at offset " + std::to_string(offset) +
                                             " is larger than max_bytes (" +
                                             std::to_string(max_bytes_) +
                                             "), and the broker cut it"};
    }
}

void Batch::Impl::close() noexcept {
    ended_ = true;
    peeked_ = nullptr;
    reader = {};
}

Batch::Batch() noexcept = default;
Batch::Batch(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

const protocol::RecordView* Batch::next() {
    const auto* record = impl_ ? impl_->peek() : nullptr;
    if (record) impl_->taken();
    return record;
}

std::optional<Message> Batch::read_message() {
    const auto* record = next();
    if (!record) return std::nullopt;
    const auto& owner = impl_->reader.records_slice();
    const auto share = [&](const protocol::BytesView& view) {
        return view.null() ? Bytes() : Bytes(Slice(owner.owner(), view.data(), view.size()));
    };
    std::optional<Message> message(std::in_place);
    message->topic = impl_->topic;
    message->partition = impl_->partition;
    message->offset = record->offset;
    message->high_watermark = impl_->high_watermark;
    message->leader_epoch = impl_->leader_epoch;
    message->key = share(record->key);
    message->value = share(record->value);
    message->headers.reserve(record->headers.size());
    for (const auto& header : record->headers)
        message->headers.push_back({std::string(header.key), share(header.value)});
    if (record->timestamp >= 0)
        message->timestamp = Timestamp(std::chrono::milliseconds(record->timestamp));
    message->timestamp_type = record->timestamp_type;
    return message;
}

std::optional<std::size_t> Batch::read(std::span<std::uint8_t> buffer) {
    const auto* record = impl_ ? impl_->peek() : nullptr;
    if (!record) return std::nullopt;
    const auto size = record->value.size();
    if (size > buffer.size()) return size;
    if (size > 0) std::memcpy(buffer.data(), record->value.data(), size);
    impl_->taken();
    return size;
}

const Failure& Batch::failure() const noexcept {
    return impl_ ? impl_->failure : no_failure;
}
bool Batch::empty() const noexcept {
    return size() == 0;
}
const std::string& Batch::topic() const noexcept {
    return impl_ ? impl_->topic : nothing;
}
std::int32_t Batch::partition() const noexcept {
    return impl_ ? impl_->partition : -1;
}
std::int64_t Batch::offset() const noexcept {
    return impl_ ? impl_->offset : -1;
}
std::int64_t Batch::high_watermark() const noexcept {
    return impl_ ? impl_->high_watermark : -1;
}
std::int64_t Batch::last_stable_offset() const noexcept {
    return impl_ ? impl_->last_stable_offset : -1;
}
std::int64_t Batch::log_start_offset() const noexcept {
    return impl_ ? impl_->log_start_offset : -1;
}
std::chrono::milliseconds Batch::throttle() const noexcept {
    return impl_ ? impl_->throttle : std::chrono::milliseconds(0);
}
std::size_t Batch::size() const noexcept {
    return impl_ ? impl_->size : 0;
}
void Batch::close() noexcept {
    if (impl_) impl_->close();
}

}  // namespace kafka
