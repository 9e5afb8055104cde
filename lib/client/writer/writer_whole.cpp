// SPDX-License-Identifier: Apache-2.0
// WriterImpl: batches of their own, beside the one that is open: those that were made elsewhere,
// and large values that are not copied because they have an owner.
#include <mutex>
#include <utility>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/record_batch_edit.hpp>

#include "client/writer/writer_impl.hpp"

namespace kafka::client {

namespace layout = protocol::batch_layout;

void WriterImpl::write_batch(std::string_view topic, std::int32_t partition, const Slice& bytes,
                             MessagesHandler handler) {
    const auto checked = protocol::check_produced(bytes.bytes(), {.decompress = codec::decompress});
    if (!checked) {
        WriteResults nothing;
        nothing.detail = checked.failure().detail;
        return std::move(handler).post(checked.failure().code, std::move(nothing));
    }
    const auto slot = handler.get_cancellation_slot();
    auto call =
        std::make_shared<WriteCall>(static_cast<std::size_t>(checked->count), std::move(handler));
    assign_slot(call, slot);
    call->whole.emplace(WriteCall::Whole{std::string(topic), partition, bytes});
    if (waiters_.load(std::memory_order_acquire) == 0 && !advance(call, false)) return wake();
    if (!bytes.owner()) call->whole->bytes = Slice::copy_of(bytes.bytes());
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
    return place(partition, from_queue, &detail, [&] { return whole_batch(call, partition); });
}

// Null: there is no room. Throws std::bad_alloc.
std::unique_ptr<WriteBatch> WriterImpl::whole_batch(const std::shared_ptr<WriteCall>& call,
                                                    WritePartition& partition) {
    const auto& bytes = call->whole->bytes;
    const auto count = call->count();
    // The header is written to, whoever has the rest.
    const auto own = bytes.owner() && bytes.size() >= refer_from_ ? layout::records : bytes.size();
    auto batch = new_batch(partition, own, bytes.size() - own, count);
    if (!batch) return nullptr;
    for (std::size_t i = 0; i < count; ++i)
        batch->cookies.push(i);
    batch->groups.push_back({call, 0, static_cast<std::int32_t>(count)});
    auto buffer = std::move(batch->records).take();
    buffer.clear();
    buffer.append(bytes.bytes().first(own));
    batch->encoded = std::move(buffer);
    if (own < bytes.size()) {
        batch->outside = bytes.part(own);
        batch->outside_at = own;
    }
    return batch;
}

// Not what would be refused by its size: that is said elsewhere.
bool WriterImpl::can_refer(const protocol::RecordRef& record) const noexcept {
    const auto value = record.value.size();
    const auto size = layout::records + most_size(record);
    return value >= refer_from_ && size <= config_.max_request_size &&
           pool_.charge_of(size - value) + value + sizeof(std::uint64_t) <= budget_.limit();
}

std::error_code WriterImpl::append_referring(WriteTopic& topic, core::Lane& lane,
                                             core::Choice choice, const protocol::RecordRef& record,
                                             const Origin& origin) {
    if (choice.may_move()) choice = topic.balancer.move(lane, choice);
    auto& partition = topic.partition(choice.partition());
    if (origin.chosen) *origin.chosen = partition.number;
    const auto ec = place(partition, origin.from_queue, origin.detail,
                          [&] { return referring_batch(partition, record, origin); });
    if (!ec) topic.balancer.appended(lane, choice, record.key.size() + record.value.size(), true);
    // It may be open batches that take the room.
    if (!origin.from_queue && (!ec || ec == errc::buffer_full)) wake();
    return ec;
}

// Null: there is no room. Throws std::bad_alloc.
std::unique_ptr<WriteBatch> WriterImpl::referring_batch(WritePartition& partition,
                                                        const protocol::RecordRef& record,
                                                        const Origin& origin) {
    const auto value = record.value.size();
    auto batch = new_batch(partition, layout::records + most_size(record) - value, value, 1);
    if (!batch) return nullptr;
    batch->cookies.push(origin.cookie);
    if (origin.call) batch->groups.push_back({*origin.call, 0, 1});
    batch->outside_at = *batch->records.append_without_value(record);
    batch->outside = Slice(origin.owner, record.value.data(), value);
    return batch;
}

// With room for `room` bytes, `records` cookies and a group; `outside` bytes are charged as well.
// Null: there is no room. Throws std::bad_alloc.
std::unique_ptr<WriteBatch> WriterImpl::new_batch(WritePartition& partition, std::size_t room,
                                                  std::size_t outside, std::size_t records) {
    auto batch = pool_.get(room);
    if (!batch) return nullptr;
    const auto had = batch->cookies.room();
    const auto charge = outside + (records > had ? records - had : 0) * sizeof(std::uint64_t);
    bool taken = budget_.take_bytes(charge);
    if (taken) {
        batch->charged += charge;
        batch->charged_outside = outside;
        try {
            batch->cookies.reserve(records);
            batch->groups.reserve(1);
        } catch (const std::bad_alloc&) {
            pool_.put(std::move(batch));
            throw;
        }
        // From here on the pool gives its records back, for each of its cookies.
        taken = budget_.take_records(records);
    }
    if (!taken) {
        pool_.put(std::move(batch));
        return nullptr;
    }
    begin(*batch, partition);
    return batch;
}

// Puts a batch behind what was taken before.
template <class Make>
std::error_code WriterImpl::place(WritePartition& partition, bool from_queue, std::string* detail,
                                  Make make) {
    std::unique_ptr<WriteBatch> batch;
    try {
        batch = make();
        for (int attempt = 0; !batch && config_.on_full == OnFull::drop_oldest && attempt < 8;
             ++attempt) {
            if (!drop_oldest(partition)) break;
            batch = make();
        }
        if (!batch) return errc::buffer_full;
        const std::lock_guard lock(partition.lock);
        const auto* why = state_.load() == State::open ? nullptr : refusal(from_queue);
        if (!why && seal_locked(partition)) {
            partition.sealed.push_back(std::move(batch));
            partition.sealed_count.store(static_cast<std::uint32_t>(partition.sealed.size()),
                                         std::memory_order_relaxed);
            if (!std::exchange(partition.listed, true)) handed_over_.push(partition);
            return {};
        }
        pool_.put(std::move(batch));
        if (why) {
            if (detail) *detail = why->detail;
            return why->code;
        }
    } catch (const std::bad_alloc&) {
        if (batch) pool_.put(std::move(batch));
    }
    return std::make_error_code(std::errc::not_enough_memory);
}

}  // namespace kafka::client
