// SPDX-License-Identifier: Apache-2.0
// WriterImpl: taking records, on the threads that write.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <mutex>
#include <new>
#include <utility>

#include <asio/post.hpp>

#include <kafka/error.hpp>

#include "client/balancer_call.hpp"
#include "client/writer/writer_impl.hpp"
#include "client/writer/writer_transactions.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;

/// Records that are put into a partition before other threads have their turn.
constexpr std::size_t most_under_lock = 64;

/// Of so many records in a batch that tell no time and are followed at once, one asks for it: even
/// the coarse clock costs a twentieth of a record.
constexpr std::int32_t share_a_time = 16;

/// Milliseconds since 1970, a few milliseconds old: asking for the exact time costs as much as the
/// rest of a record.
[[gnu::noinline]] std::int64_t coarse_ms() noexcept {
#ifdef CLOCK_REALTIME_COARSE
    std::timespec time{};
    if (::clock_gettime(CLOCK_REALTIME_COARSE, &time) == 0)
        return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
#endif
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Apart, so that records without headers can do with registers.
[[gnu::noinline]] std::size_t append_with_headers(protocol::RecordBatchBuilder& records,
                                                  const Record& record, std::int64_t time,
                                                  std::size_t max_size) noexcept {
    return records.append_small({record.key, record.value, record.headers, time}, max_size);
}

void say(std::string* to, std::string text) {
    if (to) *to = std::move(text);
}

/// In a handler: of memory, or of a mutex.
std::error_code error_of_exception() noexcept {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return std::make_error_code(std::errc::not_enough_memory);
    } catch (...) {
        return std::make_error_code(std::errc::resource_unavailable_try_again);
    }
}

}  // namespace

WriteTopic* WriterImpl::find_topic(std::string_view name) {
    if (name.empty() || (own_topic_ && own_topic_->name == name)) return own_topic_;
    if (auto* known = topics_by_name_.find(name)) return known;
    core::TopicBalancerSettings settings;
    settings.batch_bytes =
        static_cast<std::uint32_t>(std::min<std::size_t>(config_.batch_size, std::size_t{1} << 30));
    settings.seed = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    auto topic = std::make_unique<WriteTopic>(std::string(name), config_.balancer, settings);
    const std::lock_guard lock(topics_mutex_);
    if (auto* known = topics_by_name_.find(name)) return known;  // by another thread
    topics_by_name_.make_room();
    topics_by_name_.insert(*topics_.emplace_back(std::move(topic)));
    return topics_.back().get();
}

// For try_write() of one. Null: no_topic() says why, since a pointer to the caller's error code
// would keep that in memory. All that a lookup may lack is memory.
[[gnu::noinline]] WriteTopic* WriterImpl::find_topic_of(const Record& record) noexcept {
    try {
        return find_topic(record.topic);
    } catch (...) {
        return nullptr;
    }
}

[[gnu::noinline]] std::error_code WriterImpl::no_topic(const Record& record) noexcept {
    if (record.topic.empty()) return errc::invalid_argument;
    return std::make_error_code(std::errc::not_enough_memory);
}

void WriterImpl::want_topic(WriteTopic& topic) {
    if (topic.known.exchange(true, std::memory_order_acq_rel)) return;
    asio::post(strand_, [self = shared_from_this(), &topic] {
        if (self->state_.load() == State::closed) return;
        topic.index = self->core_.add_topic(topic.name);
        if (topic.index >= self->by_index_.size()) self->by_index_.resize(topic.index + 1);
        self->by_index_[topic.index] = &topic;
        if (const auto known = self->cluster_->topic(topic.name);
            known && known->error == 0 && !known->partitions.empty())
            self->take_topic(topic, Clock::now());
        else
            self->ask_topic(topic);
        self->wake();  // once for many that come together
    });
}

// Null: it is taken after all.
const Failure* WriterImpl::refusal(bool from_queue) const noexcept {
    static const Failure closed(errc::connection_closed, "the Writer was closed");
    const auto state = state_.load();
    if (state == State::open) return nullptr;
    return state == State::refusing ? transactions_->refusal(from_queue) : &closed;
}

// Small numbers, for the balancers' lanes.
std::uint32_t WriterImpl::thread_number() noexcept {
    static std::atomic<std::uint32_t> threads{0};
    thread_local constinit std::uint32_t number = 0;
    if (number == 0) [[unlikely]]
        number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
    return number;
}

// What comes next is probably about as large as what came last: where that would not fit the batch
// is full.
inline bool WriterImpl::is_full(const protocol::RecordBatchBuilder& records,
                                std::size_t grown) const noexcept {
    return records.size() + grown > config_.batch_size ||
           static_cast<std::size_t>(records.count()) >= config_.batch_records;
}

