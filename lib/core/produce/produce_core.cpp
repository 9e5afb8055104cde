// SPDX-License-Identifier: Apache-2.0
// ProduceCore: batches come, and end.
#include "core/produce/produce_core.hpp"

#include <algorithm>
#include <utility>

#include <kafka/error.hpp>

#include "core/produce/produce_state.hpp"

namespace kafka::core {
namespace {

using Kind = ProduceOutcome::Kind;

/// Far above what a cluster can have, and small enough for a table.
constexpr std::int32_t most_partitions = 1'000'000;

}  // namespace

ProduceCore::ProduceCore(ProduceLimits limits, ProduceGate* gate)
    : limits_([&] {
          limits.max_in_flight = std::max(limits.max_in_flight, 1U);
          // Brokers recognise the last five batches of a producer when they come again.
          if (limits.idempotent) limits.max_in_flight = std::min(limits.max_in_flight, 5U);
          return std::move(limits);
      }()),
      gate_(gate),
      random_(limits_.seed) {}

ProduceCore::~ProduceCore() {
    for (auto& topic : topics_) {
        for (auto& partition : topic->partitions) {
            if (!partition) continue;
            for (auto* entry : partition->queue) {
                auto* batch = entry->batch;
                if (entry != &batch->whole_) delete entry;
                if (--batch->entries_ == 0) delete batch;
            }
        }
    }
}

TopicIndex ProduceCore::add_topic(std::string_view name) {
    const auto [at, added] =
        topic_numbers_.try_emplace(std::string(name), static_cast<TopicIndex>(topics_.size()));
    if (added) {
        topics_.push_back(std::make_unique<Topic>());
        topics_.back()->name = name;
    }
    return at->second;
}

ProducePartition& ProduceCore::partition_of(TopicIndex topic, std::int32_t number) {
    auto& partitions = topics_[topic]->partitions;
    const auto at = static_cast<std::size_t>(number);
    if (at >= partitions.size()) partitions.resize(at + 1);
    if (!partitions[at]) partitions[at] = std::make_unique<ProducePartition>(topic, number);
    return *partitions[at];
}

ProducePartition& ProduceCore::partition_of(const ProduceEntry& entry) {
    return *topics_[entry.batch->topic]
                ->partitions[static_cast<std::size_t>(entry.batch->partition)];
}

void ProduceCore::submit(std::unique_ptr<ProduceBatch> given, Time now) {
    now_ = now;
    auto& batch = *given;
    const auto count = batch.count();
    Failure refusal;
    if (closed_.code) {
        refusal = closed_;
    } else if (fatal_.code) {
        refusal = fatal_;
    } else if (batch.topic >= topics_.size() || batch.partition < 0 ||
               batch.partition >= most_partitions || count <= 0) {
        refusal = {errc::invalid_argument, "a batch of " + std::to_string(count) +
                                               " records for partition " +
                                               std::to_string(batch.partition)};
    }
    if (refusal.code) {
        if (count > 0) counters_.failed += static_cast<std::uint64_t>(count);
        actions_.push_back(
            Over{&batch, 0, count, {Kind::failed, -1, -1, std::move(refusal)}, true});
        actions_.push_back(Release{std::move(given)});
        return;
    }
    auto& entry = batch.whole_;
    entry = {};
    entry.batch = &batch;
    entry.count = count;
    entry.size = batch.size();
    batch.serial_ = next_serial_++;
    batch.unreported_ = count;
    batch.entries_ = 0;
    auto& partition = partition_of(batch.topic, batch.partition);
    partition.push_back(entry);

    static_cast<void>(given.release());
    ++owned_;
    buffered_bytes_ += entry.size;
    unreported_.push_back(batch);
    by_deadline_.push(batch);
    ++counters_.batches;
    counters_.records += static_cast<std::uint64_t>(count);
    counters_.bytes += entry.size;
    list(partition, now);
}

// Tells the owner. The entry may stay in its queue, for its request.
void ProduceCore::report(ProduceEntry& entry, ProduceOutcome outcome) {
    if (entry.over) return;
    entry.over = true;
    auto& batch = *entry.batch;
    const auto count = static_cast<std::uint64_t>(entry.count);
    (outcome.kind == Kind::success  ? counters_.stored
     : outcome.kind == Kind::failed ? counters_.failed
                                    : counters_.unknown) += count;
    batch.unreported_ -= entry.count;
    const bool last = batch.unreported_ == 0;
    if (last) {
        unreported_.erase(batch);
        by_deadline_.erase(batch);
        buffered_bytes_ -= batch.whole_.size;
    }
    if (!entry.part) {
        actions_.push_back(Over{&batch, 0, entry.count, std::move(outcome), last});
        return;
    }
    const auto& runs = entry.part->runs;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        actions_.push_back(
            Over{&batch, runs[i].first, runs[i].count, outcome, last && i + 1 == runs.size()});
        if (outcome.base_offset >= 0) outcome.base_offset += runs[i].count;
    }
}

