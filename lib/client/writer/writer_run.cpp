// SPDX-License-Identifier: Apache-2.0
// WriterImpl on its strand: batches out of partitions, ends to those who wait for them, and time.
#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <asio/error.hpp>

#include <kafka/error.hpp>

#include "client/writer/writer_impl.hpp"
#include "client/writer/writer_transactions.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

std::uint64_t micros(core::Time from, core::Time to) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(std::chrono::duration_cast<microseconds>(to - from).count(), 0));
}

}  // namespace

// Everything at hand first, then what ProduceCore wants: what is there together goes together.
void WriterImpl::run() {
    awake_.exchange(false, std::memory_order_acq_rel);
    if (state_.load() == State::closed && core_.idle()) {
        report_dropped();
        return;
    }
    // With the one in wake_if_due().
    std::atomic_thread_fence(std::memory_order_seq_cst);
    collect();
    const auto now = Clock::now();
    report_dropped();
    look_after_brokers(now);
    take_answers(now);
    let_waiters_in(now);
    pull(now);
    drive(now);
    // What was released may let others in, and what was answered may let more go.
    if (!waiting_.empty()) let_waiters_in(now);
    pull(now);
    drive(now);
    if (transactions_) transactions_->step(now);
    finish_close(now);
    publish();
    set_timer();
}

void WriterImpl::collect() noexcept {
    for (auto* one = handed_over_.take(); one;) {
        auto* next = one->next;
        one->listed_here = true;
        active_.push_back(one);
        one = next;
    }
}

void WriterImpl::pull(Time now) {
    collect();
    for (const auto& [id, broker] : brokers_) {
        broker->waiting = 0;
        broker->urgent = false;
    }
    for (const auto* partition : active_)
        if (auto* leader = partition->leader.load(std::memory_order_relaxed)) {
            leader->waiting += partition->open_count.load(std::memory_order_relaxed);
            leader->urgent |= partition->urgent.load(std::memory_order_relaxed);
        }
    linger_at_ = core::never;
    for (const auto& [id, broker] : brokers_) {
        broker->due = false;
        const auto in_flight = broker->in_flight.load(std::memory_order_relaxed);
        if (broker->waiting == 0 || in_flight >= max_in_flight_) continue;
        const Time last(Clock::duration(broker->last_send.load(std::memory_order_relaxed)));
        const auto held = hold(broker->waiting, broker->urgent, in_flight);
        broker->due = last + held <= now;
        if (!broker->due) linger_at_ = std::min(linger_at_, last + holds_.timer(flowing_));
    }
    for (std::size_t i = 0; i < active_.size();) {
        auto& partition = *active_[i];
        const auto* leader = partition.leader.load(std::memory_order_relaxed);
        const bool open_too = !leader || leader->due;
        if (open_too || partition.sealed_count.load(std::memory_order_relaxed) > 0 ||
            partition.open_count.load(std::memory_order_relaxed) == 0)
            take_from(partition, open_too, now);
        if (partition.listed_here) {
            ++i;
        } else {
            active_[i] = active_.back();
            active_.pop_back();
        }
    }
}

void WriterImpl::take_from(WritePartition& partition, bool open_too, Time now) {
    const auto limit = max_in_flight_ + 1;
    const auto backlog = core_.backlog(partition.topic.index, partition.number);
    // While a batch waits there already, what is open had better grow.
    const bool waits = backlog.batches > backlog.flying;
    {
        const std::lock_guard lock(partition.lock);
        if (open_too && !waits && partition.sealed.size() + partition.in_core < limit)
            seal_locked(partition);
        while (!partition.sealed.empty() && partition.in_core < limit) {
            taken_.push_back(std::move(partition.sealed.front()));
            partition.sealed.pop_front();
            ++partition.in_core;
        }
        partition.sealed_count.store(static_cast<std::uint32_t>(partition.sealed.size()),
                                     std::memory_order_relaxed);
        const bool open = partition.open && !partition.open->records.empty();
        partition.stalled = !partition.sealed.empty() || (open && open_too);
        partition.listed = partition.listed_here = open || !partition.sealed.empty();
    }
    for (auto& batch : taken_)
        submit(std::move(batch), now);
    taken_.clear();
}

void WriterImpl::submit(std::unique_ptr<WriteBatch> batch, Time now) {
    auto& topic = batch->home->topic;
    batch->topic = topic.index;
    alive_.push_back(*batch);
    if (topic.balancer.is_adaptive() && !std::exchange(topic.measured, true))
        measured_.push_back(&topic);
    const auto& compressor = compressor_of(*batch);
    if (compressor->codec != Compression::none || !batch->home->compressing.empty()) {
        if (compress_elsewhere(batch)) return;
        if (!batch->encoded.empty() || compressor->codec == Compression::none)
            return hand_over(std::move(batch), now);
        if (const auto failure = compressor->compress(*batch))
            log(LogLevel::warning, "A batch goes uncompressed", failure.message());
    }
    hand_over(std::move(batch), now);
}

