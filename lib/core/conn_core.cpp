// SPDX-License-Identifier: Apache-2.0
#include "core/conn_core.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <kafka/protocol/headers.hpp>

#include "base/big_endian.hpp"
#include "core/request_frame.hpp"

namespace kafka::core {
namespace {

// What one write takes at most, unless a single request is larger: the number of pieces that one
// system call takes, and enough bytes that the call itself does not show.
constexpr std::size_t write_pieces = 64;
constexpr std::size_t write_bytes = 1024 * 1024;

std::string counted(std::size_t n, const char* what) {
    return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s");
}

template <class Queue>
auto find_id(Queue& queue, std::uint64_t id) {
    return std::find_if(queue.begin(), queue.end(), [id](const auto& r) { return r.id == id; });
}

}  // namespace

ConnCore::ConnCore(ConnLimits limits) : limits_(limits), reader_(limits.max_opening_frame) {}

void ConnCore::done(Entry& entry, Failure failure, Slice body) {
    completions_.emplace_back(entry.id, entry.info, entry.version, true, std::move(failure),
                              std::move(body), std::move(entry.ticket));
}

void ConnCore::done(Outgoing& request, Failure failure) {
    completions_.emplace_back(request.id, request.info, request.version, false, std::move(failure),
                              Slice(), std::move(request.ticket));
}

void ConnCore::submit(Outgoing&& request) {
    if (failed()) return done(request, failure_);
    const auto size = request.frame.size();
    if (!waiting_.empty() && waiting_bytes_ + size > limits_.max_waiting_bytes)
        return done(request, {errc::too_many_in_flight,
                              counted(waiting_.size(), "request") + " of " +
                                  counted(waiting_bytes_, "byte") + " wait already"});
    waiting_bytes_ += size;
    earliest_ = std::min(earliest_, request.deadline);
    waiting_.push_back(std::move(request));
}

bool ConnCore::submit_and_stage(Outgoing&& request, Time now) {
    if (unsent() || failed() || parked_ || throttled() || !writing_.empty() ||
        in_flight_.size() >= limits_.max_in_flight) {
        submit(std::move(request));
        return stage(now);
    }
    earliest_ = std::min(earliest_, request.deadline);
    if (in_flight_.empty()) last_progress_ = now;
    writing_bytes_ = 0;
    stage_one(std::move(request), now);
    return true;
}

void ConnCore::submit_first(Outgoing&& request) {
    if (failed()) return done(request, failure_);
    earliest_ = std::min(earliest_, request.deadline);
    first_.push_back(std::move(request));
}

void ConnCore::abandon(Entry& entry, Failure failure) {
    done(entry, std::move(failure), {});
    entry.abandoned = true;
}

void ConnCore::cancel(std::uint64_t id, bool only_unsent) {
    const auto aborted = std::make_error_code(std::errc::operation_canceled);
    if (auto at = find_id(waiting_, id); at != waiting_.end()) {
        ++counters_.cancelled;
        waiting_bytes_ -= at->frame.size();
        done(*at, {aborted, "cancelled before it was sent"});
        waiting_.erase(at);
    } else if (only_unsent) {
        return;
    } else if (auto entry = find_id(in_flight_, id);
               entry != in_flight_.end() && !entry->abandoned) {
        ++counters_.cancelled;
        abandon(*entry, {aborted, "cancelled after it was sent"});
    }
}

bool ConnCore::stage(Time now) {
    if (failed() || !writing_.empty()) return false;
    if (throttled()) {
        if (now < throttled_until_) return false;
        throttled_until_ = {};
    }
    if (in_flight_.empty()) last_progress_ = now;
    writing_bytes_ = 0;
    const auto full = [this](const Outgoing& next) {
        return !writing_.empty() &&
               (writing_bytes_ + next.frame.size() > write_bytes || pieces_.size() >= write_pieces);
    };
    for (; !first_.empty() && !full(first_.front()); first_.pop_front())
        stage_one(std::move(first_.front()), now);
    while (!parked_ && first_.empty() && !waiting_.empty() &&
           in_flight_.size() < limits_.max_in_flight && !full(waiting_.front())) {
        waiting_bytes_ -= waiting_.front().frame.size();
        stage_one(std::move(waiting_.front()), now);
        waiting_.pop_front();
    }
    return !writing_.empty();
}

void ConnCore::stage_one(Outgoing&& next, Time now) {
    set_correlation(next.frame, next_correlation_);
    in_flight_.emplace_back(next.id, next.info, next_correlation_, next.version, next.answered,
                            false, false, next.deadline, now, std::move(next.ticket));
    next_correlation_ =
        next_correlation_ == std::numeric_limits<std::int32_t>::max() ? 0 : next_correlation_ + 1;
    const auto size = next.frame.size();
    if (note_traffic_) traffic_.push_back({next.info, next.version, false, size, {}});
    writing_bytes_ += size;
    writing_.push_back(std::move(next.frame));
    writing_.back().pieces(pieces_);
    ++counters_.requests;
}

void ConnCore::on_written(Time now) {
    pieces_.clear();
    if (pool_)
        for (auto& frame : writing_)
            pool_->give(std::move(frame));
    writing_.clear();
    counters_.bytes_out += writing_bytes_;
    if (failed()) return;
    // Writes behind a question that is not answered say nothing about the peer: the system takes
    // them.
    if (!in_flight_.empty() && !in_flight_.front().written)
        last_progress_ = std::max(last_progress_, now);
    // What was written before stands in front.
    auto first = in_flight_.size();
    while (first > 0 && !in_flight_[first - 1].written)
        --first;
    for (Ring<Entry>::iterator entry(&in_flight_, first); entry != in_flight_.end();) {
        entry->written = true;
        if (entry->answered) {
            ++entry;
            continue;
        }
        if (!entry->abandoned) done(*entry, {}, {});
        entry = in_flight_.erase(entry);
    }
}

void ConnCore::on_read(std::size_t count, Time now) {
    reader_.took(count);
    counters_.bytes_in += count;
    last_progress_ = std::max(last_progress_, now);
    Slice frame;
    Failure failure;
    while (!failed() && reader_.lend(frame, failure))
        on_frame(frame, now);
    if (failure) fail(std::move(failure));
}

void ConnCore::on_frame(const Slice& frame, Time now) {
    const auto correlation = load_big<std::int32_t>(frame.data());
    // The answer may overtake the news that its request was written; what was staged before it
    // and has no answer is then written too.
    while (!in_flight_.empty() && !in_flight_.front().answered &&
           in_flight_.front().correlation != correlation) {
        if (!in_flight_.front().abandoned) done(in_flight_.front(), {}, {});
        in_flight_.pop_front();
    }
    if (in_flight_.empty())
        return fail({errc::unexpected_correlation, "an answer with correlation id " +
                                                       std::to_string(correlation) +
                                                       " while no question is open"});
    auto& entry = in_flight_.front();
    if (entry.correlation != correlation || !entry.answered)
        return fail({errc::unexpected_correlation,
                     "an answer with correlation id " + std::to_string(correlation) +
                         " where that of " + api_name(*entry.info, entry.version) + ", " +
                         std::to_string(entry.correlation) + ", was due"});
    std::size_t header = 0;
    if (auto failure = response_header_size(*entry.info, entry.version, frame, header))
        return fail(std::move(failure));
    ++counters_.responses;
    if (note_traffic_)
        traffic_.push_back({entry.info, entry.version, true, frame.size() + 4, now - entry.staged});
    if (entry.abandoned)
        ++counters_.dropped;
    else if (frame.owner() || (lend_bodies_ && !holds_records(*entry.info)))
        done(entry, {}, frame.part(header));
    else
        done(entry, {}, Slice::copy_of(frame.bytes().subspan(header)));
    in_flight_.pop_front();
}

void ConnCore::on_eof(std::string_view hint) {
    auto place = reader_.place();
    std::string detail = "the peer closed the connection";
    if (!place.empty())
        detail += ' ' + place;
    else if (counters_.bytes_in == 0)
        detail += " before it sent anything";
    detail += hint;
    fail({errc::connection_lost, std::move(detail)});
}

void ConnCore::fail(Failure failure) {
    if (failed()) return;
    failure_ = std::move(failure);
    counters_.failed = wanted();
    for (auto& entry : in_flight_)
        if (!entry.abandoned) done(entry, failure_, {});
    in_flight_.clear();
    for (auto* queue : {&first_, &waiting_}) {
        for (auto& request : *queue)
            done(request, failure_);
        queue->clear();
    }
    waiting_bytes_ = 0;
    earliest_ = never;
    throttled_until_ = {};
    // writing_ stays: the transport may still read from it.
}

void ConnCore::on_throttle(std::int32_t asked, Time now) {
    if (asked <= 0 || failed()) return;
    const auto pause = std::min(milliseconds(asked), limits_.max_throttle);
    if (pause.count() > 0) throttled_until_ = std::max(throttled_until_, after(now, pause));
}

Time ConnCore::silent_until() const noexcept {
    if (in_flight_.empty() || !in_flight_.front().abandoned) return never;
    const auto& first = in_flight_.front();
    const auto quiet = after(last_progress_, limits_.silence);
    return first.deadline == never ? quiet : std::max(quiet, first.deadline);
}

Time ConnCore::next_deadline() const noexcept {
    if (failed()) return never;
    auto next = std::min(earliest_, silent_until());
    if (throttled() && !(waiting_.empty() && first_.empty()))
        next = std::min(next, throttled_until_);
    return next;
}

void ConnCore::on_time(Time now) {
    if (failed()) return;
    if (earliest_ <= now) {
        earliest_ = never;
        const auto late = [now](const auto& r) { return r.deadline <= now; };
        std::size_t ahead = 0;
        for (auto& entry : in_flight_) {
            if (!entry.abandoned) {
                if (late(entry)) {
                    ++counters_.timed_out;
                    abandon(entry, {errc::request_timed_out,
                                    ahead == 0 ? "it was sent and is not answered"
                                               : "it was sent and is not answered, with " +
                                                     counted(ahead, "request") + " before it"});
                } else {
                    earliest_ = std::min(earliest_, entry.deadline);
                }
            }
            ++ahead;
        }
        const auto why =
            parked_ ? std::string("it was not sent: the connection authenticates anew")
            : throttled() && now < throttled_until_
                ? std::string("it was not sent: the broker asked for a pause")
                : "it was not sent: " + counted(in_flight_.size(), "request") + " in flight";
        for (auto* queue : {&first_, &waiting_}) {
            for (auto& request : *queue) {
                if (late(request)) {
                    ++counters_.timed_out;
                    if (queue == &waiting_) waiting_bytes_ -= request.frame.size();
                    done(request, {errc::request_timed_out, why});
                } else {
                    earliest_ = std::min(earliest_, request.deadline);
                }
            }
            queue->erase_if(late);
        }
    }
    if (silent_until() <= now)
        fail({errc::connection_lost, "no byte from the peer for " +
                                         std::to_string(limits_.silence.count()) +
                                         " ms, with an answer due"});
}

std::optional<Completion> ConnCore::take() {
    std::optional<Completion> completion;
    if (!completions_.empty()) {
        completion.emplace(std::move(completions_.front()));
        completions_.pop_front();
    }
    return completion;
}

Time ConnCore::drained_by(Time now) const noexcept {
    for (const auto& entry : in_flight_)
        if (entry.deadline != never) now = std::max(now, entry.deadline);
    return now;
}

std::size_t ConnCore::wanted() const noexcept {
    return waiting_.size() + first_.size() +
           static_cast<std::size_t>(std::count_if(in_flight_.begin(), in_flight_.end(),
                                                  [](const Entry& e) { return !e.abandoned; }));
}

}  // namespace kafka::core