// Out of the queue. What has taken its place, if anything, is there already.
void ProduceCore::discard(ProducePartition& partition, ProduceEntry& entry) noexcept {
    partition.erase(entry);
    if (&entry != &entry.batch->whole_) delete &entry;
}

void ProduceCore::remove(ProducePartition& partition, ProduceEntry& entry) {
    auto& batch = *entry.batch;
    discard(partition, entry);
    if (batch.entries_ > 0 || batch.unreported_ > 0) return;
    --owned_;
    actions_.push_back(Release{std::unique_ptr<ProduceBatch>(&batch)});
}

void ProduceCore::succeed(ProducePartition& partition, ProduceEntry& entry, std::int64_t offset,
                          std::int64_t append_time) {
    if (entry.numbered()) partition.sequences.stored(entry.base_sequence, entry.count);
    partition.failures = 0;
    partition.not_before = {};
    report(entry, {Kind::success, offset, append_time, {}});
    remove(partition, entry);
}

// Without success. What that means for the numbers of those behind it: see Sequences.
void ProduceCore::end(ProducePartition& partition, ProduceEntry& entry, Failure failure) {
    if (entry.numbered()) {
        if (entry.maybe_stored)
            partition.sequences.lost(entry.base_sequence);
        else
            partition.sequences.unused();
    }
    if (gate_) gate_->on_batch_failed(failure, false);
    report(entry, {entry.maybe_stored ? Kind::unknown : Kind::failed, -1, -1, std::move(failure)});
    remove(partition, entry);
}

// After an entry has landed or ended: what had to wait until nothing flies.
void ProduceCore::settle(ProducePartition& partition) {
    if (partition.flying > 0) return;
    partition.drains = false;
    auto& sequences = partition.sequences;
    // What was never sent cannot get a number before one that must be kept.
    if (sequences.needs_numbering() && partition.blocked()) sequences.dispute();
    if (sequences.disputed()) {
        // They begin a new epoch. What may be stored in the old one must not be sent in the new.
        for (std::size_t i = 0; i < partition.queue.size();) {
            auto& entry = *partition.queue[i];
            if (entry.numbered() && entry.maybe_stored)
                end(partition, entry, entry.last);
            else
                ++i;
        }
        partition.strip();
    }
    if (sequences.needs_numbering()) partition.renumber();
}

