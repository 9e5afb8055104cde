// SPDX-License-Identifier: Apache-2.0
#include "testing/partition_log.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include <kafka/protocol/record_batch_edit.hpp>

namespace kafka::testing {

/// Memory that is filled once, from its beginning to its end.
class PartitionLog::Segment final : public SliceOwner {
public:
    explicit Segment(std::size_t capacity)
        : memory_(new std::uint8_t[capacity]), capacity_(capacity) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t room() const noexcept { return capacity_ - size_; }
    std::span<std::uint8_t> append(std::span<const std::uint8_t> bytes) noexcept {
        auto* to = memory_.get() + size_;
        std::memcpy(to, bytes.data(), bytes.size());
        size_ += bytes.size();
        return {to, bytes.size()};
    }
    Slice part(std::size_t at, std::size_t count) noexcept {
        return {this, memory_.get() + at, count};
    }

private:
    void destroy() noexcept override { delete this; }

    std::unique_ptr<std::uint8_t[]> memory_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

namespace {

// Idle partitions cost little, busy ones have few segments.
constexpr std::size_t first_segment = 4096;
constexpr std::size_t largest_segment = std::size_t{8} << 20;

}  // namespace

PartitionLog::PartitionLog() = default;
PartitionLog::PartitionLog(PartitionLog&& other) noexcept {
    *this = std::move(other);
}
PartitionLog& PartitionLog::operator=(PartitionLog&& other) noexcept {
    std::swap(segments_, other.segments_);
    std::swap(batches_, other.batches_);
    std::swap(epochs_, other.epochs_);
    std::swap(end_offset_, other.end_offset_);
    std::swap(size_, other.size_);
    return *this;
}
PartitionLog::~PartitionLog() {
    for (auto* segment : segments_)
        segment->drop();
}

std::span<std::uint8_t> PartitionLog::append(std::span<const std::uint8_t> batch,
                                             std::int32_t offsets, std::int64_t max_timestamp) {
    if (segments_.empty() || segments_.back()->room() < batch.size()) {
        const auto wanted = segments_.empty() ? first_segment : segments_.back()->capacity() * 4;
        segments_.push_back(nullptr);
        segments_.back() = new Segment(std::max(batch.size(), std::min(wanted, largest_segment)));
    }
    auto& segment = *segments_.back();
    const auto epoch = epochs_.empty() ? 0 : epochs_.back().epoch;
    batches_.push_back({.base_offset = end_offset_,
                        .last_offset = end_offset_ + offsets - 1,
                        .max_timestamp = max_timestamp,
                        .leader_epoch = epoch,
                        .segment = static_cast<std::uint32_t>(segments_.size() - 1),
                        .position = size_,
                        .at = segment.size(),
                        .size = batch.size()});
    auto copy = segment.append(batch);
    protocol::set_base_offset(copy, end_offset_);
    protocol::set_leader_epoch(copy, epoch);
    end_offset_ += offsets;
    size_ += batch.size();
    return copy;
}

Slice PartitionLog::read(std::int64_t offset, std::size_t max_bytes, bool at_least_one,
                         std::int64_t before) const {
    static constexpr std::uint8_t nothing = 0;
    const auto first = std::partition_point(batches_.begin(), batches_.end(),
                                            [&](const Batch& b) { return b.last_offset < offset; });
    if (first == batches_.end() || first->base_offset >= before) return {&nothing, 0};
    auto end = size_;
    if (before < end_offset_) {
        const auto next = std::partition_point(
            first, batches_.end(), [&](const Batch& b) { return b.base_offset < before; });
        if (next != batches_.end()) end = next->position;
    }
    if (max_bytes < first->size) {
        if (!at_least_one) return {&nothing, 0};
        max_bytes = first->size;
    }
    auto left = static_cast<std::size_t>(std::min<std::uint64_t>(max_bytes, end - first->position));
    auto* segment = segments_[first->segment];
    if (left <= segment->size() - first->at) return segment->part(first->at, left);
    // A read over the end of a segment is rare enough for a copy.
    ByteBuffer joined(left);
    auto at = first->at;
    for (auto i = first->segment; left > 0; ++i, at = 0) {
        const auto part = segments_[i]->part(at, std::min(left, segments_[i]->size() - at));
        joined.append(part.bytes());
        left -= part.size();
    }
    return std::move(joined).release();
}

std::int64_t PartitionLog::end_of_read(std::int64_t offset, std::size_t bytes) const noexcept {
    const auto first = std::partition_point(batches_.begin(), batches_.end(),
                                            [&](const Batch& b) { return b.last_offset < offset; });
    if (first == batches_.end() || bytes == 0) return offset;
    const auto next = std::partition_point(first, batches_.end(), [&](const Batch& b) {
        return b.position - first->position < bytes;
    });
    return std::prev(next)->last_offset + 1;
}

Slice PartitionLog::bytes_of(const Batch& batch) const noexcept {
    return segments_[batch.segment]->part(batch.at, batch.size);
}

void PartitionLog::start_epoch(std::int32_t epoch) {
    // An epoch without records leaves no trace (KIP-101): the next one takes its place.
    if (!epochs_.empty() && epochs_.back().start_offset == end_offset_) epochs_.pop_back();
    epochs_.push_back({epoch, end_offset_});
}

std::optional<PartitionLog::Epoch> PartitionLog::end_of_epoch(std::int32_t epoch) const noexcept {
    if (epochs_.empty() || epoch > epochs_.back().epoch) return std::nullopt;
    if (epoch == epochs_.back().epoch) return Epoch{epoch, end_offset_};
    const auto next = std::partition_point(
        epochs_.begin(), epochs_.end(), [&](const Epoch& known) { return known.epoch <= epoch; });
    if (next == epochs_.begin()) return Epoch{epoch, next->start_offset};
    return Epoch{std::prev(next)->epoch, next->start_offset};
}

std::int32_t PartitionLog::epoch_at(std::int64_t offset) const noexcept {
    const auto next = std::partition_point(epochs_.begin(), epochs_.end(), [&](const Epoch& known) {
        return known.start_offset <= offset;
    });
    return next == epochs_.begin() ? -1 : std::prev(next)->epoch;
}

}  // namespace kafka::testing
