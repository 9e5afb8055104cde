// SPDX-License-Identifier: Apache-2.0
#include "testing/simulation.hpp"

#include <algorithm>
#include <utility>

#include "base/crc32c.hpp"

namespace kafka::testing {
namespace {

constexpr std::uint16_t first_port = 9092;
constexpr std::int64_t first_wall_ms = 1'700'000'000'000;

std::error_code reset_by_peer() {
    return std::make_error_code(std::errc::connection_reset);
}
std::error_code refused() {
    return std::make_error_code(std::errc::connection_refused);
}

BrokerOptions with_ports(SimulationOptions& options) {
    auto brokers = options.brokers;
    brokers.seed = options.seed;
    brokers.ports.clear();
    for (int i = 0; i < brokers.brokers; ++i)
        brokers.ports.push_back(static_cast<std::uint16_t>(first_port + i));
    return brokers;
}

}  // namespace

struct Simulation::Stream {
    Stream(StreamId stream, SimulatedClient& owner, std::int32_t to, std::size_t max_frame)
        : id(stream), client(&owner), broker(to), cutter(max_frame) {}

    StreamId id;
    SimulatedClient* client;  // null when it has closed
    std::int32_t broker;
    bool connected = false;
    bool broker_open = false;                 // the core knows it
    bool ended = false;                       // the client was told of the end
    bool lost_up = false, lost_down = false;  // a piece is lost: nothing arrives behind it
    bool feeding = false;
    bool stopped = false;  // the broker reads nothing
    std::size_t readable = SIZE_MAX;
    Ending ending = Ending::close;
    Time up{}, down{};  // when the last bytes arrive
    FrameCutter cutter;
    std::deque<std::vector<std::uint8_t>> unread;  // arrived while the broker did not read
    std::deque<Slice> requests;
};

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)), random_(options_.seed), core_(with_ports(options_)) {
    for (auto& node : core_.cluster().nodes())
        node.bound = node.port;
    for (const auto& topic : options_.brokers.topics) {
        NewTopic wanted{.name = topic.name, .partitions = topic.partitions};
        if (topic.replication_factor != 0) wanted.replication_factor = topic.replication_factor;
        for (const auto& [name, value] : topic.configs)
            wanted.configs.emplace_back(name, value);
        std::unique_ptr<Topic> unused;
        static_cast<void>(core_.cluster().create(wanted, false, unused, nullptr));
    }
    schedule_pause();
    schedule_shuffle();
}

Simulation::~Simulation() = default;

Now Simulation::core_now() const noexcept {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - Time{});
    return {now_, first_wall_ms + since.count()};
}

std::string Simulation::host(std::int32_t broker_id) const {
    const auto* node = const_cast<BrokerCore&>(core_).cluster().node(broker_id);
    return node ? node->host : std::string();
}

std::uint16_t Simulation::port(std::int32_t broker_id) const {
    return static_cast<std::uint16_t>(first_port + broker_id - 1);
}

bool Simulation::happens(double chance) {
    if (chance <= 0 || healed_) return false;
    return static_cast<double>(random_.next() >> 11) * 0x1p-53 < chance;
}

void Simulation::at(Time time, std::function<void()> call) {
    events_to_come_.push_back({time, ++last_event_, std::move(call)});
    std::push_heap(events_to_come_.begin(), events_to_come_.end(), Later());
}

void Simulation::after(std::chrono::milliseconds time, std::function<void()> call) {
    at(now_ + time, std::move(call));
}

// Bytes of one direction stay in order.
Time Simulation::arrival(Time& last) {
    const auto range = std::chrono::duration_cast<std::chrono::microseconds>(options_.most_latency -
                                                                             options_.least_latency)
                           .count();
    const auto extra = range > 0 ? random_.next() % static_cast<std::uint64_t>(range + 1) : 0;
    const auto time =
        now_ + options_.least_latency + std::chrono::microseconds(static_cast<std::int64_t>(extra));
    last = std::max(last, time);
    return last;
}

void Simulation::note(const char* what, StreamId stream, std::span<const std::uint8_t> bytes) {
    ++events_;
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(now_ - Time{}).count();
    auto line = std::to_string(time) + "us " + std::to_string(stream) + ' ' + what;
    if (!bytes.empty()) {
        line += ' ' + std::to_string(bytes.size()) + ' ' + std::to_string(crc32c(bytes));
    }
    for (const char c : line)
        trace_hash_ = (trace_hash_ ^ static_cast<std::uint8_t>(c)) * 1099511628211U;
    if (options_.keep_trace) trace_.push_back(std::move(line));
}

Simulation::Stream* Simulation::find(StreamId id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
}

