// SPDX-License-Identifier: Apache-2.0
// ProduceCore: what answers, and their absence, mean for the batches of a request.
#include <algorithm>
#include <utility>

#include <kafka/error.hpp>

#include "base/escape.hpp"
#include "core/produce/error_policy.hpp"
#include "core/produce/produce_state.hpp"
#include "core/produce/response_check.hpp"

namespace kafka::core {
namespace {

using Row = protocol::ProduceResponse::PartitionProduceResponse;

/// A hint may send the records on at once this often before pauses begin.
constexpr unsigned eager_hints = 2;

Failure failure_of(const Row& row) {
    return {broker_error(row.error_code),
            row.error_message ? escaped(*row.error_message, 256) : std::string()};
}

}  // namespace

void ProduceCore::on_response(RequestId id, const protocol::ProduceResponse& response, Time now) {
    now_ = now;
    auto* request = find(id);
    if (!request) return;
    auto& broker = *request->broker;
    --broker.in_flight;
    broker.failures = 0;
    // BI-39: not longer than anybody waits for an answer.
    if (response.throttle_time_ms > 0)
        broker.muted_until =
            now + std::min(milliseconds(response.throttle_time_ms), limits_.request_timeout);
    dirty_ = true;
    if (limits_.acks == 0) {
        for (auto* entry : request->entries) {
            auto& partition = partition_of(*entry);
            partition.landed(*entry);
            succeed(partition, *entry, -1, -1);
            settle(partition);
            list(partition, now);
        }
        return drop(*request);
    }
    const auto odd = match_rows(request->message, request->entries, response);
    if (odd.any()) {
        counters_.odd_rows += odd.strangers + odd.repeated;
        note(LogLevel::warning,
             "Broker " + std::to_string(broker.id) + " answered for partitions not asked for",
             std::to_string(odd.strangers) + " that were not in the request, " +
                 std::to_string(odd.repeated) + " repeated");
    }
    for (auto* entry : request->entries)
        take_answer(*entry, broker, now);
    drop(*request);
}

void ProduceCore::on_failed(RequestId id, const Failure& failure, bool sent, Time now) {
    now_ = now;
    auto* request = find(id);
    if (!request) return;
    --request->broker->in_flight;
    dirty_ = true;
    for (auto* entry : request->entries) {
        auto& partition = partition_of(*entry);
        partition.landed(*entry);
        if (sent) entry->maybe_stored = true;
        const bool again = is_retriable(failure.code) || failure.code == errc::connection_closed ||
                           failure.code == errc::malformed_message ||
                           failure.code == errc::malformed_frame ||
                           failure.code == errc::unexpected_correlation;
        if (again && limits_.acks != 0) {
            want_metadata(partition.topic);
            put_back(partition, *entry, failure, now);
        } else if (again && !sent) {
            put_back(partition, *entry, failure, now);
        } else {
            end(partition, *entry, failure);
        }
        settle(partition);
        list(partition, now);
    }
    drop(*request);
}

void ProduceCore::take_answer(ProduceEntry& entry, const ProduceBroker& from, Time now) {
    auto& partition = partition_of(entry);
    partition.landed(entry);
    if (entry.answer && !entry.answer_twice) {
        take_row(partition, entry, from, now);
    } else {
        // As if it had not been answered: asked again, an idempotent producer learns the truth.
        entry.maybe_stored = true;
        put_back(partition, entry,
                 {errc::malformed_message, entry.answer
                                               ? "the answer says two things about the partition"
                                               : "the answer lacks the partition"},
                 now);
    }
    settle(partition);
    list(partition, now);
}

void ProduceCore::take_row(ProducePartition& partition, ProduceEntry& entry,
                           const ProduceBroker& from, Time now) {
    using Verdict = ProduceVerdict;
    const auto& row = *entry.answer;
    const auto judgement = judge(row);
    if (judgement.verdict == Verdict::stored)
        return succeed(partition, entry, row.base_offset,
                       std::max<std::int64_t>(row.log_append_time_ms, -1));
    if (judgement.verdict == Verdict::duplicate) return succeed(partition, entry, -1, -1);
    entry.maybe_stored |= judgement.maybe_stored;
    auto why = row.error_code == 0
                   ? Failure(errc::malformed_message,
                             "no error and base offset " + std::to_string(row.base_offset))
                   : failure_of(row);
    switch (judgement.verdict) {
        case Verdict::elsewhere:
            return go_elsewhere(partition, entry, std::move(why), from, now);
        case Verdict::too_large:
            return cut(partition, entry, std::move(why));
        case Verdict::records:
            return take_record_errors(partition, entry, std::move(why));
        case Verdict::sequence:
            return take_dispute(partition, entry, std::move(why), now);
        case Verdict::fatal:
            end(partition, entry, why);
            return die(why);
        case Verdict::refused:
            return end(partition, entry, std::move(why));
        default:
            return put_back(partition, entry, std::move(why), now);
    }
}

// To the leader that the answer names (KIP-951), or that is known since it was sent; otherwise
// metadata first.
void ProduceCore::go_elsewhere(ProducePartition& partition, ProduceEntry& entry, Failure why,
                               const ProduceBroker& from, Time now) {
    const auto& hint = entry.answer->current_leader;
    if (hint.leader_id >= 0 && hint.leader_epoch > partition.leader_epoch &&
        hint.leader_id != from.id)
        move(partition, hint.leader_id, hint.leader_epoch, now);
    const bool known = partition.leader && partition.leader != &from && !partition.doubted;
    if (!known) {
        partition.doubted = true;
        want_metadata(partition.topic);
    }
    put_back(partition, entry, std::move(why), now);
    if (known && partition.failures <= eager_hints) partition.not_before = now;
}

// Nobody waits for it any more, or nothing more is sent.
bool ProduceCore::given_up(const ProduceEntry& entry) const noexcept {
    return entry.over || closed_.code || fatal_.code;
}

// In place of an entry, or of a part of its records.
void ProduceCore::insert_part(ProducePartition& partition, std::size_t place,
                              const ProduceEntry& whole, BatchPart part, const Failure& why,
                              std::int32_t sequence) {
    auto one = std::make_unique<ProduceEntry>();
    one->batch = whole.batch;
    one->count = part.count;
    one->size = part.bytes.size();
    one->part = std::make_unique<BatchPart>(std::move(part));
    one->maybe_stored = whole.maybe_stored;
    one->last = why;
    if (sequence >= 0) {
        one->producer_id = whole.producer_id;
        one->producer_epoch = whole.producer_epoch;
        one->base_sequence = sequence;
    }
    partition.insert(place, *one.release());
}

void ProduceCore::put_back(ProducePartition& partition, ProduceEntry& entry, Failure why,
                           Time now) {
    entry.last = std::move(why);
    if (given_up(entry) || (gate_ && !gate_->may_retry()) ||
        (limits_.max_attempts > 0 && entry.attempts >= limits_.max_attempts))
        return end(partition, entry, entry.last);
    pause(partition, now);
    partition.drains = true;
}

// Its numbers are shared out among the parts, so that those behind it keep theirs.
void ProduceCore::cut(ProducePartition& partition, ProduceEntry& entry, Failure why) {
    if (given_up(entry) || (gate_ && !gate_->may_retry()) || entry.count <= 1 ||
        (entry.numbered() && entry.maybe_stored))
        return end(partition, entry, std::move(why));
    auto parts = split_in_two(entry, limits_.codec);
    if (!parts) {
        why.detail += (why.detail.empty() ? "" : "; ") + parts.failure().message();
        return end(partition, entry, std::move(why));
    }
    ++counters_.splits;
    auto place = partition.index_of(entry);
    auto sequence = entry.base_sequence;  // -1: none
    for (auto& part : *parts) {
        const auto count = part.count;
        insert_part(partition, ++place, entry, std::move(part), why, sequence);
        if (sequence >= 0) sequence = sequence_after(sequence, count);
    }
    discard(partition, entry);
    partition.drains = true;
}

// KIP-467: those records are refused, the others go again, as a batch of their own.
void ProduceCore::take_record_errors(ProducePartition& partition, ProduceEntry& entry,
                                     Failure why) {
    if (given_up(entry) || (entry.numbered() && entry.maybe_stored))
        return end(partition, entry, std::move(why));
    std::vector<std::pair<std::int32_t, std::string>> faults;
    for (const auto& error : entry.answer->record_errors) {
        if (error.batch_index < 0 || error.batch_index >= entry.count) continue;  // BI-57
        faults.emplace_back(error.batch_index, error.batch_index_error_message
                                                   ? escaped(*error.batch_index_error_message, 256)
                                                   : why.detail);
    }
    std::stable_sort(faults.begin(), faults.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    faults.erase(std::unique(faults.begin(), faults.end(),
                             [](const auto& a, const auto& b) { return a.first == b.first; }),
                 faults.end());
    if (faults.empty() || std::cmp_greater_equal(faults.size(), entry.count))
        return end(partition, entry, std::move(why));
    std::vector<std::int32_t> places;
    for (const auto& fault : faults)
        places.push_back(fault.first);
    auto rest = leave_out(entry, places, limits_.codec);
    if (!rest) {
        why.detail += (why.detail.empty() ? "" : "; ") + rest.failure().message();
        return end(partition, entry, std::move(why));
    }
    ++counters_.splits;
    auto& batch = *entry.batch;
    insert_part(partition, partition.index_of(entry) + 1, entry, std::move(*rest), why, -1);
    // Fewer records: all numbers from here on are others.
    if (entry.numbered()) partition.sequences.unused();
    // Each of the refused ones ends by itself.
    auto runs = runs_of(entry);
    std::size_t run = 0;
    std::int32_t before = 0;
    for (auto& [place, message] : faults) {
        while (place - before >= runs[run].count)
            before += runs[run++].count;
        ProduceEntry one;
        one.batch = &batch;
        one.count = 1;
        one.part = std::make_unique<BatchPart>();
        one.part->runs.push_back({runs[run].first + place - before, 1});
        const Failure failure(why.code, std::move(message));
        if (gate_) gate_->on_batch_failed(failure, false);
        report(one,
               {entry.maybe_stored ? ProduceOutcome::Kind::unknown : ProduceOutcome::Kind::failed,
                -1, -1, failure});
    }
    discard(partition, entry);
    partition.drains = true;
}

// "I expect other numbers." Behind a batch that is not settled that is only natural.
void ProduceCore::take_dispute(ProducePartition& partition, ProduceEntry& entry, Failure why,
                               Time now) {
    auto& sequences = partition.sequences;
    if (!entry.numbered() || entry.over) return end(partition, entry, std::move(why));
    if (partition.queue.front() != &entry || sequences.needs_numbering())
        return put_back(partition, entry, std::move(why), now);
    // The first of all. If it may be stored, nothing more will be learnt.
    if (entry.maybe_stored || gate_) return end(partition, entry, std::move(why));
    note(LogLevel::warning,
         "Sequence numbers of " + topics_[partition.topic]->name + "-" +
             std::to_string(partition.number) + " begin anew",
         why.message());
    sequences.dispute();
    put_back(partition, entry, std::move(why), now);
}

}  // namespace kafka::core
