// SPDX-License-Identifier: Apache-2.0
#include "testing/broker_core.hpp"

#include <algorithm>
#include <array>

#include "testing/barrier_state.hpp"
#include "testing/exchange.hpp"
#include "testing/handlers.hpp"
#include "testing/parked_fetch.hpp"
#include "testing/sasl_server.hpp"

namespace kafka::testing {
namespace {

// A request's header begins with its API key, version and correlation id, in every version.
constexpr std::size_t fixed_header = 8;

std::int16_t read_int16(const Slice& from, std::size_t at) {
    return static_cast<std::int16_t>((from.data()[at] << 8) | from.data()[at + 1]);
}

}  // namespace

Connection::Connection() = default;
Connection::~Connection() = default;

BrokerCore::BrokerCore(const BrokerOptions& options) : cluster_(options) {
    const auto served = served_apis();
    apis_.assign(served.begin(), served.end());
    counts_.resize(apis_.size());
    for (std::size_t i = 0; i < cluster_.nodes().size(); ++i) {
        sessions_.emplace_back(options.fetch_sessions, cluster_.random().next());
    }
    if (options.sasl) {
        sasl_ = std::make_unique<SaslServer>(*options.sasl, cluster_.random().next());
    }
    record(options.record_history);
}
BrokerCore::~BrokerCore() = default;

std::span<const ServedApi> BrokerCore::apis() const noexcept {
    return apis_;
}

void BrokerCore::disconnected(ConnectionId id) {
    const auto at = connections_.find(id);
    if (at == connections_.end()) return;
    forget_parked(at->second);
    if (const auto& exchange = at->second.exchange; exchange && exchange->barrier) {
        exchange->barrier->leave();
        at_barriers_.erase(id);
    }
    connections_.erase(at);
}

bool BrokerCore::paused(const Connection& connection) const noexcept {
    const auto* node = cluster_.node(connection.broker);
    return node && node->paused;
}

bool BrokerCore::busy(ConnectionId id) const {
    const auto at = connections_.find(id);
    if (at == connections_.end()) return false;
    const auto& connection = at->second;
    return connection.occupied() || !connection.requests.empty() || paused(connection);
}

void BrokerCore::receive(ConnectionId id, Slice frame, Now now, std::size_t behind) {
    const auto at = connections_.find(id);
    if (at == connections_.end() || at->second.closing) return;
    at->second.requests.push_back(std::move(frame));
    at->second.behind = behind;
    ready_.push_back(id);
    run(now);
}

Time BrokerCore::next_deadline() const {
    const auto next = deadlines_.empty() ? never : deadlines_.begin()->first;
    return std::min(next, cluster_.transactions().next_deadline());
}

void BrokerCore::on_time(Now now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now.time) {
        cluster_.woken.push_back(deadlines_.begin()->second);
        deadlines_.erase(deadlines_.begin());
    }
    cluster_.woken.insert(cluster_.woken.end(), at_barriers_.begin(), at_barriers_.end());
    run(now);
}

// A request may complete fetches that wait on other connections, which then have their own next
// requests: done one after the other, not by recursion.
void BrokerCore::run(Now now) {
    cluster_.transactions().on_time(now);
    for (;;) {
        for (const auto id : std::exchange(cluster_.woken, {})) {
            const auto at = connections_.find(id);
            if (at != connections_.end()) wake(at->second, now);
        }
        if (ready_.empty()) return;
        const auto at = connections_.find(ready_.front());
        if (at == connections_.end() || at->second.occupied() || at->second.requests.empty() ||
            paused(at->second)) {
            ready_.erase(ready_.begin());
            continue;
        }
        auto& connection = at->second;
        auto frame = std::move(connection.requests.front());
        connection.requests.pop_front();
        if (!connection.closing) handle(connection, std::move(frame), now);
    }
}

// Whatever its time has come for.
void BrokerCore::wake(Connection& connection, Now now) {
    if (connection.closing || paused(connection)) return;
    if (connection.ends <= now.time) return end(connection, connection.ending);
    if (connection.reads_again <= now.time) {
        connection.reads_again = never;
        act(connection.id, Action::Kind::read_on);
    }
    flush(connection, now);
    if (connection.parked) {
        unpark(connection, now);
    } else if (connection.exchange && !connection.closing) {
        proceed(connection, now);
    }
}

