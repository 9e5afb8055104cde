// SPDX-License-Identifier: Apache-2.0
// Simulation: client cores and the brokers' core in one thread, over streams in memory, with a
// clock that only moves when nothing else is left to do. One seed makes every choice, so that a
// run can be repeated.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <kafka/testing/broker_options.hpp>

#include "testing/broker_core.hpp"
#include "testing/frame_cutter.hpp"
#include "testing/seeded_random.hpp"

namespace kafka::testing {

/// What the network and the brokers do by themselves. Chances are from 0 to 1.
struct SimulationOptions {
    std::uint64_t seed = 1;
    BrokerOptions brokers = {};
    /// How long bytes are on their way, in each direction. Connections overtake each other.
    std::chrono::milliseconds least_latency{0};
    std::chrono::milliseconds most_latency{5};
    /// Bytes arrive in pieces of 1 to so many; 0: as they were sent.
    std::size_t largest_piece = 0;
    /// That a piece is lost, and its connection with it: the peer has got what came before.
    double reset_chance = 0;
    /// That a connection cannot be made.
    double refuse_chance = 0;
    /// About every so often a broker stops for up to `longest_pause`; zero: never.
    std::chrono::milliseconds pause_every{0};
    std::chrono::milliseconds longest_pause{200};
    /// About every so often all partitions get other leaders; zero: never.
    std::chrono::milliseconds shuffle_every{0};
    /// Keeps a line for each event. trace_hash() is there without it.
    bool keep_trace = false;
};

using StreamId = ConnectionId;

/// The driver of a client's core. Called by the simulation only, never from inside its own calls.
class SimulatedClient {
public:
    virtual ~SimulatedClient() = default;
    /// The end of a connect(), which failed if there is an error.
    virtual void on_connected(StreamId stream, const std::error_code& error) = 0;
    virtual void on_bytes(StreamId stream, std::span<const std::uint8_t> bytes) = 0;
    /// The peer sends no more; without an error it closed the stream in order. Nothing follows.
    virtual void on_closed(StreamId stream, const std::error_code& error) = 0;
    /// The time that wake_at() said.
    virtual void on_time() = 0;
};

class Simulation {
public:
    explicit Simulation(SimulationOptions options);
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
    ~Simulation();

    [[nodiscard]] Time now() const noexcept { return now_; }
    [[nodiscard]] Now core_now() const noexcept;
    [[nodiscard]] BrokerCore& brokers() noexcept { return core_; }
    [[nodiscard]] SeededRandom& random() noexcept { return random_; }
    /// Where a broker listens.
    [[nodiscard]] std::string host(std::int32_t broker_id) const;
    [[nodiscard]] std::uint16_t port(std::int32_t broker_id) const;

    // A client's side. Nothing is answered before these return.

    /// on_connected() follows.
    StreamId connect(SimulatedClient& client, std::string_view host, std::uint16_t port);
    void send(StreamId stream, std::span<const std::uint8_t> bytes);
    /// Nothing of the stream is reported any more.
    void close(StreamId stream);
    /// on_time() then, instead of at an earlier wish; `never` takes the wish back.
    void wake_at(SimulatedClient& client, Time time);
    /// Before the client is destroyed.
    void forget(SimulatedClient& client);

    // The test's side.

    void after(std::chrono::milliseconds time, std::function<void()> call);
    /// The broker's process is gone, or is there again.
    void stop_broker(std::int32_t id, Ending ending = Ending::reset);
    void start_broker(std::int32_t id);
    /// After a change of the core from outside, such as a rule or a barrier's release.
    void changed();

    /// The next event; false if nothing will ever happen again.
    bool step();
    /// Until `done()`; false if it is not so after that much virtual time.
    bool run_until(const std::function<bool()>& done, std::chrono::milliseconds at_most);
    void run_for(std::chrono::milliseconds time);
    /// No faults of its own any more: what is under way arrives, and the brokers work.
    void heal();

    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
    /// Equal for equal runs, and hardly for others.
    [[nodiscard]] std::uint64_t trace_hash() const noexcept { return trace_hash_; }
    [[nodiscard]] const std::vector<std::string>& trace() const noexcept { return trace_; }

private:
    struct Stream;
    struct Event {
        Time time;
        std::uint64_t number;  // of events at one time the first comes first
        std::function<void()> call;
    };
    struct Later {
        bool operator()(const Event& a, const Event& b) const noexcept {
            return a.time != b.time ? a.time > b.time : a.number > b.number;
        }
    };
    struct Wish {
        SimulatedClient* client;
        Time time;
    };

    void at(Time time, std::function<void()> call);
    void note(const char* what, StreamId stream, std::span<const std::uint8_t> bytes = {});
    [[nodiscard]] bool happens(double chance);
    [[nodiscard]] Time arrival(Time& last);
    void deliver(StreamId id, bool to_broker, std::vector<std::uint8_t> bytes);
    void arrive_at_broker(StreamId id, std::span<const std::uint8_t> bytes);
    void arrive_at_client(StreamId id, std::span<const std::uint8_t> bytes);
    void feed(Stream& stream);
    void act();
    void act_on(Stream& stream, Action& action);
    void break_off(StreamId id);
    void hear_of_end(StreamId id, const std::error_code& error);
    void schedule_pause();
    void schedule_shuffle();
    [[nodiscard]] Stream* find(StreamId id);

    SimulationOptions options_;
    SeededRandom random_;
    BrokerCore core_;
    Time now_{};
    std::vector<Event> events_to_come_;  // a heap
    std::uint64_t last_event_ = 0;
    std::vector<Wish> wishes_;
    std::map<StreamId, std::unique_ptr<Stream>> streams_;
    StreamId last_stream_ = 0;
    bool healed_ = false;
    std::uint64_t events_ = 0;
    std::uint64_t trace_hash_ = 14695981039346656037U;
    std::vector<std::string> trace_;
};

}  // namespace kafka::testing