void WriterImpl::hand_over(std::unique_ptr<WriteBatch> batch, Time now) {
    {
        const std::lock_guard lock(stats_mutex_);
        stats_.batch_size.add(batch->size());
        stats_.batch_records.add(static_cast<std::uint64_t>(batch->count()));
    }
    core_.submit(std::move(batch), now);
}

// Those who wait.

// However many wait, those who cannot go on are not tried: for a topic, unless it came; behind a
// write that finds no room, anybody. Deadlines come in the order of the queue.
void WriterImpl::let_waiters_in(Time now) {
    const bool all = std::exchange(try_all_waiting_, false);
    bool no_room = false;
    for (std::size_t i = 0; i < waiting_.size();) {
        const auto call = waiting_[i];
        if (no_room && !all && call->deadline > now) break;
        bool done = call->over();
        const auto* topic = call->missing;
        if (!done && (topic ? all && topic->table.load(std::memory_order_relaxed) : !no_room)) {
            done = !advance(call, true);
            if (!done && call->blocked == errc::buffer_full) no_room = true;
        }
        if (!done && call->deadline <= now) {
            std::string detail =
                "not taken within max_block (" + std::to_string(config_.max_block.count()) + " ms)";
            // One that stood behind others was not tried.
            auto code = call->blocked ? call->blocked : make_error_code(errc::buffer_full);
            if (call->missing && call->missing->last) {
                code = call->missing->last.code;
                detail += "; " + call->missing->last.message();
            }
            if (transactions_) transactions_->on_refused(code, detail);
            call->fail_rest(code, detail);
            done = true;
        }
        if (!done) {
            ++i;
            continue;
        }
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        waiters_.fetch_sub(1, std::memory_order_acq_rel);
    }
}

void WriterImpl::fail_waiters(const std::error_code& why) {
    auto waiting = std::exchange(waiting_, {});
    waiters_.fetch_sub(waiting.size(), std::memory_order_acq_rel);
    if (transactions_ && !waiting.empty())
        transactions_->on_dropped({why, "a record that waited was not taken"});
    for (const auto& call : waiting)
        call->fail_rest(why, {});
}

// Ends.

void WriterImpl::report(WriteBatch& batch, std::int32_t first, std::int32_t count,
                        const core::ProduceOutcome& outcome, Time now) {
    using Kind = core::ProduceOutcome::Kind;
    WrittenRecords told{.topic = batch.home->topic.name,
                        .partition = batch.home->number,
                        .cookies = {},
                        .error = {},
                        .detail = {}};
    std::string detail;
    if (outcome.kind == Kind::success) {
        told.base_offset = outcome.base_offset;
        if (outcome.append_time >= 0)
            told.append_time = Timestamp(std::chrono::milliseconds(outcome.append_time));
    } else if (outcome.kind == Kind::unknown) {
        told.error = errc::outcome_unknown;
        detail = outcome.failure.message();
    } else {
        const bool late = outcome.failure.code == errc::request_timed_out && now >= batch.deadline;
        told.error = late ? make_error_code(errc::delivery_timed_out) : outcome.failure.code;
        detail = outcome.failure.detail;
    }
    told.detail = detail;
    const auto base = told.base_offset;
    const auto cookies = batch.cookies.all();
    // Runs of one caller's.
    const auto end = first + count;
    auto at = first;
    auto group = std::upper_bound(
        batch.groups.begin(), batch.groups.end(), first,
        [](std::int32_t place, const auto& one) { return place < one.first + one.count; });
    while (at < end) {
        const bool of_call = group != batch.groups.end() && group->first <= at;
        const auto stop = group == batch.groups.end()
                              ? end
                              : std::min(end, of_call ? group->first + group->count : group->first);
        const auto run =
            cookies.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(stop - at));
        told.base_offset = base < 0 ? -1 : base + (at - first);
        if (of_call) {
            group->call->set_run(run, {told.error, told.partition, told.base_offset}, detail);
            ++group;
        } else {
            told.cookies = run;
            tell(told);
        }
        at = stop;
    }
}

void WriterImpl::tell(const WrittenRecords& records) noexcept {
    if (!config_.on_records || silent_.load(std::memory_order_relaxed)) return;
    try {
        config_.on_records(records);
    } catch (...) {
        callbacks_failed_.fetch_add(1, std::memory_order_relaxed);
    }
}

void WriterImpl::ended(WriteBatch& batch, Time now) {
    {
        const std::lock_guard lock(stats_mutex_);
        stats_.delivery_time.add(micros(batch.opened, now));
    }
    alive_.erase(batch);
    if (batch.home->in_core > 0) --batch.home->in_core;
    passed(batch);
}

void WriterImpl::passed(WriteBatch& batch) {
    for (const auto& point : batch.flushes)
        if (--point->left == 0) {
            point->over = true;
            if (point->handler) std::move(point->handler).post({});
        }
    batch.flushes.clear();
}

void WriterImpl::report_dropped() {
    for (auto* one = dropped_batches_.take(); one;) {
        const std::unique_ptr<WriteBatch> batch(one);
        one = one->next;
        drop(*batch, {errc::buffer_full, "dropped for newer records"}, Clock::now());
        budget_.give_bytes(batch->charged);
    }
}