void BrokerCore::handle(Connection& connection, Slice frame, Now now) {
    if (connection.sasl && takes_token(connection, frame, now)) return;
    if (frame.size() < fixed_header) return close(connection, "request without a header");
    const auto key = read_int16(frame, 0);
    const auto version = read_int16(frame, 2);
    const auto api = std::find_if(apis_.begin(), apis_.end(), [&](const ServedApi& served) {
        return served.request->api_key == key;
    });
    if (api == apis_.end()) {
        return close(connection, "request of an API that is not served",
                     "key " + std::to_string(key));
    }
    protocol::RequestHeader header;
    std::size_t used = 0;
    if (auto failure = protocol::decode(protocol::RequestHeader::info, &header,
                                        protocol::request_header_version(*api->request, version),
                                        frame, {}, used)) {
        return close(connection, "malformed request header", failure.detail);
    }
    if (connection.sasl && !admit(connection, key, header.correlation_id, version, now)) return;
    ++counts_[static_cast<std::size_t>(api - apis_.begin())];
    Call call{*this, cluster_, connection, version, header.correlation_id, now};
    if (!api->versions.contains(version)) {
        if (api->request->api_key == protocol::ApiVersionsRequest::info.api_key) {
            return refuse_api_versions(call);
        }
        return close(connection, "request of a version that is not served",
                     std::string(api->request->api) + " v" + std::to_string(version));
    }
    if (watching_) [[unlikely]]
        return watch(connection, *api, std::move(header), frame.part(used), now);
    api->run(call, frame.part(used));
}

Failure BrokerCore::encode(const protocol::MessageInfo& info, const void* response, int version,
                           std::int32_t correlation_id, protocol::Gather& out) {
    constexpr std::array<std::uint8_t, 4> length{};
    out.own().append(length);
    protocol::ResponseHeader header;
    header.correlation_id = correlation_id;
    auto failure = protocol::encode(header, protocol::response_header_version(info, version), out);
    if (!failure) failure = protocol::encode(info, response, version, out);
    if (failure) return failure;
    auto left = out.size() - length.size();
    for (std::size_t i = length.size(); i-- > 0; left >>= 8) {
        out.own()[i] = static_cast<std::uint8_t>(left);
    }
    return {};
}

void BrokerCore::answer(Connection& connection, std::int32_t correlation_id,
                        const protocol::MessageInfo& info, void* response, int version, Now now) {
    if (connection.exchange) return answer_watched(connection, info, response, now);
    Action action{.connection = connection.id};
    if (auto failure = encode(info, response, version, correlation_id, action.frame)) {
        return close(connection, "cannot encode an answer", failure.message());
    }
    // Rules that are gone may have left bytes behind.
    if (!connection.outbox.empty()) {
        WireStep step;
        step.bytes = action.frame.flat().release();
        return enqueue(connection, {std::move(step)}, now);
    }
    actions_.push_back(std::move(action));
}

void BrokerCore::close(Connection& connection, std::string_view why, std::string detail) {
    if (connection.closing) return;
    end(connection, Ending::close);
    log(connection, why, std::move(detail));
}

void BrokerCore::close_after_answer(Connection& connection) {
    if (connection.exchange) {
        connection.exchange->ends_connection = true;
    } else {
        end(connection, Ending::close);
    }
}

void BrokerCore::log(const Connection& connection, std::string_view what, std::string detail) {
    const auto& sink = cluster_.options().log;
    if (!sink) return;
    const std::array<LogField, 2> fields{
        LogField{"broker", std::to_string(connection.broker)},
        LogField{"detail", std::move(detail)},
    };
    sink({LogLevel::warning, "broker", what, fields});
}

// Kafka sends what it has answered before it closes a connection.
void BrokerCore::end(Connection& connection, Ending ending) {
    if (std::exchange(connection.closing, true)) return;
    connection.requests.clear();
    act(connection.id, ending == Ending::close ? Action::Kind::close : Action::Kind::reset);
}

void BrokerCore::act(ConnectionId id, Action::Kind kind) {
    Action action;
    action.connection = id;
    action.kind = kind;
    actions_.push_back(std::move(action));
}

void BrokerCore::park(Connection& connection, std::unique_ptr<ParkedFetch> fetch) {
    deadlines_.emplace(fetch->deadline, connection.id);
    for (auto* partition : fetch->partitions(cluster_)) {
        partition->waiting.push_back(connection.id);
    }
    connection.parked = std::move(fetch);
}

void BrokerCore::unpark(Connection& connection, Now now) {
    if (!connection.parked->complete(*this, connection, now)) return;
    forget_parked(connection);
    if (connection.exchange) {
        proceed(connection, now);
    } else {
        ready_.push_back(connection.id);
    }
}

void BrokerCore::forget_deadline(Time time, ConnectionId id) {
    const auto at = deadlines_.find({time, id});
    if (at != deadlines_.end()) deadlines_.erase(at);
}

void BrokerCore::forget_parked(Connection& connection) {
    if (!connection.parked) return;
    forget_deadline(connection.parked->deadline, connection.id);
    for (auto* partition : connection.parked->partitions(cluster_)) {
        std::erase(partition->waiting, connection.id);
    }
    connection.parked.reset();
}

}  // namespace kafka::testing