void ProduceCore::expire(ProduceBatch& batch, Time now) {
    ++counters_.expired;
    auto& partition = partition_of(batch.whole_);
    // The last of its entries may take the batch with it.
    auto left = batch.entries_;
    for (std::size_t i = 0; left > 0;) {
        auto& entry = *partition.queue[i];
        if (entry.batch != &batch) {
            ++i;
            continue;
        }
        --left;
        Failure why(errc::request_timed_out, "not delivered in time");
        // Without the code's own words, which may say that it has perhaps taken effect: that is
        // told by the outcome.
        if (entry.last.code)
            why.detail += "; the last try: " +
                          (entry.last.detail.empty() ? entry.last.message() : entry.last.detail);
        if (entry.flying) {
            // Its memory stays: the transport reads it (CVE-2026-35554).
            if (gate_) gate_->on_batch_failed(why, false);
            report(entry, {Kind::unknown, -1, -1, std::move(why)});
            ++i;
        } else {
            end(partition, entry, std::move(why));
        }
    }
    settle(partition);
    list(partition, now);
}

void ProduceCore::end_waiting(ProducePartition& partition, const Failure& why) {
    for (std::size_t i = 0; i < partition.queue.size();) {
        if (partition.queue[i]->flying)
            ++i;
        else
            end(partition, *partition.queue[i], why);
    }
    settle(partition);
}

void ProduceCore::end_all(const Failure& why, bool flying_too) {
    for (auto& topic : topics_) {
        for (auto& one : topic->partitions) {
            if (!one || one->queue.empty()) continue;
            if (flying_too)
                for (auto* entry : one->queue)
                    if (entry->flying) report(*entry, {Kind::unknown, -1, -1, why});
            end_waiting(*one, why);
        }
    }
}

void ProduceCore::abort_waiting(const Failure& why, Time now) {
    now_ = now;
    end_all(why, false);
}

void ProduceCore::close(const Failure& why, Time now) {
    now_ = now;
    if (closed_.code) return;
    closed_ = why;
    end_all(why, true);
}

// What is in flight may still be acknowledged; nothing else will be.
void ProduceCore::die(const Failure& why) {
    if (fatal_.code) return;
    fatal_ = why;
    note(LogLevel::error, "The producer cannot go on", why.message());
    if (gate_) gate_->on_batch_failed(why, true);
    end_all(why, false);
}

void ProduceCore::note(LogLevel level, std::string message, std::string detail) {
    actions_.push_back(Note{level, std::move(message), std::move(detail)});
}

ProduceCore::Backlog ProduceCore::backlog(TopicIndex topic, std::int32_t partition) const noexcept {
    if (topic >= topics_.size() || partition < 0) return {};
    const auto& partitions = topics_[topic]->partitions;
    const auto at = static_cast<std::size_t>(partition);
    if (at >= partitions.size() || !partitions[at]) return {};
    const auto& found = *partitions[at];
    return {found.queue.size(), found.bytes, found.flying, found.records};
}

Time ProduceCore::next_deadline() const noexcept {
    const auto* first = by_deadline_.front();
    return std::min(wake_, first ? first->deadline : never);
}

void ProduceCore::on_time(Time now) {
    now_ = now;
    while (auto* batch = by_deadline_.front()) {
        if (batch->deadline > now) break;
        expire(*batch, now);
    }
    if (now < wake_) return;
    wake_ = never;
    dirty_ = true;  // pump() tells again of brokers that are muted
    std::erase_if(sleeping_, [&](ProducePartition* partition) {
        if (partition->not_before > now) {
            wake_at(partition->not_before);
            return false;
        }
        partition->asleep = false;
        list(*partition, now);
        return true;
    });
    for (TopicIndex i = 0; i < topics_.size(); ++i) {
        auto& topic = *topics_[i];
        if (topic.ask_at == never) continue;
        if (topic.ask_at > now)
            wake_at(topic.ask_at);
        else
            want_metadata(i);
    }
    if (producer_retry_ > now)
        wake_at(producer_retry_);
    else if (producer_retry_ != Time{}) {
        producer_retry_ = {};
        list_all(now);
    }
}

bool ProduceCore::take(Action& action) {
    if (actions_.empty() && dirty_) pump();
    if (actions_.empty()) return false;
    action = std::move(actions_.front());
    actions_.pop_front();
    return true;
}

}  // namespace kafka::core