// A record came to the open batch, which had `before` bytes.
WriterImpl::Growth WriterImpl::grown_locked(WritePartition& partition,
                                            std::size_t before) noexcept {
    const auto& records = partition.open->records;
    const auto bytes = records.size() - (records.size() > before ? before : 0);
    Growth growth{1, bytes, static_cast<std::uint32_t>(records.count()), false};
    growth.full = is_full(records, bytes) && seal_locked(partition);
    if (!growth.full) partition.open_count.store(growth.count, std::memory_order_relaxed);
    return growth;
}

// What RecordBatchBuilder::append_small() did not take; the bytes that it came to. 0: it is no
// record for this batch, or the batch would have to grow.
[[gnu::noinline]] std::size_t WriterImpl::append_large(WriteBatch& batch, const Record& record,
                                                       std::int64_t time) const noexcept {
    auto& records = batch.records;
    if (records.empty() || (record.owner && record.value.size() >= refer_from_)) return 0;
    const auto before = records.size();
    const auto most = std::min(config_.batch_size, records.capacity());
    const auto done = records.append({record.key, record.value, record.headers, time}, most);
    return done ? records.size() - before : 0;
}

// What happens nearly always: there is an open batch with records, and room. Takes as many of the
// row as it can without anything rarer. `now`: for records that tell no time; -1: the batch's own.
[[gnu::always_inline]] inline WriterImpl::Growth WriterImpl::join_locked(
    WritePartition& partition, std::span<const Record> row, std::uint64_t cookie,
    std::int64_t now) noexcept {
    Growth growth;
    auto* const batch = partition.open.get();
    if (!batch || !partition.listed || budget_.counts_records() ||
        state_.load(std::memory_order_relaxed) != State::open)
        return growth;
    auto& records = batch->records;
    if (now == -1) {
        if (records.count() >= batch->time_holds) {
            batch->time = coarse_ms();
            batch->time_holds = records.count() + share_a_time;
        }
        now = batch->time;
    }
    bool full = false;
    while (growth.taken < row.size() && !full) {
        const auto& record = row[growth.taken];
        const auto time = record.timestamp == -1 ? now : record.timestamp;
        if (time < 0 || batch->cookies.full()) break;
        auto grown =
            record.headers.empty()
                ? records.append_small({record.key, record.value, {}, time}, config_.batch_size)
                : append_with_headers(records, record, time, config_.batch_size);
        if (grown == 0) [[unlikely]]
            grown = append_large(*batch, record, time);
        if (grown == 0) break;
        batch->cookies.push(cookie + growth.taken);
        ++growth.taken;
        growth.bytes += grown;
        full = is_full(records, grown);
    }
    if (growth.taken == 0) return growth;
    growth.count = static_cast<std::uint32_t>(records.count());
    growth.full = full && seal_locked(partition);
    if (!growth.full) partition.open_count.store(growth.count, std::memory_order_relaxed);
    return growth;
}

std::error_code WriterImpl::try_write(const Record& record, std::uint64_t cookie,
                                      bool more) noexcept {
    auto* topic = own_topic_;
    if (!topic || !record.topic.empty()) [[unlikely]] {
        topic = find_topic_of(record);
        if (!topic) return no_topic(record);
    }
    const auto thread = thread_number();
    auto& lane = topic->balancer.lane(thread);
    const auto choice = topic->balancer.choose(
        lane, record.key, record.key.size() + record.value.size(), record.partition);
    if (choice) [[likely]] {
        auto& partition = topic->partition(choice.partition());
        const auto now = more || record.timestamp != -1 ? record.timestamp : coarse_ms();
        partition.lock.lock();
        const auto growth = join_locked(partition, {&record, 1}, cookie, now);
        const bool stalled = partition.stalled;
        partition.lock.unlock();
        if (growth.taken > 0) [[likely]] {
            topic->balancer.appended(lane, choice, growth.bytes, growth.full);
            if (stalled) return none_;
            if (growth.full)
                wake();
            else if (!more)
                wake_if_due(partition, growth.count, false, false);
            return none_;
        }
    }
    return append(*topic, lane, choice, record, cookie, more);
}

// Apart, so that try_write() can do with registers.
[[gnu::noinline]] std::error_code WriterImpl::append(WriteTopic& topic, core::Lane& lane,
                                                     core::Choice choice, const Record& record,
                                                     std::uint64_t cookie, bool more) noexcept {
    try {
        return append(topic, lane, choice,
                      {record.key, record.value, record.headers,
                       record.timestamp == -1 ? coarse_ms() : record.timestamp},
                      Origin(record, cookie, thread_number(), more));
    } catch (...) {
        return error_of_exception();
    }
}

