// SPDX-License-Identifier: Apache-2.0
// WriterImpl: taking records, on the threads that write.
#include <algorithm>
#include <ctime>
#include <utility>

#include <asio/post.hpp>

#include <kafka/error.hpp>
#include <kafka/protocol/record_batch.hpp>

#include "client/balancer_call.hpp"
#include "client/writer/writer_impl.hpp"
#include "client/writer/writer_transactions.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

// Adaptive linger, as measured.
constexpr std::uint32_t earned_records = 64;
constexpr std::uint32_t bulk_records = 600;
constexpr nanoseconds least_hold = microseconds(100);
constexpr nanoseconds timer_slack = microseconds(50);
/// Room for so many in a batch's first memory for cookies.
constexpr std::size_t first_cookies = 32;

/// Milliseconds since 1970, a few milliseconds old: asking for the exact time costs as much as the
/// rest of a record.
std::int64_t coarse_ms() noexcept {
#ifdef CLOCK_REALTIME_COARSE
    std::timespec time{};
    if (::clock_gettime(CLOCK_REALTIME_COARSE, &time) == 0)
        return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
#endif
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// At least what the record takes in a batch.
std::size_t most_size(const protocol::RecordRef& record) noexcept {
    auto size = record.key.size() + record.value.size() + 40;
    for (const auto& header : record.headers)
        size += header.key.size() + header.value.size() + 10;
    return size;
}

void say(std::string* to, std::string text) {
    if (to) *to = std::move(text);
}

}  // namespace

WriteTopic* WriterImpl::find_topic(std::string_view name) {
    if (name.empty() || (own_topic_ && own_topic_->name == name)) return own_topic_;
    {
        const std::shared_lock lock(topics_mutex_);
        const auto at = topics_.find(name);
        if (at != topics_.end()) return at->second.get();
    }
    core::TopicBalancerSettings settings;
    settings.batch_bytes =
        static_cast<std::uint32_t>(std::min<std::size_t>(config_.batch_size, std::size_t{1} << 30));
    settings.seed = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    auto topic = std::make_unique<WriteTopic>(std::string(name), config_.balancer, settings);
    const std::lock_guard lock(topics_mutex_);
    return topics_.try_emplace(std::string(name), std::move(topic)).first->second.get();
}

void WriterImpl::want_topic(WriteTopic& topic) {
    if (topic.known.exchange(true, std::memory_order_acq_rel)) return;
    asio::post(strand_, [self = shared_from_this(), &topic] {
        if (self->state_.load() == State::closed) return;
        self->cluster_->hold_topic(topic.name);
        topic.index = self->core_.add_topic(topic.name);
        if (topic.index >= self->by_index_.size()) self->by_index_.resize(topic.index + 1);
        self->by_index_[topic.index] = &topic;
        if (const auto known = self->cluster_->topic(topic.name);
            known && known->error == 0 && !known->partitions.empty())
            self->take_topic(topic, Clock::now());
        else
            self->ask_topic(topic);
        self->run();
    });
}

// Null: it is taken after all.
const Failure* WriterImpl::refusal(bool from_queue) const noexcept {
    static const Failure closed(errc::connection_closed, "the Writer was closed");
    const auto state = state_.load();
    if (state == State::open) return nullptr;
    return state == State::refusing ? transactions_->refusal(from_queue) : &closed;
}

