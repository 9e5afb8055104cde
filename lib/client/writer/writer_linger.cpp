// SPDX-License-Identifier: Apache-2.0
// WriterImpl: when open batches are sent, as writer_impl.hpp says; and waking the strand.
#include <algorithm>
#include <utility>

#include <asio/post.hpp>

#include "client/writer/writer_impl.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

// Adaptive linger, as measured.
constexpr std::uint32_t earned_records = 64;
constexpr std::uint32_t bulk_records = 600;
constexpr nanoseconds least_hold = microseconds(250);
constexpr nanoseconds longest_hold = microseconds(900);
constexpr nanoseconds timer_grace = microseconds(1000);
constexpr nanoseconds timer_slack = microseconds(50);
// Codecs are cheaper, and better, in large batches.
constexpr nanoseconds compressed_hold = microseconds(3000);

}  // namespace

WriterImpl::Holds::Holds(const WriterConfig& config) noexcept
    : longest(std::min<nanoseconds>(config.linger, longest_hold)),
      bulk(config.compression == Compression::none
               ? longest / 2
               : std::min<nanoseconds>(config.linger, compressed_hold)),
      grace(std::min<nanoseconds>(config.linger - std::max(longest, bulk), timer_grace)) {}

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
    if (!urgent && count > earned_records) {
        const auto looked = partition.looked.load(std::memory_order_relaxed);
        if (count >= looked && count - looked < (count > 1024 ? 64U : 16U)) return;
        partition.looked.store(count, std::memory_order_relaxed);
    }
    const auto now = Clock::now().time_since_epoch().count();
    const auto last = leader->last_send.load(std::memory_order_relaxed);
    const auto due = last + hold(count, urgent, in_flight).count();
    if (now >= due || timer_for_all_.load(std::memory_order_relaxed) >
                          last + (holds_.timer(true) + timer_slack).count())
        wake();
}

std::chrono::nanoseconds WriterImpl::hold(std::size_t records, bool urgent,
                                          unsigned in_flight) const noexcept {
    const bool bulk = records >= bulk_records;
    if (in_flight > 0) return bulk ? std::max(holds_.longest, holds_.bulk) : holds_.longest;
    if (urgent) return {};
    if (bulk) return holds_.bulk;
    if (records >= earned_records) return std::min(least_hold, holds_.longest);
    const auto earned = holds_.longest * static_cast<std::int64_t>(earned_records - records) /
                        std::int64_t{earned_records};
    return std::max(std::min(least_hold, holds_.longest), nanoseconds(earned));
}

void WriterImpl::wake() {
    if (!awake_.exchange(true, std::memory_order_acq_rel))
        asio::post(strand_, [self = shared_from_this()] { self->run(); });
}

}  // namespace kafka::client