// As one by one, but the time is asked for once, and records that go to the same batch share the
// rest.
std::size_t WriterImpl::try_write(std::span<const Record> records, std::uint64_t cookie,
                                  std::error_code& ec) noexcept {
    const auto thread = thread_number();
    const auto now = coarse_ms();
    auto* topic = own_topic_;
    WritePartition* last = nullptr;  // where records were put without looking whether they are due
    std::size_t taken = 0;
    ec = {};
    try {
        while (taken < records.size()) {
            const auto& record = records[taken];
            if (record.topic.empty())
                topic = own_topic_;
            else if (!topic || topic->name != record.topic)
                topic = find_topic(record.topic);
            if (!topic) {
                ec = errc::invalid_argument;
                break;
            }
            auto& balancer = topic->balancer;
            auto& lane = balancer.lane(thread);
            const auto choice = balancer.choose(
                lane, record.key, record.key.size() + record.value.size(), record.partition);
            if (choice) [[likely]] {
                const auto row =
                    records.subspan(taken, row_length(*topic, lane, choice, records, taken));
                auto& partition = topic->partition(choice.partition());
                partition.lock.lock();
                const auto growth = join_locked(partition, row, cookie + taken, now);
                const bool stalled = partition.stalled;
                partition.lock.unlock();
                if (growth.taken > 0) [[likely]] {
                    taken += growth.taken;
                    balancer.appended(lane, choice, growth.bytes, growth.full);
                    if (growth.full && !stalled) wake();
                    last = growth.full || stalled ? nullptr : &partition;
                    continue;
                }
            }
            ec = append(*topic, lane, choice,
                        {record.key, record.value, record.headers,
                         record.timestamp == -1 ? now : record.timestamp},
                        Origin(record, cookie + taken, thread, taken + 1 < records.size()));
            if (ec) break;
            ++taken;
        }
    } catch (...) {
        ec = error_of_exception();
    }
    if (last)
        if (const auto count = last->open_count.load(std::memory_order_relaxed); count > 0)
            wake_if_due(*last, count, false, false);
    return taken;
}

// How many records from `from` on go where the first one goes, without asking for each.
std::size_t WriterImpl::row_length(const WriteTopic& topic, const core::Lane& lane,
                                   core::Choice choice, std::span<const Record> records,
                                   std::size_t from) noexcept {
    const auto rest = std::min(records.size() - from, most_under_lock);
    const auto name = records[from].topic;
    auto bytes = topic.balancer.stays_for(lane, choice);
    std::size_t length = 1;
    for (; length < rest; ++length) {
        const auto& record = records[from + length];
        const auto size = record.key.size() + record.value.size();
        if (bytes <= size || record.partition != -1 || record.topic.data() != name.data() ||
            record.topic.size() != name.size() || topic.balancer.is_keyed(record.key))
            break;
        bytes -= size;
    }
    return length;
}

std::error_code WriterImpl::append(WriteTopic& topic, protocol::RecordRef& record,
                                   const Origin& origin) {
    auto& lane = topic.balancer.lane(origin.thread);
    const auto choice = topic.balancer.choose(
        lane, record.key, record.key.size() + record.value.size(), origin.partition);
    if (record.timestamp == -1) record.timestamp = coarse_ms();
    return append(topic, lane, choice, record, origin);
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

std::error_code WriterImpl::append(WriteTopic& topic, core::Lane& lane, core::Choice choice,
                                   const protocol::RecordRef& record, const Origin& origin) {
    if (state_.load(std::memory_order_relaxed) != State::open) [[unlikely]]
        if (const auto* why = refusal(origin.from_queue)) return refuse(*why, origin);
    if (!choice) [[unlikely]]
        if (const auto ec = choose_otherwise(topic, record, origin, choice)) return ec;
    const auto estimate = most_size(record);
    if (record.key.size() + record.value.size() > config_.max_request_size)
        return refuse({broker_errc::message_too_large, "a record of " + std::to_string(estimate) +
                                                           " bytes, above max_request_size"},
                      origin);
    // Kafka knows no time before 1970.
    if (record.timestamp < 0)
        return refuse({errc::invalid_argument, "a timestamp before 1970"}, origin);
    if (origin.owner && can_refer(record))
        return append_referring(topic, lane, choice, record, origin);
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
            // It may be open batches that take the room, and one may have been sealed. The strand
            // looks by itself: to wake it from there would keep it running for as long as it waits.
            if (!origin.from_queue && (ec == errc::buffer_full || listed)) wake();
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
                batch.cookies.push(origin.cookie);
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

}  // namespace kafka::client