std::error_code WriterImpl::append(WriteTopic& topic, protocol::RecordRef& record,
                                   const Origin& origin) {
    if (state_.load(std::memory_order_relaxed) != State::open) [[unlikely]]
        if (const auto* why = refusal(origin.from_queue)) return refuse(*why, origin);
    auto& lane = topic.balancer.lane(origin.thread);
    auto choice = topic.balancer.choose(lane, record.key, record.key.size() + record.value.size(),
                                        origin.partition);
    if (!choice) [[unlikely]]
        if (const auto ec = choose_otherwise(topic, record, origin, choice)) return ec;
    // An unknown time is now's.
    if (record.timestamp == -1) record.timestamp = coarse_ms();
    const auto estimate = most_size(record);
    auto& partition = topic.partition(choice.partition());
    partition.lock.lock();
    // What happens nearly always: there is an open batch, with room, and nobody waits for one
    // record.
    auto* const batch = partition.open.get();
    if (batch && !origin.chosen && partition.listed && record.timestamp >= 0 &&
        state_.load(std::memory_order_relaxed) == State::open && !budget_.counts_records()) {
        const auto before = batch->records.size();
        if (before > 0 && before + estimate <= batch->capacity &&
            batch->cookies.size() < batch->cookies.capacity() &&
            batch->records.append(record, config_.batch_size)) {
            batch->cookies.push_back(origin.cookie);
            const auto growth = grown_locked(partition, before);
            const bool stalled = partition.stalled;
            partition.lock.unlock();
            topic.balancer.appended(lane, choice, growth.bytes, growth.full);
            if (stalled || (origin.more && !growth.full)) return {};
            if (growth.full)
                wake();
            else
                wake_if_due(partition, growth.count, false, false);
            return {};
        }
    }
    partition.lock.unlock();
    return append_rarely(topic, lane, choice, record, estimate, origin);
}

std::error_code WriterImpl::refuse(const Failure& why, const Origin& origin) {
    say(origin.detail, why.detail);
    return why.code;
}

// The balancer did not choose: it asks the user's function, or there is nothing to choose from.
std::error_code WriterImpl::choose_otherwise(WriteTopic& topic, const protocol::RecordRef& record,
                                             const Origin& origin, core::Choice& choice) {
    using core::Choice;
    auto& balancer = topic.balancer;
    if (choice.reason() == Choice::no_partitions ||
        (choice.reason() >= Choice::not_there && balancer.count() <= 0)) {
        want_topic(topic);
        return errc::topic_not_ready;
    }
    if (choice.reason() != Choice::ask_function)
        return refuse(balancer.failure(choice, topic.name, origin.partition), origin);
    const auto chosen =
        ask_balancer(std::get<FunctionBalancer>(config_.balancer), balancer, topic.name, record);
    if (!chosen) return refuse(chosen.failure(), origin);
    choice = Choice(*chosen);
    return {};
}

// A record came to the open batch, which had `before` bytes. What comes next is probably about as
// large: where that would not fit the batch is sealed now.
WriterImpl::Growth WriterImpl::grown_locked(WritePartition& partition,
                                            std::size_t before) noexcept {
    const auto& records = partition.open->records;
    const auto size = records.size();
    Growth growth{size > before ? size - before : size, static_cast<std::uint32_t>(records.count()),
                  false};
    growth.full =
        (size + growth.bytes > config_.batch_size || growth.count >= config_.batch_records) &&
        seal_locked(partition);
    if (!growth.full) partition.open_count.store(growth.count, std::memory_order_relaxed);
    return growth;
}

