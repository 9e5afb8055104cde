// SPDX-License-Identifier: Apache-2.0
#include "client/writer/write_batch.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "client/writer/write_call.hpp"

namespace kafka::client {
namespace {

/// What a batch takes beside its buffers.
constexpr std::size_t own_size = sizeof(WriteBatch) + 128;
constexpr std::size_t small = 4096;
constexpr std::size_t most_kept = 4096;  // batches of a kind

}  // namespace

void WriteBatch::reset() noexcept {
    // What was compressed lies in the records' buffer.
    auto buffer = std::exchange(encoded, {});
    if (buffer.capacity() > 0) {
        buffer.clear();
        records = protocol::RecordBatchBuilder(std::move(buffer));
    }
    ProduceBatch::reset();
    home = nullptr;
    cookies.clear();
    groups.clear();
    flushes.clear();
    opened = {};
    time_holds = 0;
    next = nullptr;
}

std::size_t BatchPool::room_for(std::size_t capacity) const noexcept {
    if (capacity <= small) return small;
    return capacity > full_ / 2 ? std::max(capacity, full_) : std::bit_ceil(capacity);
}

std::size_t BatchPool::charge_of(std::size_t capacity) const noexcept {
    return room_for(capacity) + own_size;
}

std::unique_ptr<WriteBatch> BatchPool::get(std::size_t capacity) {
    std::unique_ptr<WriteBatch> batch;
    const auto room = room_for(capacity);
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = kept_.find(room); at != kept_.end() && !at->second.empty()) {
            batch = std::move(at->second.back());
            at->second.pop_back();
            kept_bytes_ -= batch->charged;
        }
    }
    if (batch) {
        if (budget_.take_bytes(batch->charged)) return batch;
        batch->charged = 0;
        return nullptr;
    }
    const auto charge = room + own_size;
    if (!budget_.take_bytes(charge)) return nullptr;
    try {
        batch = std::make_unique<WriteBatch>();
        batch->records = protocol::RecordBatchBuilder(ByteBuffer(room));
    } catch (...) {
        budget_.give_bytes(charge);
        throw;
    }
    batch->capacity = room;
    batch->charged = charge;
    make_way();
    return batch;
}

// What is kept makes room for what is in use: the largest first, which are the fewest.
void BatchPool::make_way() noexcept {
    const std::lock_guard lock(mutex_);
    for (auto at = kept_.rbegin(); at != kept_.rend(); ++at)
        while (!at->second.empty()) {
            if (kept_bytes_ + budget_.used() <= budget_.limit()) return;
            kept_bytes_ -= at->second.back()->charged;
            at->second.pop_back();
        }
}

void BatchPool::put(std::unique_ptr<WriteBatch> batch) noexcept {
    const auto charged = batch->charged;
    const auto records = batch->cookies.size();
    batch->charged -= std::exchange(batch->charged_outside, 0);
    batch->reset();
    // One that grew for a large record is worth less than its memory.
    if (batch->capacity <= full_ && batch->capacity == room_for(batch->capacity)) {
        const std::lock_guard lock(mutex_);
        if (kept_bytes_ + budget_.used() <= budget_.limit()) {
            try {
                auto& list = kept_[batch->capacity];
                if (list.size() < most_kept) {
                    list.push_back(std::move(batch));
                    kept_bytes_ += list.back()->charged;
                }
            } catch (const std::bad_alloc&) {
                batch.reset();
            }
        }
    }
    batch.reset();
    budget_.give_bytes(charged);
    budget_.give_records(records);
}

}  // namespace kafka::client
