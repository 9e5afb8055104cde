// SPDX-License-Identifier: Apache-2.0
// ConnCore: one connection's requests and answers, without a socket and without a clock. It is fed
// with requests, bytes and time, and drained of bytes to write, completions and a deadline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/protocol/gather.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

#include "base/ring.hpp"
#include "core/frame_pool.hpp"
#include "core/frame_reader.hpp"
#include "core/time.hpp"

namespace kafka::core {

struct ConnLimits {
    /// Bytes of one response, once the connection is open.
    std::size_t max_frame = 100 * 1024 * 1024;
    /// The same before that: Kafka's own bound for what has not authenticated.
    std::size_t max_opening_frame = 512 * 1024;
    /// Requests on the wire at once; more wait.
    std::size_t max_in_flight = 64;
    /// Bytes of the requests that wait. One is always let in, whatever its size.
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;
    /// The connection is lost when a request that nobody waits for any more has no answer and
    /// not a byte has come for this long.
    milliseconds silence{30'000};
    /// Hold requests back while the broker asks for it (KIP-219), at most this long at a time;
    /// zero: never.
    milliseconds max_throttle{30'000};
};

/// What the owner of a request wants to get back with its completion: anything, erased.
using Ticket = std::unique_ptr<void, void (*)(void*)>;

/// A request on its way out.
struct Outgoing {
    std::uint64_t id = 0;                         ///< the caller's; what cancel() finds it by
    const protocol::MessageInfo* info = nullptr;  ///< of the request
    std::int16_t version = 0;
    bool answered = true;  ///< false: done when written (acks=0)
    Time deadline = never;
    protocol::Gather frame;  ///< complete but for its correlation id
    Ticket ticket{nullptr, [](void*) {}};
};

/// A request that is done. Each submitted request is completed exactly once.
struct Completion {
    std::uint64_t id = 0;
    const protocol::MessageInfo* info = nullptr;
    std::int16_t version = 0;
    bool sent = false;  ///< a part of it may have reached the peer
    Failure failure;
    /// Of the response, after its header; null on failure and if unanswered. See lend_bodies().
    Slice body;
    Ticket ticket{nullptr, [](void*) {}};
};

/// A request that was handed to the transport, or an answer that came.
struct Traffic {
    const protocol::MessageInfo* info = nullptr;  ///< of the request
    std::int16_t version = 0;
    bool answer = false;
    std::size_t bytes = 0;
    Time::duration took{};  ///< of an answer: since its request was handed over
};

/// A request lives waiting -> staged -> written -> done: it is staged while its bytes are handed
/// to the transport. One that is cancelled or times out before it is staged was never sent. After
/// that it is abandoned: completed at once, its answer read and dropped, the connection unharmed.
/// The broker answers in the order of the requests; any other correlation id ends the connection.
/// Not thread-safe.
class ConnCore {
public:
    struct Counters {
        std::uint64_t requests = 0;   ///< staged
        std::uint64_t responses = 0;  ///< received, dropped ones included
        std::uint64_t bytes_out = 0;  ///< written in full
        std::uint64_t bytes_in = 0;
        std::uint64_t timed_out = 0;
        std::uint64_t cancelled = 0;
        std::uint64_t dropped = 0;  ///< answers to abandoned requests
        std::uint64_t failed = 0;   ///< requests that the connection's end took along
    };

    explicit ConnCore(ConnLimits limits = {});

    /// Queues a request; it may complete at once, with a failure.
    void submit(Outgoing&& request);
    /// submit() and stage(), for less where nothing stands in the way.
    [[nodiscard]] bool submit_and_stage(Outgoing&& request, Time now);
    /// The same for what the connection needs itself: goes out before what waits, parked or not,
    /// and beyond max_in_flight.
    void submit_first(Outgoing&& request);
    /// Holds back what was submitted, until park(false): the connection authenticates anew, and the
    /// broker takes nothing else meanwhile (KIP-368). What is in flight is answered before.
    void park(bool parked) noexcept { parked_ = parked; }
    /// Completes a request with std::errc::operation_canceled, if it is still here. With
    /// `only_unsent`, leaves alone what may have reached the peer.
    void cancel(std::uint64_t id, bool only_unsent = false);
    /// Bodies may come without an owner, good until read_space() is called, where nothing that is
    /// decoded from them keeps a part: whoever takes completions decodes at once.
    void lend_bodies() noexcept { lend_bodies_ = true; }
    /// Where the memory of written requests goes; must outlive this object.
    void set_pool(FramePool& pool) noexcept { pool_ = &pool; }
    /// The opening is over: max_frame holds from now on.
    void set_open() noexcept { reader_.set_max_frame(limits_.max_frame); }

    /// Puts the requests that may go out on the wire next into pieces(). False: nothing to write,
    /// or the last write is not done yet.
    [[nodiscard]] bool stage(Time now);
    /// The bytes of the current write, in order. They stay where they are until on_written(), or
    /// until this object is destroyed.
    [[nodiscard]] std::span<const std::span<const std::uint8_t>> pieces() const noexcept {
        return pieces_;
    }
    /// The whole of pieces() is written.
    void on_written(Time now);

    [[nodiscard]] std::span<std::uint8_t> read_space() { return reader_.space(); }
    /// `count` bytes were read into the start of read_space().
    void on_read(std::size_t count, Time now);
    /// The peer closed the connection; `hint` goes to the end of the failure's detail.
    void on_eof(std::string_view hint = {});
    /// Ends the connection: everything that is not done completes with `failure`. The first
    /// failure counts. Nothing is written or accepted afterwards.
    void fail(Failure failure);

    /// The broker asked for a pause (throttleTimeMs of a response); out of range is cut.
    void on_throttle(std::int32_t milliseconds, Time now);
    /// Something may have to be done at this time: on_time().
    [[nodiscard]] Time next_deadline() const noexcept;
    void on_time(Time now);

    /// From now on, note what goes out and comes in; whoever asks for it clears it.
    void note_traffic() noexcept { note_traffic_ = true; }
    [[nodiscard]] std::vector<Traffic>& traffic() noexcept { return traffic_; }

    /// The next request that is done; none if there is none. In order of completion.
    [[nodiscard]] std::optional<Completion> take();

    [[nodiscard]] bool failed() const noexcept { return static_cast<bool>(failure_); }
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
    /// stage() may have something to do.
    [[nodiscard]] bool unsent() const noexcept { return !waiting_.empty() || !first_.empty(); }
    /// On the wire, abandoned ones included.
    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.size(); }
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }
    /// When everything in flight has been answered or given up, at the latest.
    [[nodiscard]] Time drained_by(Time now) const noexcept;
    /// Requests that somebody waits for.
    [[nodiscard]] std::size_t wanted() const noexcept;
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

private:
    // On the wire: staged, then written. Its bytes are in writing_ as long as they are needed.
    struct Entry {
        std::uint64_t id;
        const protocol::MessageInfo* info;
        std::int32_t correlation;
        std::int16_t version;
        bool answered;
        bool written = false;
        bool abandoned = false;
        Time deadline;
        Time staged;
        Ticket ticket;
    };