// A batch is to be begun or grown, a record has a call of its own, or it is refused.
std::error_code WriterImpl::append_rarely(WriteTopic& topic, core::Lane& lane, core::Choice choice,
                                          const protocol::RecordRef& record, std::size_t estimate,
                                          const Origin& origin) {
    if (record.key.size() + record.value.size() > config_.max_request_size)
        return refuse({broker_errc::message_too_large, "a record of " + std::to_string(estimate) +
                                                           " bytes, above max_request_size"},
                      origin);
    // Kafka knows no time before 1970.
    if (record.timestamp < 0)
        return refuse({errc::invalid_argument, "a timestamp before 1970"}, origin);
    for (int attempt = 0;; ++attempt) {
        auto* partition = &topic.partition(choice.partition());
        partition->lock.lock();
        if (choice.may_move() && !partition->open) {
            partition->lock.unlock();
            choice = topic.balancer.move(lane, choice);
            partition = &topic.partition(choice.partition());
            partition->lock.lock();
        }
        if (origin.chosen) *origin.chosen = partition->number;
        std::error_code ec;
        Growth growth;
        bool listed = false;
        const bool open = state_.load(std::memory_order_relaxed) == State::open;
        if (const auto* why = open ? nullptr : refusal(origin.from_queue)) {
            ec = why->code;
        } else {
            try {
                const auto before = partition->open ? partition->open->records.size() : 0;
                ec = append_locked(*partition, record, estimate, origin);
                if (!ec) {
                    if (origin.urgent) partition->urgent.store(true, std::memory_order_relaxed);
                    growth = grown_locked(*partition, before);
                }
            } catch (const std::bad_alloc&) {
                ec = std::make_error_code(std::errc::not_enough_memory);
            }
        }
        // A batch may have been sealed although this record found no place.
        if (!partition->listed && (partition->open_count.load(std::memory_order_relaxed) > 0 ||
                                   !partition->sealed.empty())) {
            partition->listed = listed = true;
            handed_over_.push(*partition);
        }
        const bool stalled = partition->stalled;
        partition->lock.unlock();
        if (ec == errc::buffer_full && config_.on_full == OnFull::drop_oldest && attempt < 8 &&
            drop_oldest(*partition))
            continue;
        if (ec) {
            // It may be open batches that take the room, and one may have been sealed.
            if (ec == errc::buffer_full || listed) wake();
            if (ec == broker_errc::message_too_large)
                say(origin.detail, "a record of " + std::to_string(estimate) +
                                       " bytes, above max_request_size or buffer_memory");
            return ec;
        }
        topic.balancer.appended(lane, choice, growth.bytes, growth.full);
        if (origin.from_queue) return {};  // the strand looks by itself
        if (growth.full) {
            if (!stalled) wake();
        } else if (listed || (!stalled && !origin.more)) {
            wake_if_due(*partition, growth.count, origin.urgent && !origin.more, listed);
        }
        return {};
    }
}

std::error_code WriterImpl::append_locked(WritePartition& partition,
                                          const protocol::RecordRef& record, std::size_t estimate,
                                          const Origin& origin) {
    if (!budget_.take_records(1)) return errc::buffer_full;
    std::error_code ec;
    for (;;) {
        if (!partition.open) {
            ec = open_batch(partition, estimate);
            if (ec) break;
        }
        auto& batch = *partition.open;
        const bool empty = batch.records.empty();
        if (make_room(partition, estimate)) {
            auto& groups = batch.groups;
            if (origin.call && groups.size() == groups.capacity())
                groups.reserve(2 * groups.size() + 1);  // nothing fails once the record is there
            if (batch.records.append(record,
                                     empty ? config_.max_request_size : config_.batch_size)) {
                batch.cookies.push_back(origin.cookie);
                if (origin.call) {
                    const auto place = batch.records.count() - 1;
                    if (groups.empty() || groups.back().call != *origin.call ||
                        groups.back().first + groups.back().count != place)
                        groups.push_back({*origin.call, place, 0});
                    ++groups.back().count;
                }
                return {};
            }
            if (empty) ec = broker_errc::message_too_large;
        } else if (empty) {
            ec = errc::buffer_full;
        }
        if (ec) {
            auto unused = std::move(partition.open);
            pool_.put(std::move(unused));
            break;
        }
        if (!seal_locked(partition)) {
            ec = std::make_error_code(std::errc::not_enough_memory);
            break;
        }
    }
    budget_.give_records(1);
    return ec;
}

std::error_code WriterImpl::open_batch(WritePartition& partition, std::size_t estimate) {
    const auto least = protocol::batch_layout::records + estimate;
    if (pool_.charge_of(least) + first_cookies * sizeof(std::uint64_t) > budget_.limit())
        return broker_errc::message_too_large;
    auto batch = pool_.get(std::max(partition.next_capacity, least));
    // Less may be there where a whole batch is not.
    if (!batch && partition.next_capacity > least) batch = pool_.get(least);
    if (!batch) return errc::buffer_full;
    batch->home = &partition;
    batch->partition = partition.number;
    batch->opened = Clock::now();
    batch->deadline = core::after(batch->opened, config_.delivery_timeout);
    partition.open = std::move(batch);
    return {};
}