StreamId Simulation::connect(SimulatedClient& client, std::string_view host, std::uint16_t port) {
    const auto id = ++last_stream_;
    std::int32_t broker = -1;
    for (const auto& node : core_.cluster().nodes()) {
        if (node.bound == port && node.host == host) broker = node.id;
    }
    auto& stream = *(streams_[id] = std::make_unique<Stream>(
                         id, client, broker, core_.cluster().options().max_request_bytes));
    const bool fails = happens(options_.refuse_chance);
    at(arrival(stream.up), [this, id, fails] {
        auto* found = find(id);
        if (!found || !found->client) return;
        const auto* node = core_.cluster().node(found->broker);
        const bool there = node && node->alive && !fails;
        note(there ? "connected" : "refused", id);
        if (there) {
            found->connected = found->broker_open = true;
            core_.connected(id, found->broker, core_now());
            act();
            found = find(id);
            if (!found || !found->client) return;
        } else {
            found->ended = true;
        }
        auto* told = found->client;
        if (!there) streams_.erase(id);
        told->on_connected(id, there ? std::error_code() : refused());
    });
    return id;
}

void Simulation::send(StreamId id, std::span<const std::uint8_t> bytes) {
    if (!bytes.empty()) deliver(id, true, {bytes.begin(), bytes.end()});
}

void Simulation::deliver(StreamId id, bool to_broker, std::vector<std::uint8_t> bytes) {
    auto* stream = find(id);
    if (!stream || stream->ended) return;
    auto& gone = to_broker ? stream->lost_up : stream->lost_down;
    if (gone) return;
    for (std::size_t from = 0; from < bytes.size();) {
        auto count = bytes.size() - from;
        if (options_.largest_piece > 0 && !healed_) {
            const auto wanted =
                1 + static_cast<std::size_t>(random_.next() % options_.largest_piece);
            count = std::min(count, wanted);
        }
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
        std::vector<std::uint8_t> piece(begin, begin + static_cast<std::ptrdiff_t>(count));
        from += count;
        const bool lost = happens(options_.reset_chance);
        at(arrival(to_broker ? stream->up : stream->down),
           [this, id, to_broker, lost, piece = std::move(piece)] {
               if (lost) return break_off(id);
               to_broker ? arrive_at_broker(id, piece) : arrive_at_client(id, piece);
           });
        gone = lost;
        if (lost) return;
    }
}

void Simulation::arrive_at_broker(StreamId id, std::span<const std::uint8_t> bytes) {
    auto* stream = find(id);
    if (!stream || !stream->broker_open) return;
    note(">", id, bytes);
    stream->unread.emplace_back(bytes.begin(), bytes.end());
    feed(*stream);
    act();
}

// What the shell does with a socket.
void Simulation::feed(Stream& stream) {
    if (std::exchange(stream.feeding, true)) return;
    const auto id = stream.id;
    for (;;) {
        auto* same = find(id);
        if (!same || !same->broker_open || same->stopped || core_.busy(id)) break;
        if (!same->requests.empty()) {
            auto frame = std::move(same->requests.front());
            same->requests.pop_front();
            core_.receive(id, std::move(frame), core_now(), same->requests.size());
            act();
            continue;
        }
        if (same->unread.empty()) break;
        auto bytes = std::move(same->unread.front());
        same->unread.pop_front();
        const auto count = std::min(bytes.size(), same->readable);
        for (std::size_t from = 0; from < count;) {
            const auto space = same->cutter.space();
            const auto part = std::min(space.size(), count - from);
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), part, space.begin());
            from += part;
            if (same->cutter.took(part, same->requests).empty()) continue;
            break_off(id);
            return;
        }
        if (same->readable != SIZE_MAX) same->readable -= count;
        if (same->readable == 0) {
            break_off(id);
            return;
        }
    }
    if (auto* same = find(id)) same->feeding = false;
}

void Simulation::arrive_at_client(StreamId id, std::span<const std::uint8_t> bytes) {
    auto* stream = find(id);
    if (!stream || !stream->client || stream->ended) return;
    note("<", id, bytes);
    stream->client->on_bytes(id, bytes);
}

// Both sides lose the connection; the client hears of it when what is on its way has come.
void Simulation::break_off(StreamId id) {
    auto* stream = find(id);
    if (!stream) return;
    note("reset", id);
    if (std::exchange(stream->broker_open, false)) core_.disconnected(id);
    at(arrival(stream->down), [this, id] { hear_of_end(id, reset_by_peer()); });
}

void Simulation::hear_of_end(StreamId id, const std::error_code& error) {
    auto* stream = find(id);
    if (!stream) return;
    auto* client = stream->client;
    if (std::exchange(stream->ended, true)) client = nullptr;
    const bool over = !stream->broker_open;
    note("end", id);
    if (over) streams_.erase(id);
    if (client) client->on_closed(id, error);
}

void Simulation::close(StreamId id) {
    auto* stream = find(id);
    if (!stream) return;
    stream->client = nullptr;
    note("close", id);
    at(arrival(stream->up), [this, id] {
        auto* found = find(id);
        if (!found) return;
        if (std::exchange(found->broker_open, false)) core_.disconnected(id);
        streams_.erase(id);
    });
}