    void done(Entry& entry, Failure failure, Slice body);
    void done(Outgoing& request, Failure failure);
    void abandon(Entry& entry, Failure failure);
    void stage_one(Outgoing&& request, Time now);
    void on_frame(const Slice& frame, Time now);
    [[nodiscard]] Time silent_until() const noexcept;
    [[nodiscard]] bool throttled() const noexcept { return throttled_until_ != Time{}; }

    const ConnLimits limits_;
    FrameReader reader_;
    Ring<Outgoing> first_;  // before waiting_
    Ring<Outgoing> waiting_;
    Ring<Entry> in_flight_;
    std::deque<protocol::Gather> writing_;  // a deque: pieces_ points into them
    std::vector<std::span<const std::uint8_t>> pieces_;
    Ring<Completion> completions_;
    std::size_t waiting_bytes_ = 0;
    std::size_t writing_bytes_ = 0;
    std::int32_t next_correlation_ = 0;
    bool parked_ = false;
    bool lend_bodies_ = false;
    FramePool* pool_ = nullptr;
    Time earliest_ = never;   // no deadline is before it; it may be too early
    Time throttled_until_{};  // the clock's zero: not throttled
    Time last_progress_{};    // the peer took or sent something, or had nothing to do
    Failure failure_;
    Counters counters_;
    bool note_traffic_ = false;
    std::vector<Traffic> traffic_;
};

}  // namespace kafka::core