// Its records fail; it was never sent.
void WriterImpl::drop(WriteBatch& batch, const Failure& why, Time now) {
    const auto records = batch.cookies.size();
    dropped_.fetch_add(records, std::memory_order_relaxed);
    report(batch, 0, static_cast<std::int32_t>(records),
           {core::ProduceOutcome::Kind::failed, -1, -1, why}, now);
    passed(batch);
}

void WriterImpl::drop_buffered(const std::error_code& why) {
    const auto now = Clock::now();
    collect();
    for (auto* partition : active_) {
        std::vector<std::unique_ptr<WriteBatch>> batches;
        {
            const std::lock_guard lock(partition->lock);
            seal_locked(*partition);
            while (!partition->sealed.empty()) {
                batches.push_back(std::move(partition->sealed.front()));
                partition->sealed.pop_front();
            }
            partition->sealed_count.store(0, std::memory_order_relaxed);
            partition->listed = partition->listed_here = partition->stalled = false;
        }
        for (auto& batch : batches) {
            drop(*batch, {why, "dropped"}, now);
            pool_.put(std::move(batch));
        }
    }
    active_.clear();
    forsake_jobs({why, "dropped"}, now);
}

bool WriterImpl::anything_left() const noexcept {
    return !core_.idle() || !active_.empty() || !handed_over_.empty() || compressing_ > 0 ||
           (transactions_ && transactions_->busy());
}

// Every batch that there is counts for it.
void WriterImpl::begin_flush(std::shared_ptr<FlushPoint> point) {
    point->left = 1;  // until all are counted
    for (auto* batch = alive_.front(); batch; batch = alive_.after(*batch)) {
        batch->flushes.push_back(point);
        ++point->left;
    }
    collect();
    for (auto* partition : active_) {
        const std::lock_guard lock(partition->lock);
        seal_locked(*partition);
        for (auto& batch : partition->sealed) {
            batch->flushes.push_back(point);
            ++point->left;
        }
    }
    if (--point->left == 0) {
        point->over = true;
        if (point->handler) std::move(point->handler).post({});
        return;
    }
    std::erase_if(flushes_, [](const auto& one) { return one->over; });
    flushes_.push_back(std::move(point));
}

// Time.

void WriterImpl::set_timer() {
    auto next = std::min({core_.next_deadline(), linger_at_, gave_up_ ? core::never : close_at_});
    if (transactions_) next = std::min(next, transactions_->next_deadline());
    for (const auto& [id, broker] : brokers_)
        if (broker->lease && !broker->out.empty() && !broker->late)
            next = std::min(next, broker->out.front().sent + config_.request_timeout);
    if (!waiting_.empty()) next = std::min(next, waiting_.front()->deadline);
    next = std::min(next, ask_at_);
    if (state_.load() == State::closed && core_.idle()) next = core::never;
    if (next < timer_at_) {
        timer_at_ = next;
        timer_lingers_ = next == linger_at_;
        timer_.expires_at(next);
        timer_.async_wait([weak = weak_from_this()](const std::error_code& ec) {
            if (ec == asio::error::operation_aborted) return;
            const auto self = weak.lock();
            if (!self) return;
            self->timer_at_ = core::never;
            self->timer_for_all_.store(core::never.time_since_epoch().count());
            const auto at = Clock::now();
            if (self->core_.next_deadline() <= at) self->core_.on_time(at);
            if (self->ask_at_ <= at) self->ask_topics(at);
            const auto requests = self->core_.counters().requests;
            const bool lingered = std::exchange(self->timer_lingers_, false);
            if (lingered) self->flowing_ = true;
            self->run();
            if (lingered && self->core_.counters().requests > requests) self->flowing_ = false;
        });
    }
    timer_for_all_.store(timer_at_.time_since_epoch().count(), std::memory_order_relaxed);
}

// The counts. Histograms, 1.6 KB of them, are kept in stats_ itself and not copied in each turn.
void WriterImpl::publish() {
    const auto& counters = core_.counters();
    const std::lock_guard lock(stats_mutex_);
    stats_.accepted = counters.records;
    stats_.acknowledged = counters.stored;
    stats_.failed = counters.failed;
    stats_.unknown = counters.unknown;
    stats_.batches = counters.batches;
    stats_.batch_bytes = counters.bytes;
    stats_.requests = counters.requests;
    stats_.retries = counters.retries;
    stats_.splits = counters.splits;
    stats_.expired = counters.expired;
    stats_.epochs = counters.epochs;
    stats_.in_flight = 0;
    for (const auto& [id, broker] : brokers_)
        stats_.in_flight += broker->in_flight.load(std::memory_order_relaxed);
}

void WriterImpl::log(LogLevel level, std::string_view message, std::string_view detail) const {
    const auto& sink = cluster_->config().conn.log;
    if (!sink) return;
    const std::array fields{LogField{"cause", std::string(detail)}};
    sink({level, "writer", message,
          detail.empty() ? std::span<const LogField>() : std::span(fields)});
}

}  // namespace kafka::client
