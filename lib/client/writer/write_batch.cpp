// SPDX-License-Identifier: Apache-2.0
#include "client/writer/write_batch.hpp"

#include <algorithm>
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
    next = nullptr;
}

std::size_t BatchPool::charge_of(std::size_t capacity) const noexcept {
    return (capacity > small ? std::max(capacity, full_) : small) + own_size;
}

std::unique_ptr<WriteBatch> BatchPool::get(std::size_t capacity) {
    std::unique_ptr<WriteBatch> batch;
    auto& list = capacity > small ? large_ : small_;
    const auto charge = charge_of(capacity);
    const auto wanted = charge - own_size;
    {
        const std::lock_guard lock(mutex_);
        if (!list.empty() && list.back()->capacity >= capacity) {
            batch = std::move(list.back());
            list.pop_back();
            kept_ -= batch->charged;
        }
    }
    if (batch) {
        if (budget_.take_bytes(batch->charged)) return batch;
        batch->charged = 0;
        return nullptr;
    }
    if (!budget_.take_bytes(charge)) return nullptr;
    try {
        batch = std::make_unique<WriteBatch>();
        batch->records = protocol::RecordBatchBuilder(ByteBuffer(wanted));
    } catch (...) {
        budget_.give_bytes(charge);
        throw;
    }
    batch->capacity = wanted;
    batch->charged = charge;
    // What is kept makes room for what is in use.
    std::vector<std::unique_ptr<WriteBatch>> dropped;
    {
        const std::lock_guard lock(mutex_);
        while (kept_ > 0 && kept_ + budget_.used() > budget_.limit()) {
            auto& from = large_.empty() ? small_ : large_;
            kept_ -= from.back()->charged;
            dropped.push_back(std::move(from.back()));
            from.pop_back();
        }
    }
    return batch;
}

void BatchPool::put(std::unique_ptr<WriteBatch> batch) noexcept {
    const auto charged = batch->charged;
    const auto records = batch->cookies.size();
    batch->reset();
    const bool large = batch->capacity > small;
    // One that grew for a large record is worth less than its memory.
    const bool keep = (large ? batch->capacity >= full_ && batch->capacity <= full_ + full_ / 2
                             : batch->capacity == small);
    if (keep) {
        const std::lock_guard lock(mutex_);
        auto& list = large ? large_ : small_;
        if (kept_ + budget_.used() <= budget_.limit() && list.size() < most_kept) {
            try {
                list.push_back(std::move(batch));
                kept_ += charged;
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