void Simulation::act() {
    for (auto& action : core_.take_actions()) {
        if (auto* stream = find(action.connection)) act_on(*stream, action);
    }
}

void Simulation::act_on(Stream& stream, Action& action) {
    using Kind = Action::Kind;
    const auto id = stream.id;
    if (!stream.broker_open) return;
    switch (action.kind) {
        case Kind::send: {
            const auto flat = action.frame.flat();
            return deliver(id, false, {flat.bytes().begin(), flat.bytes().end()});
        }
        case Kind::reset:
            return break_off(id);
        case Kind::close:
        case Kind::half_close:
            note("fin", id);
            if (action.kind == Kind::close) {
                stream.broker_open = false;
                core_.disconnected(id);
            }
            at(arrival(stream.down), [this, id] { hear_of_end(id, {}); });
            return;
        case Kind::stop_reading:
            stream.stopped = true;
            return;
        case Kind::read_on:
            stream.stopped = false;
            return feed(stream);
        case Kind::next:
            return feed(stream);
        case Kind::limit_reads:
            stream.readable = action.count;
            if (action.count == 0) break_off(id);
            return;
    }
}

void Simulation::wake_at(SimulatedClient& client, Time time) {
    const auto found = std::find_if(wishes_.begin(), wishes_.end(),
                                    [&](const Wish& wish) { return wish.client == &client; });
    if (found != wishes_.end()) {
        found->time = time;
    } else {
        wishes_.push_back({&client, time});
    }
}

void Simulation::forget(SimulatedClient& client) {
    std::erase_if(wishes_, [&](const Wish& wish) { return wish.client == &client; });
    std::vector<StreamId> open;
    for (const auto& [id, stream] : streams_) {
        if (stream->client == &client) open.push_back(id);
    }
    for (const auto id : open)
        close(id);
}

void Simulation::stop_broker(std::int32_t id, Ending ending) {
    note("stop", static_cast<StreamId>(id));
    static_cast<void>(core_.kill(id, ending));
    changed();
}

void Simulation::start_broker(std::int32_t id) {
    note("start", static_cast<StreamId>(id));
    static_cast<void>(core_.restart(id));
    changed();
}

void Simulation::changed() {
    core_.on_time(core_now());
    act();
}

void Simulation::schedule_pause() {
    if (options_.pause_every.count() <= 0) return;
    const auto span = static_cast<std::uint64_t>(options_.pause_every.count());
    after(std::chrono::milliseconds(1 + random_.next() % (2 * span)), [this] {
        if (healed_) return;
        const auto& nodes = core_.cluster().nodes();
        const auto broker = nodes[random_.next() % nodes.size()].id;
        const auto longest = static_cast<std::uint64_t>(options_.longest_pause.count());
        const std::chrono::milliseconds time(1 +
                                             random_.next() % std::max<std::uint64_t>(longest, 1));
        note("pause", static_cast<StreamId>(broker));
        static_cast<void>(core_.pause(broker));
        after(time, [this, broker] {
            note("go on", static_cast<StreamId>(broker));
            static_cast<void>(core_.resume(broker, core_now()));
            act();
        });
        schedule_pause();
    });
}

void Simulation::schedule_shuffle() {
    if (options_.shuffle_every.count() <= 0) return;
    const auto span = static_cast<std::uint64_t>(options_.shuffle_every.count());
    after(std::chrono::milliseconds(1 + random_.next() % (2 * span)), [this] {
        if (healed_) return;
        note("shuffle", 0);
        core_.cluster().shuffle_leaders();
        changed();
        schedule_shuffle();
    });
}

void Simulation::heal() {
    healed_ = true;
    note("heal", 0);
}

bool Simulation::step() {
    const auto event = events_to_come_.empty() ? never : events_to_come_.front().time;
    const auto broker = core_.next_deadline();
    auto wish = never;
    SimulatedClient* wisher = nullptr;
    for (const auto& one : wishes_) {
        if (one.time < wish) {
            wish = one.time;
            wisher = one.client;
        }
    }
    const auto next = std::min({event, broker, wish});
    if (next == never) return false;
    now_ = std::max(now_, next);
    if (next == event) {
        std::pop_heap(events_to_come_.begin(), events_to_come_.end(), Later());
        const auto call = std::move(events_to_come_.back().call);
        events_to_come_.pop_back();
        call();
    } else if (next == broker) {
        changed();
    } else {
        wake_at(*wisher, never);
        wisher->on_time();
    }
    return true;
}

bool Simulation::run_until(const std::function<bool()>& done, std::chrono::milliseconds at_most) {
    const auto end = now_ + at_most;
    while (!done()) {
        if (now_ >= end || !step()) return done();
    }
    return true;
}

void Simulation::run_for(std::chrono::milliseconds time) {
    const auto end = now_ + time;
    bool over = false;
    at(end, [&] { over = true; });
    while (!over && step()) {
    }
}

}  // namespace kafka::testing
