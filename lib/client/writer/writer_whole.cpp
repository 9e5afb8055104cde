// SPDX-License-Identifier: Apache-2.0
// WriterImpl: batches that were made elsewhere, passed through as they are.
#include <mutex>
#include <utility>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/record_batch_edit.hpp>

#include "client/writer/writer_impl.hpp"

namespace kafka::client {

void WriterImpl::write_batch(std::string_view topic, std::int32_t partition,
                             std::span<const std::uint8_t> bytes, MessagesHandler handler) {
    const auto checked = protocol::check_produced(bytes, {.decompress = codec::decompress});
    if (!checked) {
        WriteResults nothing;
        nothing.detail = checked.failure().detail;
        return std::move(handler).post(checked.failure().code, std::move(nothing));
    }
    const auto slot = handler.get_cancellation_slot();
    auto call =
        std::make_shared<WriteCall>(static_cast<std::size_t>(checked->count), std::move(handler));
    assign_slot(call, slot);
    call->whole.emplace(WriteCall::Whole{std::string(topic), partition, bytes, {}});
    if (waiters_.load(std::memory_order_acquire) == 0 && !advance(call, false)) return wake();
    call->whole->own = Slice::copy_of(bytes);
    call->whole->bytes = call->whole->own.bytes();
    wait_for_turn(std::move(call));
}

// As append(), for all records of a batch at once.
std::error_code WriterImpl::place_whole(const std::shared_ptr<WriteCall>& call, bool from_queue,
                                        std::string& detail) {
    const auto& whole = *call->whole;
    auto* topic = find_topic(whole.topic);
    if (!topic) {
        detail = "no topic is named, nor has the Writer one";
        return errc::invalid_argument;
    }
    if (const auto* why = state_.load() == State::open ? nullptr : refusal(from_queue)) {
        detail = why->detail;
        return why->code;
    }
    if (whole.partition < 0) {
        detail = "no partition is named";
        return errc::invalid_argument;
    }
    const auto choice = topic->balancer.choose(topic->balancer.lane(0), {}, 0, whole.partition);
    if (!choice) {
        if (topic->balancer.count() <= 0) {
            want_topic(*topic);
            return errc::topic_not_ready;
        }
        auto failure = topic->balancer.failure(choice, topic->name, whole.partition);
        detail = std::move(failure.detail);
        return failure.code;
    }
    if (whole.bytes.size() > config_.max_request_size || whole.bytes.size() > budget_.limit() / 2) {
        detail = "a batch of " + std::to_string(whole.bytes.size()) +
                 " bytes, above max_request_size or half of buffer_memory";
        return broker_errc::message_too_large;
    }
    auto& partition = topic->partition(choice.partition());
    std::unique_ptr<WriteBatch> batch;
    try {
        batch = whole_batch(call, partition);
        for (int attempt = 0; !batch && config_.on_full == OnFull::drop_oldest && attempt < 8;
             ++attempt) {
            if (!drop_oldest(partition)) break;
            batch = whole_batch(call, partition);
        }
        if (!batch) return errc::buffer_full;
        const std::lock_guard lock(partition.lock);
        const auto* why = state_.load() == State::open ? nullptr : refusal(from_queue);
        // Behind what was taken before.
        if (!why && seal_locked(partition)) {
            partition.sealed.push_back(std::move(batch));
            partition.sealed_count.store(static_cast<std::uint32_t>(partition.sealed.size()),
                                         std::memory_order_relaxed);
            if (!std::exchange(partition.listed, true)) handed_over_.push(partition);
            return {};
        }
        pool_.put(std::move(batch));
        if (why) {
            detail = why->detail;
            return why->code;
        }
    } catch (const std::bad_alloc&) {
        if (batch) pool_.put(std::move(batch));
    }
    return std::make_error_code(std::errc::not_enough_memory);
}

// Null: there is no room. Throws std::bad_alloc.
std::unique_ptr<WriteBatch> WriterImpl::whole_batch(const std::shared_ptr<WriteCall>& call,
                                                    WritePartition& partition) {
    const auto bytes = call->whole->bytes;
    const auto count = call->count();
    auto batch = pool_.get(bytes.size());
    if (!batch) return nullptr;
    const auto had = batch->cookies.room();
    const auto cookies = count > had ? (count - had) * sizeof(std::uint64_t) : 0;
    const bool room = budget_.take_bytes(cookies);
    if (room) batch->charged += cookies;
    try {
        if (room && budget_.take_records(count)) {
            // From here on the pool gives its records back.
            batch->cookies.reserve(count);
            batch->groups.push_back({call, 0, static_cast<std::int32_t>(count)});
            for (std::size_t i = 0; i < count; ++i)
                batch->cookies.push(i);
            batch->home = &partition;
            batch->partition = partition.number;
            batch->opened = std::chrono::steady_clock::now();
            batch->deadline = core::after(batch->opened, config_.delivery_timeout);
            auto buffer = std::move(batch->records).take();
            buffer.clear();
            buffer.append(bytes);
            batch->encoded = std::move(buffer);
            return batch;
        }
    } catch (const std::bad_alloc&) {
        if (batch->cookies.size() == 0) budget_.give_records(count);
        pool_.put(std::move(batch));
        throw;
    }
    pool_.put(std::move(batch));
    return nullptr;
}

}  // namespace kafka::client
