// SPDX-License-Identifier: Apache-2.0
// WriteBatch: records of one partition with what is needed to report them. Budget: the memory of
// all of them. BatchPool: batches that are used again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <kafka/protocol/record.hpp>

#include "core/produce/linked_list.hpp"
#include "core/produce/produce_batch.hpp"
#include "core/time.hpp"

namespace kafka::client {

class WriteCall;
struct FlushPoint;
struct WritePartition;

/// What WriterConfig::on_records is told of each record.
class Cookies {
public:
    Cookies() = default;
    Cookies(const Cookies&) = delete;
    Cookies& operator=(const Cookies&) = delete;

    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(next_ - places_.data());
    }
    [[nodiscard]] std::size_t room() const noexcept { return places_.size(); }
    [[nodiscard]] bool full() const noexcept { return next_ == std::to_address(places_.end()); }
    [[nodiscard]] std::span<const std::uint64_t> all() const noexcept {
        return std::span(places_).first(size());
    }
    /// Throws std::bad_alloc.
    void reserve(std::size_t room) {
        if (room <= places_.size()) return;
        const auto count = size();
        places_.resize(room);
        next_ = places_.data() + count;
    }
    /// While it is not full().
    void push(std::uint64_t cookie) noexcept { *next_++ = cookie; }
    void clear() noexcept { next_ = places_.data(); }

private:
    std::vector<std::uint64_t> places_;  // all that there is room for
    std::uint64_t* next_ = nullptr;
};

class WriteBatch final : public core::ProduceBatch {
public:
    /// Records of one call of async_write_messages(); their cookies are the places in its list.
    struct Group {
        std::shared_ptr<WriteCall> call;
        std::int32_t first = 0;
        std::int32_t count = 0;
    };

    WritePartition* home = nullptr;
    Cookies cookies;
    std::vector<Group> groups;
    std::vector<std::shared_ptr<FlushPoint>> flushes;
    core::Time opened{};
    std::int64_t time = 0;            ///< of records that tell none and are followed at once
    std::int32_t time_holds = 0;      ///< while there are fewer
    std::size_t capacity = 0;         ///< of the records' buffer, at least
    std::size_t charged = 0;          ///< of the budget
    std::size_t charged_outside = 0;  ///< of that, for what lies outside of its memory
    core::Link<WriteBatch> alive;
    WriteBatch* next = nullptr;

    void reset() noexcept;
};

/// At least what the record takes in a batch.
[[nodiscard]] inline std::size_t most_size(const protocol::RecordRef& record) noexcept {
    auto size = record.key.size() + record.value.size() + 40;
    for (const auto& header : record.headers)
        size += header.key.size() + header.value.size() + 10;
    return size;
}

/// Bytes and records that are in use; atomics alone.
class Budget {
public:
    Budget(std::size_t bytes, std::size_t records) noexcept : bytes_(bytes), records_(records) {}

    [[nodiscard]] bool take_bytes(std::size_t count) noexcept {
        return take(used_bytes_, count, bytes_);
    }
    void give_bytes(std::size_t count) noexcept {
        used_bytes_.fetch_sub(count, std::memory_order_relaxed);
    }
    [[nodiscard]] bool counts_records() const noexcept { return records_ > 0; }
    [[nodiscard]] bool take_records(std::size_t count) noexcept {
        return records_ == 0 || take(used_records_, count, records_);
    }
    void give_records(std::size_t count) noexcept {
        if (records_ > 0) used_records_.fetch_sub(count, std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t used() const noexcept {
        return used_bytes_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t limit() const noexcept { return bytes_; }

private:
    static bool take(std::atomic<std::size_t>& used, std::size_t count,
                     std::size_t limit) noexcept {
        auto before = used.load(std::memory_order_relaxed);
        do {
            if (count > limit || before > limit - count) return false;
        } while (!used.compare_exchange_weak(before, before + count, std::memory_order_relaxed));
        return true;
    }

    const std::size_t bytes_, records_;
    alignas(64) std::atomic<std::size_t> used_bytes_{0};
    std::atomic<std::size_t> used_records_{0};
};

/// Thread-safe. What is in use and what is kept stay within the budget together.
class BatchPool {
public:
    /// `full`: what a batch that is full by its bytes takes.
    BatchPool(Budget& budget, std::size_t full) : budget_(budget), full_(full) {}

    /// How much room a batch has that has room for `capacity` bytes: one of a few sizes, so that
    /// what is kept fits again.
    [[nodiscard]] std::size_t room_for(std::size_t capacity) const noexcept;
    /// What such a batch takes of the budget.
    [[nodiscard]] std::size_t charge_of(std::size_t capacity) const noexcept;
    /// With room for `capacity` bytes, charged. Null: the budget has no room. Throws
    /// std::bad_alloc.
    [[nodiscard]] std::unique_ptr<WriteBatch> get(std::size_t capacity);
    /// Gives its charge back.
    void put(std::unique_ptr<WriteBatch> batch) noexcept;

private:
    using List = std::vector<std::unique_ptr<WriteBatch>>;

    void make_way() noexcept;

    Budget& budget_;
    const std::size_t full_;
    std::mutex mutex_;
    std::map<std::size_t, List> kept_;  // by their room
    std::size_t kept_bytes_ = 0;
};

}  // namespace kafka::client