// False: the batch cannot grow so far, and perhaps no batch can.
bool WriterImpl::make_room(WritePartition& partition, std::size_t estimate) {
    auto& batch = *partition.open;
    const auto need = batch.records.size() + estimate;
    if (need > batch.capacity) {
        if (!batch.records.empty() && need > config_.batch_size + 64) return false;
        const auto capacity = std::max(need, batch.capacity + batch.capacity / 2);
        if (!budget_.take_bytes(capacity - batch.capacity)) return false;
        batch.charged += capacity - batch.capacity;
        batch.capacity = capacity;
    }
    if (batch.cookies.size() == batch.cookies.capacity()) {
        const auto capacity = std::max(first_cookies, 2 * batch.cookies.capacity());
        const auto bytes = (capacity - batch.cookies.capacity()) * sizeof(std::uint64_t);
        if (!budget_.take_bytes(bytes)) return false;
        batch.charged += bytes;
        batch.cookies.reserve(capacity);
    }
    return true;
}

// The open batch, if there is anything in it. False: it stays open, for want of memory to remember
// it by.
bool WriterImpl::seal_locked(WritePartition& partition) noexcept {
    if (!partition.open || partition.open->records.empty()) return true;
    // The next one will probably be like it.
    const bool large = partition.open->records.size() > config_.batch_size / 2;
    try {
        partition.sealed.push_back(std::move(partition.open));
    } catch (const std::bad_alloc&) {
        return false;
    }
    partition.next_capacity = large ? config_.batch_size + 64 : 0;
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
        const auto kept = std::min(batch->charged, batch->cookies.capacity() * 8 + 512);
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
        const std::shared_lock lock(topics_mutex_);
        for (const auto& [name, topic] : topics_)
            if (const auto* table = topic->table.load(std::memory_order_acquire))
                for (auto* one : *table)
                    if (one->sealed_count.load(std::memory_order_relaxed) > 0 ||
                        one->open_count.load(std::memory_order_relaxed) > 0)
                        others.push_back(one);
    }
    return std::any_of(others.begin(), others.end(), [&](auto* one) { return drop_from(*one); });
}

// Whether a request has been earned; or somebody has to see to it that it will be.
void WriterImpl::wake_if_due(WritePartition& partition, std::uint32_t count, bool urgent,
                             bool listed) {
    const auto* leader = partition.leader.load(std::memory_order_acquire);
    if (!leader) {
        if (listed) wake();
        return;
    }
    // Either the strand sees the first record when it looks, or this sees what it has changed.
    if (listed || count == 1) std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto in_flight = leader->in_flight.load(std::memory_order_relaxed);
    if (in_flight >= max_in_flight_) return;
    // The clock costs more than a record.
    if (!urgent && count > earned_records && (count & (count > 1024 ? 63U : 15U)) != 0) return;
    const auto now = Clock::now().time_since_epoch().count();
    const auto last = leader->last_send.load(std::memory_order_relaxed);
    const auto due = last + hold(count, urgent, in_flight).count();
    if (now >= due || timer_for_all_.load(std::memory_order_relaxed) >
                          last + (longest_hold_ + timer_slack).count())
        wake();
}

std::chrono::nanoseconds WriterImpl::hold(std::size_t records, bool urgent,
                                          unsigned in_flight) const noexcept {
    if (in_flight > 0) return longest_hold_;
    if (urgent) return {};
    if (records >= bulk_records) return longest_hold_ / 2;
    if (records >= earned_records) return std::min(least_hold, longest_hold_);
    const auto earned = longest_hold_ * static_cast<std::int64_t>(earned_records - records) /
                        std::int64_t{earned_records};
    return std::max(std::min(least_hold, longest_hold_), nanoseconds(earned));
}

void WriterImpl::wake() {
    if (!awake_.exchange(true, std::memory_order_acq_rel))
        asio::post(strand_, [self = shared_from_this()] { self->run(); });
}

}  // namespace kafka::client
