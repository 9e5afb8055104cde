// SPDX-License-Identifier: Apache-2.0
// WriterImpl: the memory of batches, from their first record to their sealing; and whose goes for
// newer ones.
#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/protocol/record_batch.hpp>

#include "client/writer/writer_impl.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;

/// Room for so many in a batch's first memory for cookies.
constexpr std::size_t first_cookies = 32;

}  // namespace

std::error_code WriterImpl::open_batch(WritePartition& partition, std::size_t estimate) {
    const auto least = protocol::batch_layout::records + estimate;
    if (pool_.charge_of(least) + first_cookies * sizeof(std::uint64_t) > budget_.limit())
        return broker_errc::message_too_large;
    auto batch = pool_.get(std::max(partition.next_capacity, least));
    // Less may be there where a whole batch is not.
    if (!batch && partition.next_capacity > least) batch = pool_.get(least);
    if (!batch) return errc::buffer_full;
    begin(*batch, partition);
    partition.open = std::move(batch);
    return {};
}

void WriterImpl::begin(WriteBatch& batch, WritePartition& partition) const noexcept {
    batch.home = &partition;
    batch.partition = partition.number;
    batch.opened = Clock::now();
    batch.deadline = core::after(batch.opened, config_.delivery_timeout);
}

// False: the batch cannot grow so far, and perhaps no batch can.
bool WriterImpl::make_room(WritePartition& partition, std::size_t estimate) {
    auto& batch = *partition.open;
    const auto need = batch.records.size() + estimate;
    if (need > batch.capacity) {
        if (!batch.records.empty() && need > config_.batch_size + 64) return false;
        const auto capacity = pool_.room_for(need);
        if (!budget_.take_bytes(capacity - batch.capacity)) return false;
        batch.charged += capacity - batch.capacity;
        batch.records.reserve(capacity);
        batch.capacity = capacity;
    }
    if (batch.cookies.full()) {
        const auto room = std::max(first_cookies, 2 * batch.cookies.room());
        const auto bytes = (room - batch.cookies.room()) * sizeof(std::uint64_t);
        if (!budget_.take_bytes(bytes)) return false;
        batch.charged += bytes;
        batch.cookies.reserve(room);
    }
    return true;
}

// The open batch, if there is anything in it. False: it stays open, for want of memory to remember
// it by.
bool WriterImpl::seal_locked(WritePartition& partition) noexcept {
    if (!partition.open || partition.open->records.empty()) return true;
    const auto size = partition.open->records.size();
    try {
        partition.sealed.push_back(std::move(partition.open));
    } catch (const std::bad_alloc&) {
        return false;
    }
    // The next one will probably be like it, and like those before.
    partition.next_capacity =
        std::min(std::max(size + size / 4, partition.next_capacity - partition.next_capacity / 4),
                 config_.batch_size + 64);
    partition.open_count.store(0, std::memory_order_relaxed);
    partition.urgent.store(false, std::memory_order_relaxed);
    partition.sealed_count.store(static_cast<std::uint32_t>(partition.sealed.size()),
                                 std::memory_order_relaxed);
    return true;
}

// The oldest of this partition, else one of another.
bool WriterImpl::drop_oldest(WritePartition& partition) {
    const auto drop_from = [this](WritePartition& from) {
        std::unique_ptr<WriteBatch> batch;
        {
            const std::lock_guard lock(from.lock);
            if (from.sealed.empty()) seal_locked(from);
            if (from.sealed.empty()) return false;
            batch = std::move(from.sealed.front());
            from.sealed.pop_front();
            from.sealed_count.store(static_cast<std::uint32_t>(from.sealed.size()),
                                    std::memory_order_relaxed);
        }
        // Its memory is wanted now; only who has to be told is kept for the strand.
        batch->records = protocol::RecordBatchBuilder();
        batch->outside = {};
        const auto kept =
            std::min(batch->charged, batch->cookies.room() * sizeof(std::uint64_t) + 512);
        budget_.give_bytes(batch->charged - kept);
        budget_.give_records(batch->cookies.size());
        batch->charged = kept;
        batch->capacity = 0;
        dropped_batches_.push(*batch.release());
        wake();
        return true;
    };
    if (drop_from(partition)) return true;
    std::vector<WritePartition*> others;
    {
        const std::lock_guard lock(topics_mutex_);
        for (const auto& topic : topics_)
            if (const auto* table = topic->table.load(std::memory_order_acquire))
                for (auto* one : *table)
                    if (one->sealed_count.load(std::memory_order_relaxed) > 0 ||
                        one->open_count.load(std::memory_order_relaxed) > 0)
                        others.push_back(one);
    }
    return std::any_of(others.begin(), others.end(), [&](auto* one) { return drop_from(*one); });
}

}  // namespace kafka::client
