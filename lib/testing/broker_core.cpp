// SPDX-License-Identifier: Apache-2.0
#include "testing/broker_core.hpp"

#include <algorithm>
#include <array>

#include "testing/handlers.hpp"
#include "testing/parked_fetch.hpp"

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
    for (std::size_t i = 0; i < cluster_.nodes().size(); ++i) {
        sessions_.emplace_back(options.fetch_sessions, cluster_.random().next());
    }
}
BrokerCore::~BrokerCore() = default;

void BrokerCore::connected(ConnectionId id, std::int32_t broker_id) {
    auto& connection = connections_[id];
    connection.id = id;
    connection.broker = broker_id;
}

void BrokerCore::disconnected(ConnectionId id) {
    const auto at = connections_.find(id);
    if (at == connections_.end()) return;
    forget_parked(at->second);
    connections_.erase(at);
}

bool BrokerCore::busy(ConnectionId id) const {
    const auto at = connections_.find(id);
    return at != connections_.end() && (at->second.parked || !at->second.requests.empty());
}

void BrokerCore::receive(ConnectionId id, Slice frame, Now now) {
    const auto at = connections_.find(id);
    if (at == connections_.end() || at->second.closing) return;
    at->second.requests.push_back(std::move(frame));
    ready_.push_back(id);
    run(now);
}

Time BrokerCore::next_deadline() const {
    return deadlines_.empty() ? never : deadlines_.begin()->first;
}

void BrokerCore::on_time(Now now) {
    for (const auto& [deadline, id] : deadlines_) {
        if (deadline > now.time) break;
        cluster_.woken.push_back(id);
    }
    run(now);
}

// A request may complete fetches that wait on other connections, which then have their own next
// requests: done one after the other, not by recursion.
void BrokerCore::run(Now now) {
    for (;;) {
        for (const auto id : std::exchange(cluster_.woken, {})) {
            const auto at = connections_.find(id);
            if (at != connections_.end() && at->second.parked) unpark(at->second, now);
        }
        if (ready_.empty()) return;
        const auto at = connections_.find(ready_.front());
        if (at == connections_.end() || at->second.parked || at->second.requests.empty()) {
            ready_.erase(ready_.begin());
            continue;
        }
        auto& connection = at->second;
        auto frame = std::move(connection.requests.front());
        connection.requests.pop_front();
        if (!connection.closing) handle(connection, std::move(frame), now);
    }
}

void BrokerCore::handle(Connection& connection, Slice frame, Now now) {
    if (frame.size() < fixed_header) return close(connection, "request without a header");
    const auto key = read_int16(frame, 0);
    const auto version = read_int16(frame, 2);
    const auto apis = served_apis();
    const auto api = std::find_if(apis.begin(), apis.end(), [&](const ServedApi& served) {
        return served.request.api_key == key;
    });
    if (api == apis.end()) {
        return close(connection, "request of an API that is not served",
                     "key " + std::to_string(key));
    }
    protocol::RequestHeader header;
    std::size_t used = 0;
    if (auto failure = protocol::decode(protocol::RequestHeader::info, &header,
                                        protocol::request_header_version(api->request, version),
                                        frame, {}, used)) {
        return close(connection, "malformed request header", failure.detail);
    }
    Call call{*this, cluster_, connection, version, header.correlation_id, now};
    if (!api->versions.contains(version)) {
        if (api->request.api_key == protocol::ApiVersionsRequest::info.api_key) {
            return refuse_api_versions(call);
        }
        return close(connection, "request of a version that is not served",
                     std::string(api->request.api) + " v" + std::to_string(version));
    }
    api->run(call, frame.part(used));
}

void BrokerCore::answer(Connection& connection, std::int32_t correlation_id,
                        const protocol::MessageInfo& info, const void* response, int version) {
    Action action{.connection = connection.id, .close = false, .frame = {}};
    constexpr std::array<std::uint8_t, 4> length{};
    action.frame.own().append(length);
    protocol::ResponseHeader header;
    header.correlation_id = correlation_id;
    auto failure =
        protocol::encode(header, protocol::response_header_version(info, version), action.frame);
    if (!failure) failure = protocol::encode(info, response, version, action.frame);
    if (failure) return close(connection, "cannot encode an answer", failure.message());
    auto left = action.frame.size() - length.size();
    for (std::size_t i = length.size(); i-- > 0; left >>= 8) {
        action.frame.own()[i] = static_cast<std::uint8_t>(left);
    }
    actions_.push_back(std::move(action));
}

void BrokerCore::close(Connection& connection, std::string_view why, std::string detail) {
    if (std::exchange(connection.closing, true)) return;
    connection.requests.clear();
    actions_.push_back({.connection = connection.id, .close = true, .frame = {}});
    if (const auto& log = cluster_.options().log) {
        const std::array<LogField, 2> fields{
            LogField{"broker", std::to_string(connection.broker)},
            LogField{"detail", std::move(detail)},
        };
        log({LogLevel::warning, "broker", why, fields});
    }
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
    ready_.push_back(connection.id);
}

void BrokerCore::forget_parked(Connection& connection) {
    if (!connection.parked) return;
    deadlines_.erase({connection.parked->deadline, connection.id});
    for (auto* partition : connection.parked->partitions(cluster_)) {
        std::erase(partition->waiting, connection.id);
    }
    connection.parked.reset();
}

}  // namespace kafka::testing
